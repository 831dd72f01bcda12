import { type Fault, fault } from '@omni/spec'
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
  readonly bucket: string
  readonly key?: string
  /** The request holds a key of the customer. */
  readonly ownKey?: boolean
}

const SHARED = commonFaults('s3')
const COMMON = {
  ...SHARED,
  host: {
    ...SHARED.host,
    fix: 'Check the endpoint and the region; a store with its buckets in the path needs forcePathStyle.',
  },
  unavailable: {
    ...SHARED.unavailable,
    why: (place) => `The store failed to answer for ${place}.`,
    fix: 'Check the store, then run it again.',
  },
} satisfies CommonFaults
const { throttled: SLOW, unavailable: DOWN } = COMMON
const DENIED: StoreFault = {
  kind: 'auth',
  code: 's3.denied',
  why: (place) => `Access to ${place} is denied.`,
  fix: 'Give these credentials the rights that the README of @omni/storage-s3 lists. Without the right to list a bucket, a missing object is denied too.',
}
const NO_OBJECT: StoreFault = {
  kind: 'missing',
  code: 's3.object',
  why: (place) => `There is no ${place}.`,
  fix: 'Check the key; upper and lower case differ.',
}
const TOKEN: StoreFault = {
  kind: 'auth',
  code: 's3.token',
  why: () => 'The session token of the credentials has expired, or is not valid.',
  fix: 'Get new temporary credentials and run it again.',
}
const ACCESS_KEY: StoreFault = {
  kind: 'auth',
  code: 's3.access-key',
  why: () => 'The store does not know the access key.',
  fix: 'Check accessKeyId, and that it belongs to this store.',
}
const CLOCK: StoreFault = {
  kind: 'auth',
  code: 's3.clock',
  why: () => "This machine's clock differs too much from the store's.",
  fix: 'Set the clock, and run it again.',
}
const KMS: StoreFault = {
  kind: 'auth',
  code: 's3.kms',
  why: (place) => `The key of KMS for ${place} cannot be used: it is denied, disabled or not there.`,
  fix: 'Check kmsKeyId, the state of the key, and that these credentials may use it (kms:Decrypt, kms:GenerateDataKey).',
}
const OWN_KEY: StoreFault = {
  kind: 'auth',
  code: 's3.customer-key',
  why: (place) => `The customer key does not fit ${place}, or there must be one, or access is denied.`,
  fix: 'Check sseCustomerKey: it must be the key that the object was written with, and none for an object without.',
}
const UNKNOWN_TO_STORE: StoreFault = {
  kind: 'unsupported',
  code: 's3.not-implemented',
  why: () => 'The store does not know a request that is needed here.',
  fix: 'Use a store that implements it, or leave out the option that asks for it.',
}

/** Codes of S3, STS and KMS: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const BY_NAME: Readonly<Record<string, StoreFault>> = {
  NoSuchBucket: {
    kind: 'missing',
    code: 's3.bucket',
    why: (place) => `There is no bucket of that name (${place}).`,
    fix: 'Check the name of the bucket and the endpoint.',
  },
  NoSuchKey: NO_OBJECT,
  NotFound: NO_OBJECT,
  NoSuchVersion: NO_OBJECT,
  AccessDenied: DENIED,
  AccessDeniedException: DENIED,
  AllAccessDisabled: DENIED,
  AccountProblem: DENIED,
  Forbidden: DENIED,
  InvalidAccessKeyId: ACCESS_KEY,
  InvalidClientTokenId: ACCESS_KEY,
  UnrecognizedClientException: ACCESS_KEY,
  SignatureDoesNotMatch: {
    kind: 'auth',
    code: 's3.signature',
    why: () => 'The secret does not belong to the access key: the signature does not match.',
    fix: 'Check secretAccessKey, and that no proxy changes the requests.',
  },
  ExpiredToken: TOKEN,
  ExpiredTokenException: TOKEN,
  TokenRefreshRequired: TOKEN,
  InvalidToken: TOKEN,
  RequestTimeTooSkewed: CLOCK,
  RequestExpired: CLOCK,
  SlowDown: SLOW,
  Throttling: SLOW,
  ThrottlingException: SLOW,
  RequestThrottled: SLOW,
  RequestLimitExceeded: SLOW,
  TooManyRequestsException: SLOW,
  ServiceUnavailable: SLOW,
  InternalError: DOWN,
  RequestTimeout: DOWN,
  InvalidBucketName: {
    kind: 'config',
    code: 's3.bucket-name',
    why: (place) => `The name of the bucket is not valid (${place}).`,
    fix: 'Correct the address.',
  },
  KeyTooLongError: {
    kind: 'config',
    code: 's3.key-length',
    why: () => 'The key is longer than 1024 bytes.',
    fix: 'Use a shorter name.',
  },
  InvalidObjectState: {
    kind: 'unsupported',
    code: 's3.archived',
    why: (place) => `${place} is in an archive and has to be restored before it can be read.`,
    fix: 'Restore it (`aws s3api restore-object`), wait, and run it again.',
  },
  NotImplemented: UNKNOWN_TO_STORE,
  MethodNotAllowed: UNKNOWN_TO_STORE,
}

/** The parts of the SDK's errors that are read here. */
interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly Region?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>>; readonly statusCode?: number }
}

/** Status of the answer behind an error, if there was one. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata, $response } = error as SdkError
  return $metadata?.httpStatusCode ?? $response?.statusCode
}

/** True when the SDK sent the request more than once, so that an earlier one may have been carried out. */
export function wasRetried(error: unknown): boolean {
  return ((error as SdkError).$metadata?.attempts ?? 1) > 1
}

