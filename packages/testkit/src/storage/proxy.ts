import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface ProxyAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What is done to one request instead of passing it on; `undefined` passes it on. */
export type ProxyFault =
  /** Answers in the server's place. */
  | { readonly answer: ProxyAnswer }
  /** Breaks the connection after so many bytes of the answer's body. */
  | { readonly cutAfter: number }
  /** Sends so many bytes of the answer's body, and then nothing. */
  | { readonly stallAfter: number }
  /** Lets the server do its work, and breaks the connection before the answer. */
  | { readonly dropAnswer: true }
  | { readonly delayMs: number }

export interface ProxiedRequest {
  readonly method: string
  /** As it came, coded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** A way to an HTTP server that can break. */
export interface FaultProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port`, the same after a restart. */
  readonly url: string
  readonly requests: readonly ProxiedRequest[]
  /** Bytes of answers that were handed on. */
  readonly sent: number
  /** Most requests at one time. */
  readonly most: number
  /** Decides over each request; null: all pass. */
  decide: ((request: ProxiedRequest) => ProxyFault | undefined) | null
  /** Stops: every connection breaks, and nobody listens. */
  down(): Promise<void>
  /** Starts again on the same port. */
  up(): Promise<void>
}

/** Puts a proxy before the server of this address. Requests pass unchanged, so that signatures stay valid. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const requests: ProxiedRequest[] = []
  const state = { sent: 0, most: 0, flying: 0, port: 0 }
  const rule: Pick<FaultProxy, 'decide'> = { decide: null }

  const handle = (near: IncomingMessage, answer: ServerResponse): void => {
    const seen = { method: near.method ?? '', path: near.url ?? '', headers: near.headers }
    requests.push(seen)
    state.most = Math.max(state.most, ++state.flying)
    answer.once('close', () => state.flying--)
    const what = rule.decide?.(seen)
    if (what && 'answer' in what) {
      near.resume()
      answer.writeHead(what.answer.status, { ...what.answer.headers })
      answer.end(near.method === 'HEAD' ? undefined : what.answer.body)
      return
    }
    const pass = (): void => {
      const { method, url: path, rawHeaders } = near
      const far = request({ host: hostname, port, method, path, headers: rawHeaders as unknown as string[] })
      far.on('error', () => answer.destroy())
      far.on('response', (back) => {
        back.on('error', () => answer.destroy())
        if (what && 'dropAnswer' in what) {
          back.resume()
          back.once('end', () => answer.destroy())
          return
        }
        answer.writeHead(back.statusCode ?? 502, back.rawHeaders as unknown as string[])
        relay(back, answer, what, (bytes) => {
          state.sent += bytes
        })
      })
      answer.once('close', () => far.destroy())
      near.pipe(far)
    }
    if (what && 'delayMs' in what) setTimeout(pass, what.delayMs)
    else pass()
  }

  let server = createServer(handle)
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.keepAliveTimeout = 60_000
      server.on('connection', (socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      server.once('error', reject)
      server.listen(state.port, '127.0.0.1', () => {
        state.port = (server.address() as AddressInfo).port
        resolve()
      })
    })
  const down = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  await listen()
  return {
    get url() {
      return `http://127.0.0.1:${state.port}`
    },
    requests,
    get sent() {
      return state.sent
    },
    get most() {
      return state.most
    },
    get decide() {
      return rule.decide
    },
    set decide(decide) {
      rule.decide = decide
    },
    down,
    async up() {
      server = createServer(handle)
      await listen()
    },
    [Symbol.asyncDispose]: down,
  }
}

function relay(
  back: IncomingMessage,
  answer: ServerResponse,
  what: ProxyFault | undefined,
  onBytes: (bytes: number) => void,
): void {
  const room =
    what && 'cutAfter' in what
      ? what.cutAfter
      : what && 'stallAfter' in what
        ? what.stallAfter
        : Number.POSITIVE_INFINITY
  let sent = 0
  back.on('data', (piece: Buffer) => {
    if (sent >= room) return
    const part = piece.subarray(0, room - sent)
    sent += part.length
    onBytes(part.length)
    if (!answer.write(part)) {
      back.pause()
      answer.once('drain', () => back.resume())
    }
    // The bytes go out first: a reset may overtake them.
    if (sent >= room && what && 'cutAfter' in what) setTimeout(() => answer.destroy(), 20)
  })
  back.on('end', () => {
    if (sent < room) answer.end()
  })
}
