import { type Context, fault, isFault, stopped } from '@omni/spec'
import { faultOfNetwork, faultOfStatus } from './errors.ts'
import type { RestSettings } from './options.ts'
import { parseRetryAfter, withRetry } from './retry.ts'

/** A whole answer. */
export interface Reply {
  /** The address that answered, after redirects. */
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

const MAX_REDIRECTS = 10
const BACKOFF = { baseMs: 500, capMs: 30_000 } as const

/** GETs an address and decodes the answer, with repetition of both. */
export function get<T>(
  url: URL,
  settings: RestSettings,
  ctx: Context,
  signal: AbortSignal,
  decode: (reply: Reply) => T,
): Promise<T> {
  return repeat(settings, ctx, signal, () =>
    attempt(url, settings, ctx, signal, async ({ response, at }, onPiece) => {
      const body = await readBody(response, settings.maxBytes, placeOf(at), onPiece)
      return decode({ url: at, status: response.status, headers: response.headers, body })
    }),
  )
}

/** GETs an address for its status only; the body is not read. */
export function probe(
  url: URL,
  settings: RestSettings,
  ctx: Context,
  signal: AbortSignal,
): Promise<{ readonly url: URL }> {
  return repeat(settings, ctx, signal, () =>
    attempt(url, settings, ctx, signal, async ({ response, at }) => {
      await response.body?.cancel()
      return { url: at }
    }),
  )
}

function repeat<T>(
  settings: RestSettings,
  ctx: Context,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const policy = { ...BACKOFF, retries: settings.retries, maxRetryAfterMs: settings.maxRetryAfterMs }
  return withRetry(work, policy, signal, (failure, count, delayMs) =>
    ctx.log.info(`${failure.why} Attempt ${count + 1} in ${Math.round(delayMs)} ms.`),
  )
}

interface Answered {
  readonly response: Response
  /** The address that answered, after redirects. */
  readonly at: URL
}

async function attempt<T>(
  url: URL,
  settings: RestSettings,
  ctx: Context,
  signal: AbortSignal,
  use: (answered: Answered, onPiece: () => void) => Promise<T>,
): Promise<T> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), settings.timeoutMs)
  try {
    const both = AbortSignal.any([signal, silence.signal])
    const answered = await followRedirects(url, settings, ctx, both)
    const { response, at } = answered
    if (!response.ok) {
      await response.body?.cancel()
      const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), ctx.now())
      throw faultOfStatus(response.status, placeOf(at), retryAfterMs)
    }
    return await use(answered, () => timer.refresh())
  } catch (error) {
    if (isFault(error)) throw error
    if (signal.aborted) throw stopped()
    if (silence.signal.aborted) {
      throw fault({
        kind: 'unavailable',
        code: 'rest.timeout',
        why: `${placeOf(url)} sent nothing for ${settings.timeoutMs} ms.`,
        fix: 'Try again, or raise `timeoutMs`.',
      })
    }
    throw faultOfNetwork(error)
  } finally {
    clearTimeout(timer)
  }
}

/** By hand: `fetch` drops `authorization` on the way to another origin, but not a key in a header of its own name. */
async function followRedirects(
  url: URL,
  settings: RestSettings,
  ctx: Context,
  signal: AbortSignal,
): Promise<Answered> {
  let at = url
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await ctx.fetch(at, { headers: headersFor(at, settings), redirect: 'manual', signal })
    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return { response, at }
    await response.body?.cancel()
    const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined
    if (next === undefined || !/^https?:$/.test(next.protocol)) {
      throw fault({
        kind: 'data',
        code: 'rest.redirect',
        why: `${placeOf(at)} redirects to something that is no http address.`,
        fix: 'Check the address.',
      })
    }
    at = next
  }
  throw fault({
    kind: 'data',
    code: 'rest.redirect',
    why: `${placeOf(url)} redirects more than ${MAX_REDIRECTS} times.`,
    fix: 'Check the address; it may need credentials.',
  })
}

/** Credentials and own headers go to the configured origin only. */
export function headersFor(at: URL, settings: RestSettings): Headers {
  const headers = new Headers({ accept: 'application/json', 'user-agent': 'omni-collector' })
  const home = new URL(settings.url)
  if (at.origin !== home.origin) return headers
  if (home.username !== '' || home.password !== '') {
    const pair = `${decodeURIComponent(home.username)}:${decodeURIComponent(home.password)}`
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  }
  if (settings.token !== undefined) headers.set('authorization', `Bearer ${settings.token}`)
  for (const [name, value] of Object.entries(settings.headers)) headers.set(name, value)
  return headers
}

async function readBody(
  response: Response,
  maxBytes: number,
  place: string,
  onPiece: () => void,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    onPiece()
    size += piece.byteLength
    if (size > maxBytes) {
      throw fault({
        kind: 'data',
        code: 'rest.too-large',
        why: `${place} sends a page of more than ${maxBytes} bytes.`,
        fix: 'Ask for smaller pages with `pageRows`, or raise `maxBytes`.',
      })
    }
    pieces.push(piece)
  }
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces, size)
}

/** The address without query, fragment and credentials, for messages. */
export function placeOf(url: URL): string {
  return `${url.origin}${url.pathname}`
}
