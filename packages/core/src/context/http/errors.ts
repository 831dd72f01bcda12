import { type Fault, type FaultInit, type FaultKind, fault, isFault } from '@omni/spec'
import { rowOf } from '../../faults/classify.ts'
import { NETWORK_FAULTS } from '../../faults/table.ts'

type Code =
  | 'http.url'
  | 'http.redirect'
  | 'http.range'
  | 'http.encoding'
  | 'http.size'
  | 'http.short'
  | 'http.list'
  | 'http.write'
  | 'http.protocol'
  | 'storage.changed'

const FAULTS: Readonly<Record<Code, readonly [FaultKind, string]>> = {
  'http.url': ['config', 'Correct the address.'],
  'http.redirect': ['unsupported', 'Give the address of the file itself.'],
  'http.range': [
    'unsupported',
    'Download the file and collect it from the disk; the server or a proxy is at fault.',
  ],
  'http.encoding': ['unsupported', 'Have the server send the file as it is, or download it first.'],
  'http.size': ['config', 'Raise maxBytes in the storage options if you trust the server.'],
  'http.short': ['unavailable', 'Run it again.'],
  'http.list': ['unsupported', 'Give the address of one file; a web server has no list of its files.'],
  'http.write': ['unsupported', 'Give a folder, or the URL of an object store.'],
  'http.protocol': ['unsupported', 'Check scheme and port of the address.'],
  'storage.changed': ['unavailable', 'Run it again when nothing writes to the file any more.'],
}

/** The fault of that code; `why` holds no query, credentials or data. */
export function httpFault(code: Code, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}

type StatusRow = readonly [kind: FaultKind, code: string, why: string, fix: string]

const CREDENTIALS = 'Give token or headers in the storage options, or a user and password in the address.'

/** Statuses that are no success. https://www.rfc-editor.org/rfc/rfc9110#section-15, RFC 6585 section 4. */
const STATUSES: Readonly<Record<number, StatusRow>> = {
  401: ['auth', 'http.auth', 'asks for credentials, or refuses those given', CREDENTIALS],
  403: ['auth', 'http.auth', 'refuses access', `${CREDENTIALS} A signed address may have expired.`],
  404: ['missing', 'http.missing', 'has no such file', 'Check the address.'],
  407: ['auth', 'http.proxy', 'is behind a proxy that asks for credentials', 'Configure the proxy.'],
  408: ['unavailable', 'http.status', 'timed out', 'Try again later.'],
  410: ['missing', 'http.missing', 'has removed the file', 'Check the address.'],
  425: ['unavailable', 'http.status', 'is not ready', 'Try again later.'],
  429: ['throttled', 'http.throttled', 'limits the rate of requests', 'Try again later.'],
  451: ['auth', 'http.auth', 'may not give the file for legal reasons', 'Ask who runs the server.'],
  501: ['unsupported', 'http.status', 'cannot do this', 'Check the address.'],
  503: ['unavailable', 'http.status', 'is not available', 'Try again later.'],
  505: ['unsupported', 'http.status', 'cannot do this', 'Check the address.'],
}

/** The fault of a status that is no success. */
export function statusFault(status: number, place: string, retryAfterMs?: number): Fault {
  const [kind, code, why, fix] = STATUSES[status] ?? otherStatus(status)
  return fault({
    kind,
    code,
    why: `${place} ${why} (HTTP ${status}).`,
    fix,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

function otherStatus(status: number): StatusRow {
  if (status >= 500) return ['unavailable', 'http.status', 'failed', 'Try again later.']
  if (status >= 400)
    return ['config', 'http.request', 'refuses the request', 'Check the address and headers.']
  return ['unsupported', 'http.status', 'answers in a way that is no file', 'Check the address.']
}

/** What an error of the connection means; what is not known stays as it is. */
export function connectionFault(error: unknown, place: string): unknown {
  if (isFault(error)) return error
  const row = rowOf<Omit<FaultInit, 'cause'>>(error, NETWORK_FAULTS)
  if (row) return fault({ ...row, why: `${row.why} (${place})`, cause: error })
  const code = String((error as { code?: unknown }).code ?? '')
  if (/^(?:CERT_|HOSTNAME_|UNABLE_TO|INVALID_CA|ERR_TLS_CERT)/.test(code)) {
    const { DEPTH_ZERO_SELF_SIGNED_CERT: certificate } = NETWORK_FAULTS
    return fault({ ...certificate!, why: `The certificate of ${place} cannot be trusted.`, cause: error })
  }
  if (/^(?:HPE_|EPROTO$|ERR_SSL_|ERR_OSSL_)/.test(code)) {
    return httpFault('http.protocol', `${place} does not speak HTTP as the address says.`, error)
  }
  return error
}

/** True for a failure that may pass within seconds. */
export function isPassing(error: unknown): error is Fault {
  // A name that is not known and a certificate that is not trusted stay so.
  return (
    isFault(error) &&
    error.retryable &&
    !['net.certificate', 'net.name', 'storage.changed'].includes(error.code)
  )
}
