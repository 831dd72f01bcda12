import type { Fault } from '@omni/spec'
import {
  type CommonFaults,
  changed,
  commonFaults,
  connectionFault,
  createFaultOf,
  type StoreFailure,
  type StoreFault,
  statusFault,
} from '@omni/spec/storage-kit'

/** What was being done, for the message. */
export interface Doing {
  readonly container: string
  readonly key?: string
}

const SHARED = commonFaults('azure')
const COMMON = {
  ...SHARED,
  host: {
    ...SHARED.host,
    why: () => 'The host name of the storage account could not be looked up.',
    fix: 'Check account and endpoint, and the network, then run it again.',
  },
} satisfies CommonFaults
const { throttled: SLOW } = COMMON
const NO_OBJECT: StoreFault = {
  kind: 'missing',
  code: 'azure.blob',
  why: (place) => `There is no ${place}.`,
  fix: 'Check the name; upper and lower case differ.',
}
const DENIED: StoreFault = {
  kind: 'auth',
  code: 'azure.denied',
  why: (place) => `Access to ${place} is denied.`,
  fix: "Give these credentials the rights that the README of @omni/storage-azure lists, and let this address through the account's firewall.",
}
const LOGIN: StoreFault = {
  kind: 'auth',
  code: 'azure.login',
  why: () => 'The credentials are not valid, or have expired.',
  fix: "Check accountKey, sasToken (its end, and this machine's clock) or connectionString.",
}
const KMS: StoreFault = {
  kind: 'auth',
  code: 'azure.key-vault',
  why: (place) =>
    `The key of Key Vault that encrypts ${place} cannot be used: it is denied, disabled or not there.`,
  fix: "Check the key and the storage account's rights to it.",
}
const LOCKED: StoreFault = {
  kind: 'auth',
  code: 'azure.immutable',
  why: (place) => `A policy, a hold or a lease forbids to change or remove ${place}.`,
  fix: 'Wait until it has ended, or write elsewhere.',
}
const ARCHIVED: StoreFault = {
  kind: 'unsupported',
  code: 'azure.archived',
  why: (place) => `${place} is in the archive tier and has to be restored before it can be read.`,
  fix: 'Set its tier to Hot or Cool, wait, and run it again.',
}

const CREDENTIALS: StoreFault = {
  kind: 'auth',
  code: 'azure.credentials',
  why: () =>
    'No credentials were found; asked: the environment, workload and managed identity, Azure CLI, PowerShell and Developer CLI.',
  fix: 'Log in (`az login`), or give accountKey, sasToken or connectionString, or set anonymous for a public container.',
}

/** Codes of the service: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
const BY_CODE: Readonly<Record<string, StoreFault>> = {
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

/** What a status means where no code of the service says it better. */
const BY_STATUS: Readonly<Record<number, StoreFault>> = { 401: LOGIN, 403: DENIED, 404: NO_OBJECT }

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

interface Failure extends StoreFailure {
  readonly name: string
}

function readFailure(error: unknown): Failure {
  const { name = '', message = '', response } = error as SdkError
  const code = codeOf(error)
  return {
    status: statusOf(error),
    name,
    code,
    message,
    said: /^[A-Za-z]{3,60}$/.test(code) ? ` (${code})` : '',
    retryAfter: response?.headers?.get('retry-after'),
  }
}

/** The fault for what the SDK threw. */
export const faultOf: (error: unknown, doing: Doing) => Fault = createFaultOf({
  place: ({ container, key }) =>
    key === undefined || key === '' ? `the container ${container}` : `${container}/${key}`,
  read: readFailure,
  classify: (failure) =>
    ownFault(failure) ?? noAnswer(failure) ?? statusFault(failure.status, BY_STATUS, COMMON),
})

/** An answer is about the request, whatever words it holds. */
function noAnswer(failure: Failure): StoreFault | undefined {
  return failure.status === undefined ? connectionFault(failure, COMMON) : undefined
}

function ownFault({ name, status, code }: Failure): StoreFault | Fault | undefined {
  if (/CredentialUnavailable|AggregateAuthentication|AuthenticationError|AuthenticationRequired/.test(name))
    return CREDENTIALS
  if (status === 412 && !code.startsWith('Lease')) return changed()
  return code.startsWith('KeyVault') ? KMS : BY_CODE[code]
}

/** The fault for a blob that is not there. */
export function noObject(doing: Doing): Fault {
  return faultOf({ code: 'BlobNotFound' }, doing)
}