interface Failure extends StoreFailure {
  readonly name: string
  readonly words: string
  /** Region of the bucket, where the answer says it. */
  readonly region: string | undefined
}

function readFailure(error: unknown): Failure {
  const { name = '', message = '', code = '', $response, Region } = error as SdkError
  const headers = $response?.headers ?? {}
  return {
    status: statusOf(error),
    name,
    code: name === 'TimeoutError' ? `${code} ETIMEDOUT` : code,
    // The SDK's errors say by their code, or name, what happened to a connection.
    message: '',
    words: message,
    said: /^[A-Za-z.]{3,60}$/.test(name) ? ` (${name})` : '',
    retryAfter: headers['retry-after'],
    region: Region ?? headers['x-amz-bucket-region'],
  }
}

/** The fault for what the SDK threw. */
export const faultOf: (error: unknown, doing: Doing) => Fault = createFaultOf({
  place: ({ bucket, key }) => (key === undefined || key === '' ? `s3://${bucket}` : `s3://${bucket}/${key}`),
  read: readFailure,
  classify: (failure, doing) =>
    ownFault(failure, doing) ?? connectionFault(failure, COMMON) ?? byStatus(failure),
})

function ownFault(
  { status, name, code, words, region }: Failure,
  { bucket, ownKey }: Doing,
): StoreFault | Fault | undefined {
  if (status === 412 || name === 'PreconditionFailed') return changed()
  if (isElsewhere(name, status) || (status === 400 && region !== undefined)) return elsewhere(bucket, region)
  if (name.startsWith('KMS.') || isAboutKms(name, status, words)) return KMS
  if (isAboutOwnKey(status, words) || (ownKey && (status === 403 || status === 400) && isVague(name)))
    return OWN_KEY
  return BY_NAME[name] ?? BY_NAME[code]
}

function elsewhere(bucket: string, region: string | undefined): StoreFault {
  return {
    kind: 'config',
    code: 's3.region',
    why: () =>
      `The bucket ${bucket} is in ${region === undefined ? 'another region' : `the region ${region}`}.`,
    fix: region === undefined ? 'Set region to it.' : `Set region to ${region}.`,
  }
}

function isElsewhere(name: string, status: number | undefined): boolean {
  return (
    name === 'PermanentRedirect' ||
    name === 'AuthorizationHeaderMalformed' ||
    name === 'IllegalLocationConstraintException' ||
    status === 301
  )
}

function isAboutKms(name: string, status: number | undefined, message: string): boolean {
  return (
    (status === 403 || status === 400 || name === 'AccessDenied') &&
    /\bkms:|\bkms\b.*\bkey|kms-?key|actual key/i.test(message)
  )
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html */
function isAboutOwnKey(status: number | undefined, message: string): boolean {
  return (
    status === 400 && /form of server side encryption|customer[ -]?(provided )?key|sse-?c\b/i.test(message)
  )
}

function isVague(name: string): boolean {
  return /^(AccessDenied|Forbidden|InvalidRequest|InvalidArgument|BadRequest|UnknownError|Unknown|403|400)$/.test(
    name,
  )
}

/** Where no answer came, and it is not about the connection. */
const FAILED: StoreFault = {
  kind: 'unavailable',
  code: 's3.failed',
  why: (place, said) => `The request for ${place} failed${said}.`,
  fix: 'Check the endpoint and the options, then run it again.',
}

const BY_STATUS: Readonly<Record<number, StoreFault>> = {
  401: DENIED,
  403: DENIED,
  404: NO_OBJECT,
  405: UNKNOWN_TO_STORE,
  501: UNKNOWN_TO_STORE,
}

function byStatus({ status }: Failure): StoreFault {
  return status === undefined ? FAILED : statusFault(status, BY_STATUS, COMMON)
}

/** The fault for credentials that could not be had; `ways` names the providers that were asked. */
export function credentialsFault(error: unknown, ways: string): Fault {
  const { name = '', message = '' } = error as SdkError
  const init = { kind: 'auth', cause: error } as const
  if (/multi-factor|\bMFA\b/i.test(message))
    return fault({
      ...init,
      code: 's3.mfa',
      why: 'The profile asks for a token code (mfa_serial), which a run cannot type in.',
      fix: 'Get a session token with `aws sts get-session-token --serial-number … --token-code …` and use that.',
    })
  if (/\bsso\b/i.test(message) && /expired|login|not found|invalid/i.test(message))
    return fault({
      ...init,
      code: 's3.sso',
      why: 'The SSO session of the profile has expired, or was never begun.',
      fix: 'Run `aws sso login`, then run it again.',
    })
  const failure = readFailure(error)
  const { status } = failure
  const isNetwork = connectionFault(failure, COMMON)?.kind === 'unavailable'
  if (isNetwork || (status !== undefined && status >= 500))
    return fault({
      kind: 'unavailable',
      code: 's3.sts',
      why: `The service that gives credentials did not answer; asked: ${ways}.`,
      fix: 'Check the network and stsEndpoint, then run it again.',
      cause: error,
    })
  if (status !== undefined)
    return fault({
      ...init,
      code: 's3.role',
      why: `The credentials were refused (${/^[A-Za-z]{3,60}$/.test(name) ? name : status}); asked: ${ways}.`,
      fix: 'Check roleArn and externalId, and that the role trusts these credentials.',
    })
  return fault({
    ...init,
    code: 's3.credentials',
    why: `No credentials were found; asked: ${ways}.`,
    fix: 'Give accessKeyId and secretAccessKey, a profile or a role, or set anonymous for a public bucket.',
  })
}
