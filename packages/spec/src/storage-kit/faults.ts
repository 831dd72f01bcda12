import { type Fault, type FaultInit, fault, isFault, stopped } from '../fault.ts'

/** One way in which a store fails: a row of a storage's table. */
export interface StoreFault extends Pick<FaultInit, 'kind' | 'code' | 'fix'> {
  /** One sentence; `place` is what was asked for (`s3://bucket/key`), `said` as {@link StoreFailure.said}. */
  readonly why: (place: string, said: string) => string
}

/** What the error of a client library says, read by the storage that knows the library. */
export interface StoreFailure {
  /** Status of the answer; undefined where none came. */
  readonly status: number | undefined
  /** Codes of the network and of TLS: ECONNRESET, CERT_HAS_EXPIRED. */
  readonly code: string
  /** Where such codes are looked for too. Never printed. */
  readonly message: string
  /** The store's own word for what is wrong, as ` (InvalidRequest)`; empty where it may hold more than a word. */
  readonly said: string
  /** The header Retry-After of the answer, in seconds. */
  readonly retryAfter?: string | null | undefined
}

type Common = 'throttled' | 'certificate' | 'host' | 'refused' | 'network' | 'request' | 'unavailable'

/** Ways to fail that every store shares; a storage takes them into its table, and may say one of them better. */
export type CommonFaults = Readonly<Record<Common, StoreFault>>

/** The common rows with codes that begin with the storage's name, as `s3.network`. */
export function commonFaults(storage: string): CommonFaults {
  return {
    throttled: {
      kind: 'throttled',
      code: `${storage}.throttled`,
      why: (place) => `The store asks for fewer requests (${place}).`,
      fix: 'Run it again later, or lower concurrency.',
    },
    certificate: {
      kind: 'config',
      code: `${storage}.certificate`,
      why: () => "The store's certificate is not trusted.",
      fix: 'Give its authority by NODE_EXTRA_CA_CERTS, or correct the endpoint.',
    },
    host: {
      kind: 'unavailable',
      code: `${storage}.name`,
      why: () => 'The host name of the store could not be looked up.',
      fix: 'Check the endpoint and the network, then run it again.',
    },
    refused: {
      kind: 'unavailable',
      code: `${storage}.refused`,
      why: () => 'The connection to the store was refused.',
      fix: 'Check the endpoint and the network, then run it again.',
    },
    network: {
      kind: 'unavailable',
      code: `${storage}.network`,
      why: () => 'The connection to the store broke off or timed out.',
      fix: 'Check the endpoint and the network, then run it again.',
    },
    request: {
      kind: 'config',
      code: `${storage}.refused-request`,
      why: (place, said) => `The store does not accept the request for ${place}${said}.`,
      fix: 'Check the address and the options.',
    },
    unavailable: {
      kind: 'unavailable',
      code: `${storage}.unavailable`,
      why: (place, said) => `The store failed to answer for ${place}${said}.`,
      fix: 'Check the endpoint and the options, then run it again.',
    },
  }
}

const NETWORK =
  /ECONN|EPIPE|ETIMEDOUT|ESOCKETTIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|EADDRNOTAVAIL|PREMATURE|REQUEST_SEND_ERROR|UND_ERR/
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/

/** The row of a connection that failed; undefined where it is not about the connection. */
export function connectionFault(
  { code, message }: Pick<StoreFailure, 'code' | 'message'>,
  common: CommonFaults,
): StoreFault | undefined {
  if (CERTIFICATE.test(code)) return common.certificate
  const words = `${code} ${message}`
  if (!NETWORK.test(words) && !/timed? ?out/i.test(message)) return undefined
  if (/ENOTFOUND|EAI_/.test(words)) return common.host
  return words.includes('ECONNREFUSED') ? common.refused : common.network
}

/** The row of a status of which nothing more is known. `own` is what single statuses mean in this store. */
export function statusFault(
  status: number | undefined,
  own: Readonly<Record<number, StoreFault>>,
  common: CommonFaults,
): StoreFault {
  const row = status === undefined ? undefined : own[status]
  if (row) return row
  if (status === 429 || status === 503) return common.throttled
  const isOurs = status !== undefined && status < 500 && status !== 408 && status !== 409
  return isOurs ? common.request : common.unavailable
}

/** How a storage classifies what its client library throws. Pure. */
export interface StoreFaultRules<Doing, Failure extends StoreFailure> {
  /** What was asked for, as a message says it; without credentials. */
  readonly place: (doing: Doing) => string
  readonly read: (error: unknown) => Failure
  /** The row, or a fault that needs none. */
  readonly classify: (failure: Failure, doing: Doing) => StoreFault | Fault
}

/** Makes the function that gives the fault for whatever was thrown while `doing` was done. */
export function createFaultOf<Doing, Failure extends StoreFailure>(
  rules: StoreFaultRules<Doing, Failure>,
): (error: unknown, doing: Doing) => Fault {
  return (error, doing) => {
    if (isFault(error)) return error
    if ((error as { readonly name?: unknown } | undefined)?.name === 'AbortError') return stopped()
    const failure = rules.read(error)
    const row = rules.classify(failure, doing)
    return isFault(row) ? row : faultOfRow(row, rules.place(doing), failure, error)
  }
}

/** The fault of one row. */
export function faultOfRow(
  { kind, code, why, fix }: StoreFault,
  place: string,
  { said, retryAfter }: Pick<StoreFailure, 'said' | 'retryAfter'>,
  cause: unknown,
): Fault {
  const seconds = Number(retryAfter)
  const wait = kind === 'throttled' && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}
  return fault({ kind, code, why: why(place, said), fix, cause, ...wait })
}

/** The fault of a store that answers with other bytes than those it was asked for. */
export function rangesFault(storage: string): Fault {
  return fault({
    kind: 'unsupported',
    code: `${storage}.ranges`,
    why: 'The store does not answer with the range of bytes that it was asked for.',
    fix: 'Use a store, or a way to it, that supports range requests.',
  })
}
