import { changed, type Fault, type FaultInit, fault, isFault } from '@omni/spec'

/** What was being done, for the message. */
export interface Doing {
  readonly bucket: string
  readonly key?: string
  /** The request holds a key of the customer. */
  readonly ownKey?: boolean
}

type Row = Pick<FaultInit, 'kind' | 'code' | 'fix'> & { readonly why: (place: string) => string }

const NO_BUCKET: Row = {
  kind: 'missing',
  code: 'gcs.bucket',
  why: (place) => `There is no bucket of that name (${place}).`,
  fix: 'Check the name of the bucket and the endpoint.',
}
const NO_OBJECT: Row = {
  kind: 'missing',
  code: 'gcs.object',
  why: (place) => `There is no ${place}.`,
  fix: 'Check the key; upper and lower case differ.',
}
const DENIED: Row = {
  kind: 'auth',
  code: 'gcs.denied',
  why: (place) => `Access to ${place} is denied.`,
  fix: 'Give these credentials the rights that the README of @omni/storage-gcs lists.',
}
const KMS: Row = {
  kind: 'auth',
  code: 'gcs.kms',
  why: (place) => `The key of Cloud KMS for ${place} cannot be used: it is denied, disabled or not there.`,
  fix: "Check kmsKeyName, and that the project's storage service agent may use the key (cloudkms.cryptoKeyEncrypterDecrypter).",
}
const OWN_KEY: Row = {
  kind: 'auth',
  code: 'gcs.customer-key',
  why: (place) => `The customer key does not fit ${place}, or there must be one.`,
  fix: 'Check encryptionKey: it must be the key that the object was written with, and none for an object without.',
}
const PAYER: Row = {
  kind: 'config',
  code: 'gcs.user-project',
  why: (place) => `The bucket of ${place} asks the one who reads to pay.`,
  fix: 'Set userProject to the project that pays.',
}
const SLOW: Row = {
  kind: 'throttled',
  code: 'gcs.throttled',
  why: (place) => `The store asks for fewer requests (${place}).`,
  fix: 'Run it again later, or lower concurrency.',
}
const RETAINED: Row = {
  kind: 'auth',
  code: 'gcs.retention',
  why: (place) => `A retention policy or a hold forbids to change or remove ${place}.`,
  fix: 'Wait until it has ended, or write elsewhere.',
}

/** Reasons of the JSON API: https://cloud.google.com/storage/docs/json_api/v1/status-codes */
const BY_REASON: Readonly<Record<string, Row>> = {
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

const NETWORK =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|EADDRNOTAVAIL|ERR_STREAM_PREMATURE|ESOCKETTIMEDOUT/
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/

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

/** The fault for what the SDK threw. */
export function faultOf(error: unknown, { bucket, key, ownKey }: Doing): Fault {
  if (isFault(error)) return error
  const { name = '', message = '', code, errors, response, cause, errno } = error as SdkError
  const place = key === undefined || key === '' ? `gs://${bucket}` : `gs://${bucket}/${key}`
  const status = statusOf(error)
  const make = (row: Row): Fault =>
    fault({
      kind: row.kind,
      code: row.code,
      why: row.why(place),
      fix: row.fix,
      cause: error,
      ...(row.kind === 'throttled' ? waitOf(response?.headers) : {}),
    })
  if (name === 'AbortError')
    return fault({ kind: 'aborted', code: 'run.aborted', why: 'The run was stopped.', fix: 'Run it again.' })
  if (
    /could not load the default credentials|does not exist, or it is not a file|no such file|ENOENT/i.test(
      message,
    )
  )
    return make({
      kind: 'auth',
      code: 'gcs.credentials',
      why: () =>
        'No credentials were found; asked: the options, the environment, the file of gcloud, and the metadata server.',
      fix: 'Give keyFile or credentials, run `gcloud auth application-default login`, or set anonymous for a public bucket.',
    })
  if (status === 412) return changed()
  const reason = errors?.map((one) => one.reason ?? '').find((one) => BY_REASON[one])
  const known = reason === undefined ? undefined : BY_REASON[reason]
  if (known) return make(known)
  if ((status === 403 || status === 400) && /\bkms\b|cryptoKey/i.test(message)) return make(KMS)
  if ((status === 400 || status === 403) && (ownKey || /customer.?(supplied)?.?encryption/i.test(message)))
    return make(OWN_KEY)
  const words = `${String(code ?? '')} ${cause?.code ?? ''} ${errno ?? ''}`
  if (status === undefined && (NETWORK.test(words) || NETWORK.test(message) || /timed? ?out/i.test(message)))
    return make(network(`${words} ${message}`))
  if (CERTIFICATE.test(words))
    return make({
      kind: 'config',
      code: 'gcs.certificate',
      why: () => "The store's certificate is not trusted.",
      fix: 'Give its authority by NODE_EXTRA_CA_CERTS, or correct the endpoint.',
    })
  return make(byStatus(status, message))
}

function waitOf(headers: NonNullable<SdkError['response']>['headers']): { retryAfterMs?: number } {
  const value =
    headers === undefined
      ? undefined
      : 'get' in headers && typeof headers.get === 'function'
        ? headers.get('retry-after')
        : (headers as Readonly<Record<string, string>>)['retry-after']
  const seconds = Number(value)
  return seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}
}

function network(words: string): Row {
  if (/ENOTFOUND|EAI_/.test(words))
    return {
      kind: 'unavailable',
      code: 'gcs.name',
      why: () => 'The host name of the store could not be looked up.',
      fix: 'Check the endpoint and the network, then run it again.',
    }
  const refused = words.includes('ECONNREFUSED')
  return {
    kind: 'unavailable',
    code: refused ? 'gcs.refused' : 'gcs.network',
    why: () => `The connection to the store ${refused ? 'was refused' : 'broke off or timed out'}.`,
    fix: 'Check the endpoint and the network, then run it again.',
  }
}

function byStatus(status: number | undefined, message: string): Row {
  if (status === 401)
    return {
      kind: 'auth',
      code: 'gcs.login',
      why: () => 'The credentials are not valid, or have expired.',
      fix: 'Check keyFile or credentials; for your own login run `gcloud auth application-default login`.',
    }
  if (status === 403) return DENIED
  if (status === 404) return /bucket/i.test(message) ? NO_BUCKET : NO_OBJECT
  if (status === 429 || status === 503) return SLOW
  if (status !== undefined && status < 500 && status !== 409 && status !== 408)
    return {
      kind: 'config',
      code: 'gcs.refused-request',
      why: (place) => `The store does not accept the request for ${place} (${status}).`,
      fix: 'Check the address and the options.',
    }
  if (/invalid_grant|invalid_client|impersonat|private key|DECODER|PEM/i.test(message))
    return {
      kind: 'auth',
      code: 'gcs.login',
      why: () => 'The credentials are not valid, have expired, or may not act as the service account.',
      fix: 'Check keyFile, credentials and impersonateServiceAccount.',
    }
  return {
    kind: 'unavailable',
    code: 'gcs.unavailable',
    why: (place) => `The store failed to answer for ${place}.`,
    fix: 'Check the endpoint and the options, then run it again.',
  }
}

/** The fault where a list has said that there is no bucket. */
export function noBucket(bucket: string, cause: unknown): Fault {
  const { kind, code, why, fix } = NO_BUCKET
  return fault({ kind, code, why: why(`gs://${bucket}`), fix, cause })
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
