import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type StorageContext, stopped } from '@omni/spec'
import { type Address, placeOf } from './address.ts'
import { connectionFault, httpFault, isPassing, statusFault } from './errors.ts'
import type { HttpOptions } from './options.ts'

const MAX_REDIRECTS = 10
/** Tries of one request, the first included. */
const MAX_TRIES = 6
const FIRST_PAUSE_MS = 200
const MAX_PAUSE_MS = 8_000
/** A server that asks for a longer pause is not waited for. */
const MAX_RETRY_AFTER_MS = 120_000
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** One request for an object. */
export interface Ask {
  readonly method: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** An answer whose body was not read yet; who gets it reads or destroys it. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: IncomingMessage
}

/** What a request needs to know of its storage. */
export interface Session {
  readonly options: HttpOptions
  readonly context: StorageContext
}

/**
 * Asks until there is an answer that is no failure that may pass, following redirects. Statuses of `expected` are
 * given back, others are faults.
 */
export async function ask(
  session: Session,
  address: Address,
  ask: Ask,
  expected: readonly number[],
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await askOnce(session, address, ask, expected)
    } catch (error) {
      await pauseAfter(session, error, tries, ask.signal)
    }
  }
}

/** Waits before the next try, or throws the error when there is to be none. */
export async function pauseAfter(
  { context }: Session,
  error: unknown,
  tries: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (context.signal.aborted || signal?.aborted) throw stopped()
  if (!isPassing(error) || tries >= MAX_TRIES) throw error
  const asked = error.retryAfterMs ?? 0
  if (asked > MAX_RETRY_AFTER_MS) throw error
  // Half of it by chance, so that workers that failed together do not come back together.
  const usual = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)) * (0.5 + Math.random() / 2)
  context.log.debug(
    `http: try ${tries} failed (${error.code}); waiting ${Math.ceil(Math.max(asked, usual))} ms.`,
  )
  await sleep(Math.max(asked, usual), undefined, { signal: signalOf(context, signal) }).catch(() => {
    throw stopped()
  })
}

/** Asks once, following redirects. */
export async function askOnce(
  session: Session,
  address: Address,
  { method, headers = {}, signal }: Ask,
  expected: readonly number[],
): Promise<Answer> {
  const { options, context } = session
  const authorization = options.token === undefined ? address.authorization : `Bearer ${options.token}`
  let url = address.url
  for (let redirects = 0; ; redirects++) {
    const isHome = url.origin === address.url.origin
    const sent = {
      'user-agent': 'omni-collect',
      accept: '*/*',
      // Credentials, and headers that may be some, stay with the server they were given for.
      ...(isHome && authorization !== undefined ? { authorization } : {}),
      ...(isHome ? options.headers : {}),
      ...headers,
      // The file as it is: bytes of ranges and sizes are those of the file, not of a compressed answer.
      'accept-encoding': 'identity',
    }
    const body = await send(url, method, sent, options.timeoutMs, signalOf(context, signal))
    const status = body.statusCode ?? 0
    const place = placeOf(url)
    if (expected.includes(status)) return { status, headers: body.headers, body }
    // A short body is read so that the connection can be used again; a long one is cut.
    drain(body)
    if (!REDIRECTS.has(status))
      throw statusFault(status, place, retryAfter(body.headers['retry-after'], context.now()))
    if (redirects >= MAX_REDIRECTS)
      throw httpFault('http.redirect', `${address.place} redirects more than 10 times.`)
    const { location } = body.headers
    const next =
      location !== undefined && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined
    if (next?.protocol !== 'http:' && next?.protocol !== 'https:') {
      throw httpFault('http.redirect', `${place} redirects to something that is no http address.`)
    }
    next.username = next.password = next.hash = ''
    url = next
  }
}

/**
 * Sends one request. Not by `fetch`: that unpacks an answer with Content-Encoding, whatever was asked for, so that
 * offsets are no longer those of the file, and takes a cut gzip answer for a whole one.
 */
function send(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Asked for only here: importing it loads a whole HTTP client, which every tiny collect would pay for.
    const client = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
    const request = client.request(url, { method, headers, signal })
    const first = setTimeout(() => request.destroy(timedOut()), timeoutMs)
    request.once('error', (error) => {
      clearTimeout(first)
      reject(signal.aborted ? stopped() : connectionFault(error, placeOf(url)))
    })
    request.once('response', (response) => {
      clearTimeout(first)
      // An error that comes when nobody reads any more.
      response.on('error', () => undefined)
      resolve(response)
    })
    request.end()
  })
}

/** The pieces of a body; only the time in which one is waited for counts, not that in which the reader works. */
export async function* readBody({ body }: Answer, timeoutMs: number): AsyncGenerator<Uint8Array, void, void> {
  const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  try {
    while (true) {
      const late = setTimeout(() => body.destroy(timedOut()), timeoutMs)
      const next = await pieces.next().finally(() => clearTimeout(late))
      if (next.done) return
      yield next.value
    }
  } finally {
    body.destroy()
  }
}

const DRAINED_BYTES = 64 * 1024

function drain(body: IncomingMessage): void {
  if (Number(body.headers['content-length'] ?? DRAINED_BYTES) < DRAINED_BYTES) body.resume()
  else body.destroy()
}

function timedOut(): NodeJS.ErrnoException {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })
}

function signalOf(context: StorageContext, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? context.signal : AbortSignal.any([context.signal, signal])
}

/** Seconds or a date, RFC 9110 section 10.2.3. */
function retryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}
