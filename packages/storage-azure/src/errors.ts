import { changed, type Fault, type FaultInit, fault, isFault } from '@omni/spec'

/** What was being done, for the message. */
export interface Doing {
  readonly container: string
  readonly key?: string
}

type Row = Pick<FaultInit, 'kind' | 'code' | 'fix'> & { readonly why: (place: string) => string }

const NO_OBJECT: Row = {
  kind: 'missing',
  code: 'azure.blob',
  why: (place) => `There is no ${place}.`,
  fix: 'Check the name; upper and lower case differ.',
}
const DENIED: Row = {
  kind: 'auth',
  code: 'azure.denied',
  why: (place) => `Access to ${place} is denied.`,
  fix: "Give these credentials the rights that the README of @omni/storage-azure lists, and let this address through the account's firewall.",
}
const LOGIN: Row = {
  kind: 'auth',
  code: 'azure.login',
  why: () => 'The credentials are not valid, or have expired.',
  fix: "Check accountKey, sasToken (its end, and this machine's clock) or connectionString.",
}
const SLOW: Row = {
  kind: 'throttled',
  code: 'azure.throttled',
  why: (place) => `The store asks for fewer requests (${place}).`,
  fix: 'Run it again later, or lower concurrency.',
}
const KMS: Row = {
  kind: 'auth',
  code: 'azure.key-vault',
  why: (place) =>
    `The key of Key Vault that encrypts ${place} cannot be used: it is denied, disabled or not there.`,
  fix: "Check the key and the storage account's rights to it.",
}
const LOCKED: Row = {
  kind: 'auth',
  code: 'azure.immutable',
  why: (place) => `A policy, a hold or a lease forbids to change or remove ${place}.`,
  fix: 'Wait until it has ended, or write elsewhere.',
}
const ARCHIVED: Row = {
  kind: 'unsupported',
  code: 'azure.archived',
  why: (place) => `${place} is in the archive tier and has to be restored before it can be read.`,
  fix: 'Set its tier to Hot or Cool, wait, and run it again.',
}

/** Codes of the service: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
const BY_CODE: Readonly<Record<string, Row>> = {
  ContainerNotFound: {
    kind: 'missing',
    code: 'azure.container',
    why: (place) => `There is no container of that name (${place}).`,
    fix: 'Check the name of the container and the account.',
  },
  BlobNotFound: NO_OBJECT,
  ResourceNotFound: NO_OBJECT,
  CannotVerifyCopySource: NO_OBJECT,
  AuthenticationFailed: LOGIN,
  InvalidAuthenticationInfo: LOGIN,
  NoAuthenticationInformation: LOGIN,
  AuthorizationFailure: DENIED,
  AuthorizationPermissionMismatch: DENIED,
  AuthorizationProtocolMismatch: DENIED,
  AuthorizationResourceTypeMismatch: DENIED,
  AuthorizationServiceMismatch: DENIED,
  AuthorizationSourceIPMismatch: DENIED,
  InsufficientAccountPermissions: DENIED,
  PublicAccessNotPermitted: DENIED,
  AccountIsDisabled: DENIED,
  ServerBusy: SLOW,
  TooManyRequests: SLOW,
  BlobImmutableDueToPolicy: LOCKED,
  LeaseIdMissing: LOCKED,
  BlobArchived: ARCHIVED,
  BlobBeingRehydrated: ARCHIVED,
  KeyVaultEncryptionKeyNotFound: KMS,
  KeyVaultAccessTokenCannotBeAcquired: KMS,
  KeyVaultVaultNotFound: KMS,
}

const NETWORK = /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|EADDRNOTAVAIL|PREMATURE|REQUEST_SEND_ERROR/
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/

/** The parts of the SDK's errors that are read here. */
interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly statusCode?: number
  readonly details?: { readonly errorCode?: string }
  readonly response?: { readonly headers?: { get(name: string): string | undefined } }
}

