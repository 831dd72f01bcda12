import { type Fault, fault } from '@omni/spec'
import {
  type CommonFaults,
  changed,
  commonFaults,
  connectionFault,
  createFaultOf,
  faultOfRow,
  type StoreFailure,
  type StoreFault,
  statusFault,
} from '@omni/spec/storage-kit'

/** What was being done, for the message. */
export interface Doing {
  readonly bucket: string
  readonly key?: string
  /** The request holds a key of the customer. */
  readonly ownKey?: boolean
}

const SHARED = commonFaults('gcs')
const COMMON = {
  ...SHARED,
  unavailable: { ...SHARED.unavailable, why: (place) => `The store failed to answer for ${place}.` },
} satisfies CommonFaults
const { throttled: SLOW } = COMMON
const NO_BUCKET: StoreFault = {
  kind: 'missing',
  code: 'gcs.bucket',
  why: (place) => `There is no bucket of that name (${place}).`,
  fix: 'Check the name of the bucket and the endpoint.',
}
const NO_OBJECT: StoreFault = {
  kind: 'missing',
  code: 'gcs.object',
  why: (place) => `There is no ${place}.`,
  fix: 'Check the key; upper and lower case differ.',
}
const DENIED: StoreFault = {
  kind: 'auth',
  code: 'gcs.denied',
  why: (place) => `Access to ${place} is denied.`,
  fix: 'Give these credentials the rights that the README of @omni/storage-gcs lists.',
}
const KMS: StoreFault = {
  kind: 'auth',
  code: 'gcs.kms',
  why: (place) => `The key of Cloud KMS for ${place} cannot be used: it is denied, disabled or not there.`,
  fix: "Check kmsKeyName, and that the project's storage service agent may use the key (cloudkms.cryptoKeyEncrypterDecrypter).",
}
const OWN_KEY: StoreFault = {
  kind: 'auth',
  code: 'gcs.customer-key',
  why: (place) => `The customer key does not fit ${place}, or there must be one.`,
  fix: 'Check encryptionKey: it must be the key that the object was written with, and none for an object without.',
}
const PAYER: StoreFault = {
  kind: 'config',
  code: 'gcs.user-project',
  why: (place) => `The bucket of ${place} asks the one who reads to pay.`,
  fix: 'Set userProject to the project that pays.',
}
const RETAINED: StoreFault = {
  kind: 'auth',
  code: 'gcs.retention',
  why: (place) => `A retention policy or a hold forbids to change or remove ${place}.`,
  fix: 'Wait until it has ended, or write elsewhere.',
}

const CREDENTIALS: StoreFault = {
  kind: 'auth',
  code: 'gcs.credentials',
  why: () =>
    'No credentials were found; asked: the options, the environment, the file of gcloud, and the metadata server.',
  fix: 'Give keyFile or credentials, run `gcloud auth application-default login`, or set anonymous for a public bucket.',
}
const LOGIN: StoreFault = {
  kind: 'auth',
  code: 'gcs.login',
  why: () => 'The credentials are not valid, or have expired.',
  fix: 'Check keyFile or credentials; for your own login run `gcloud auth application-default login`.',
}
const GRANT: StoreFault = {
  kind: 'auth',
  code: 'gcs.login',
  why: () => 'The credentials are not valid, have expired, or may not act as the service account.',
  fix: 'Check keyFile, credentials and impersonateServiceAccount.',
}

/** Reasons of the JSON API: https://cloud.google.com/storage/docs/json_api/v1/status-codes */
const BY_REASON: Readonly<Record<string, StoreFault>> = {
  rateLimitExceeded: SLOW,
  userRateLimitExceeded: SLOW,
  quotaExceeded: SLOW,
  userProjectMissing: PAYER,
  userProjectAccessDenied: DENIED,
  retentionPolicyNotMet: RETAINED,
  objectUnderActiveHold: RETAINED,
  resourceIsEncryptedWithCustomerEncryptionKey: OWN_KEY,
  customerEncryptionKeyIsIncorrect: OWN_KEY,
  resourceNotEncryptedWithCustomerEncryptionKey: OWN_KEY,
  customerEncryptionKeySha256IsInvalid: OWN_KEY,
}

