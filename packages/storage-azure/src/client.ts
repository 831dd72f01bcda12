import type { TokenCredential } from '@azure/identity'
import type {
  AnonymousCredential,
  BlobServiceClient,
  StoragePipelineOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { type Fault, fault } from '@omni/spec'
import type { Address } from './address.ts'
import type { AzureConfig } from './options.ts'

type Sdk = typeof import('@azure/storage-blob')
type Credential = AnonymousCredential | StorageSharedKeyCredential | TokenCredential

/** The SDK's clients for one account. */
export interface Connection {
  readonly client: BlobServiceClient
  /** For the bytes of blobs, whose reader tries again by itself and goes on where it was. */
  readonly reading: BlobServiceClient
}

/** Clients for the account that the address or the options name. */
export async function connect(address: Address, options: AzureConfig): Promise<Connection> {
  const sdk = await import('@azure/storage-blob')
  const make = await maker(sdk, address, options)
  return { client: make(options.maxAttempts), reading: make(1) }
}

async function maker(
  sdk: Sdk,
  address: Address,
  options: AzureConfig,
): Promise<(maxTries: number) => BlobServiceClient> {
  const { connectionString, sasToken } = options
  const pipeline = (maxTries: number): StoragePipelineOptions => ({
    retryOptions: { maxTries, retryDelayInMs: 200, maxRetryDelayInMs: 10_000 },
  })
  if (connectionString !== undefined) {
    return (tries) => sdk.BlobServiceClient.fromConnectionString(connectionString, pipeline(tries))
  }
  const url = serviceUrl(address, options)
  const signed = sasToken === undefined ? url : `${url}?${sasToken.replace(/^\?/, '')}`
  const credential = await credentialOf(sdk, url, options)
  return (tries) => new sdk.BlobServiceClient(signed, credential, pipeline(tries))
}

function serviceUrl({ host }: Address, { endpoint, account }: AzureConfig): string {
  if (endpoint !== undefined) return endpoint.replace(/\/+$/, '')
  // The data lake's address is another door to the same blobs.
  if (host !== undefined)
    return `https://${host.includes('.') ? host.replace('.dfs.', '.blob.') : `${host}.blob.core.windows.net`}`
  if (account !== undefined) return `https://${account}.blob.core.windows.net`
  throw fault({
    kind: 'config',
    code: 'azure.account',
    why: 'Neither the address nor the options say which storage account it is.',
    fix: 'Set account, endpoint or connectionString, or write abfss://container@account.dfs.core.windows.net/path.',
  })
}

async function credentialOf(sdk: Sdk, url: string, options: AzureConfig): Promise<Credential> {
  const { accountKey, sasToken, anonymous, clientId, tenantId } = options
  if (anonymous || sasToken !== undefined) return new sdk.AnonymousCredential()
  if (accountKey !== undefined) return new sdk.StorageSharedKeyCredential(accountOf(url, options), accountKey)
  const { DefaultAzureCredential } = await import('@azure/identity').catch((cause: unknown) => {
    throw noIdentity(cause)
  })
  return new DefaultAzureCredential({
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
    ...(tenantId === undefined ? {} : { tenantId }),
  })
}

/** The name that signs requests: the option, else the host's first label, or for a host without one its path. */
function accountOf(url: string, { account }: AzureConfig): string {
  if (account !== undefined) return account
  const { hostname, pathname } = new URL(url)
  const isAddress = /^[\d.]+$|^localhost$|:/.test(hostname)
  return (isAddress ? pathname.split('/')[1] : hostname.split('.')[0]) ?? ''
}

function noIdentity(cause: unknown): Fault {
  return fault({
    kind: 'config',
    code: 'azure.identity',
    why: 'No key, SAS token or connection string is given, and @azure/identity, which finds other credentials, is not installed.',
    fix: 'Install @azure/identity, or give accountKey, sasToken, connectionString or anonymous.',
    cause,
  })
}
