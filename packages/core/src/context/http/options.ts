import type { StandardIssue, StandardResult, StandardSchemaV1 } from '@omni/spec'

/** How files of an http(s) server are read. */
export interface HttpOptions {
  /** Sent as `Authorization: Bearer`. A user and password in the URL are sent as `Basic`. */
  readonly token?: string
  /** Sent with every request to the server of the URL, and never to another one. */
  readonly headers: Readonly<Record<string, string>>
  /** An object of more bytes is refused. */
  readonly maxBytes: number
  /** The longest wait for a connection, an answer, and between two pieces of one. */
  readonly timeoutMs: number
}

const DEFAULT_TIMEOUT_MS = 30_000

/** Validates {@link HttpOptions}; numbers may come as text, as they do from a command line. */
export const httpOptions: StandardSchemaV1<unknown, HttpOptions> = {
  '~standard': { version: 1, vendor: 'omni', validate: validateOptions },
}

function validateOptions(given: unknown): StandardResult<HttpOptions> {
  const issues: StandardIssue[] = []
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return { issues: [{ message: 'must be an object' }] }
  }
  const { token, headers = {}, maxBytes, timeoutMs, ...unknown } = given as Record<string, unknown>
  for (const name of Object.keys(unknown)) {
    issues.push({ message: 'is not known; there are token, headers, maxBytes and timeoutMs', path: [name] })
  }
  if (token !== undefined && !isHeaderValue(token)) {
    issues.push({ message: 'must be text that a header can hold', path: ['token'] })
  }
  const valid: Record<string, string> = {}
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    issues.push({ message: 'must be an object of names and texts', path: ['headers'] })
  } else {
    for (const [name, value] of Object.entries(headers)) {
      if (!isHeaderName(name)) issues.push({ message: 'is no name of a header', path: ['headers', name] })
      else if (RESERVED.has(name.toLowerCase())) {
        issues.push({ message: 'is set by the reader itself', path: ['headers', name] })
      } else if (!isHeaderValue(value)) {
        issues.push({ message: 'must be text that a header can hold', path: ['headers', name] })
      } else valid[name.toLowerCase()] = value
    }
  }
  const number = (value: unknown, name: string, otherwise: number): number => {
    if (value === undefined) return otherwise
    const parsed = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
    if (typeof parsed === 'number' && Number.isSafeInteger(parsed) && parsed > 0) return parsed
    issues.push({ message: 'must be a whole number above 0', path: [name] })
    return otherwise
  }
  const value: HttpOptions = {
    ...(typeof token === 'string' ? { token } : {}),
    headers: valid,
    maxBytes: number(maxBytes, 'maxBytes', Number.POSITIVE_INFINITY),
    timeoutMs: number(timeoutMs, 'timeoutMs', DEFAULT_TIMEOUT_MS),
  }
  return issues.length > 0 ? { issues } : { value }
}

/** Headers on which reading by ranges rests, and those of the connection. */
const RESERVED: ReadonlySet<string> = new Set([
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'accept-encoding',
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'te',
  'upgrade',
  'expect',
])

function isHeaderName(name: string): boolean {
  try {
    process.getBuiltinModule('node:http').validateHeaderName(name)
    return true
  } catch {
    return false
  }
}

function isHeaderValue(value: unknown): value is string {
  if (typeof value !== 'string') return false
  try {
    process.getBuiltinModule('node:http').validateHeaderValue('x', value)
    return true
  } catch {
    return false
  }
}