/** What a status means where no code of the service says it better. */
const BY_STATUS: Readonly<Record<number, StoreFault>> = { 401: LOGIN, 403: DENIED, 404: NO_OBJECT }

/** The parts of the SDK's errors that are read here. */
interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly code?: number | string
  readonly status?: number
  readonly errors?: readonly { readonly reason?: string }[]
  readonly response?: {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>> | { get(name: string): string | null }
  }
  readonly cause?: { readonly code?: string }
  readonly errno?: string
}

/** Status of the answer behind an error, if there was one. */
export function statusOf(error: unknown): number | undefined {
  const { code, status, response } = error as SdkError
  const found = [code, status, response?.status].map(Number).find((value) => value >= 100 && value < 600)
  return found
}

interface Failure extends StoreFailure {
  /** Reasons of the JSON API. */
  readonly reasons: readonly string[]
}

function readFailure(error: unknown): Failure {
  const { message = '', code, errors = [], response, cause, errno } = error as SdkError
  const status = statusOf(error)
  return {
    status,
    code: `${String(code ?? '')} ${cause?.code ?? ''} ${errno ?? ''}`,
    message,
    said: status === undefined ? '' : ` (${status})`,
    retryAfter: retryAfterOf(response?.headers),
    reasons: errors.map(({ reason = '' }) => reason),
  }
}

function retryAfterOf(headers: NonNullable<SdkError['response']>['headers']): string | null | undefined {
  if (headers === undefined) return undefined
  return 'get' in headers && typeof headers.get === 'function'
    ? headers.get('retry-after')
    : (headers as Readonly<Record<string, string>>)['retry-after']
}

function placeOf({ bucket, key }: Doing): string {
  return key === undefined || key === '' ? `gs://${bucket}` : `gs://${bucket}/${key}`
}

/** The fault for what the SDK threw. */
export const faultOf: (error: unknown, doing: Doing) => Fault = createFaultOf({
  place: placeOf,
  read: readFailure,
  classify: (failure, doing) => ownFault(failure, doing) ?? noAnswer(failure) ?? byStatus(failure),
})

/** An answer is about the request, whatever words it holds. */
function noAnswer(failure: Failure): StoreFault | undefined {
  return failure.status === undefined ? connectionFault(failure, COMMON) : undefined
}

function ownFault({ status, message, reasons }: Failure, { ownKey }: Doing): StoreFault | Fault | undefined {
  if (
    /could not load the default credentials|does not exist, or it is not a file|no such file|ENOENT/i.test(
      message,
    )
  )
    return CREDENTIALS
  if (status === 412) return changed()
  const reason = reasons.find((one) => BY_REASON[one])
  if (reason !== undefined) return BY_REASON[reason]
  if (status !== 403 && status !== 400) return undefined
  if (/\bkms\b|cryptoKey/i.test(message)) return KMS
  return ownKey || /customer.?(supplied)?.?encryption/i.test(message) ? OWN_KEY : undefined
}

function byStatus({ status, message }: Failure): StoreFault {
  if (status === 404 && /bucket/i.test(message)) return NO_BUCKET
  const row = statusFault(status, BY_STATUS, COMMON)
  const isAboutLogin = /invalid_grant|invalid_client|impersonat|private key|DECODER|PEM/i.test(message)
  return row === COMMON.unavailable && isAboutLogin ? GRANT : row
}

/** The fault where a list has said that there is no bucket. */
export function noBucket(bucket: string, cause: unknown): Fault {
  return faultOfRow(NO_BUCKET, placeOf({ bucket }), { said: '' }, cause)
}

/** The fault for an object that is not there. */
export function noObject(doing: Doing): Fault {
  return faultOf({ code: 404 }, doing)
}

/** The fault for an upload whose session the store does not know any more. */
export function sessionOver(cause: unknown): Fault {
  return fault({
    kind: 'unavailable',
    code: 'gcs.session',
    why: 'The store has forgotten the upload before it was complete.',
    fix: 'Run it again.',
    cause,
  })
}