/** Status of the answer behind an error, if there was one. */
export function statusOf(error: unknown): number | undefined {
  return (error as SdkError).statusCode
}

/** The service's own code of an error; an answer to HEAD has it in a header alone. */
export function codeOf(error: unknown): string {
  const { code, details, response } = error as SdkError
  return code ?? details?.errorCode ?? response?.headers?.get('x-ms-error-code') ?? ''
}

/** The fault for what the SDK threw. */
export function faultOf(error: unknown, { container, key }: Doing): Fault {
  if (isFault(error)) return error
  const { name = '', message = '', response } = error as SdkError
  const code = codeOf(error)
  const place = key === undefined || key === '' ? `the container ${container}` : `${container}/${key}`
  const status = statusOf(error)
  const make = (row: Row): Fault => {
    const seconds = Number(response?.headers?.get('retry-after'))
    const wait = row.kind === 'throttled' && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}
    return fault({ kind: row.kind, code: row.code, why: row.why(place), fix: row.fix, cause: error, ...wait })
  }
  if (name === 'AbortError')
    return fault({ kind: 'aborted', code: 'run.aborted', why: 'The run was stopped.', fix: 'Run it again.' })
  if (/CredentialUnavailable|AggregateAuthentication|AuthenticationError|AuthenticationRequired/.test(name))
    return make({
      kind: 'auth',
      code: 'azure.credentials',
      why: () =>
        'No credentials were found; asked: the environment, workload and managed identity, Azure CLI, PowerShell and Developer CLI.',
      fix: 'Log in (`az login`), or give accountKey, sasToken or connectionString, or set anonymous for a public container.',
    })
  if (status === 412 && !code.startsWith('Lease')) return changed()
  const row = code.startsWith('KeyVault') ? KMS : BY_CODE[code]
  if (row) return make(row)
  if (CERTIFICATE.test(code))
    return make({
      kind: 'config',
      code: 'azure.certificate',
      why: () => "The store's certificate is not trusted.",
      fix: 'Give its authority by NODE_EXTRA_CA_CERTS, or correct the endpoint.',
    })
  if (status === undefined && (NETWORK.test(code) || NETWORK.test(message) || /timed? ?out/i.test(message)))
    return make(network(`${code} ${message}`))
  return make(byStatus(status, code))
}

function network(words: string): Row {
  if (/ENOTFOUND|EAI_/.test(words))
    return {
      kind: 'unavailable',
      code: 'azure.name',
      why: () => 'The host name of the storage account could not be looked up.',
      fix: 'Check account and endpoint, and the network, then run it again.',
    }
  const refused = words.includes('ECONNREFUSED')
  return {
    kind: 'unavailable',
    code: refused ? 'azure.refused' : 'azure.network',
    why: () => `The connection to the store ${refused ? 'was refused' : 'broke off or timed out'}.`,
    fix: 'Check the endpoint and the network, then run it again.',
  }
}

function byStatus(status: number | undefined, code: string): Row {
  if (status === 401) return LOGIN
  if (status === 403) return DENIED
  if (status === 404) return NO_OBJECT
  if (status === 429 || status === 503) return SLOW
  const said = /^[A-Za-z]{3,60}$/.test(code) ? ` (${code})` : ''
  if (status !== undefined && status < 500 && status !== 409 && status !== 408)
    return {
      kind: 'config',
      code: 'azure.refused-request',
      why: (place) => `The store does not accept the request for ${place}${said}.`,
      fix: 'Check the address and the options.',
    }
  return {
    kind: 'unavailable',
    code: 'azure.unavailable',
    why: (place) => `The store failed to answer for ${place}${said}.`,
    fix: 'Check the endpoint and the options, then run it again.',
  }
}

/** The fault for a blob that is not there. */
export function noObject(doing: Doing): Fault {
  return faultOf({ code: 'BlobNotFound' }, doing)
}
