import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chunk, Collector, Context, Limits, Row } from '@omni/spec'

/** A request as the server saw it. */
export interface Seen {
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

type Handler = (request: Seen, response: ServerResponse, count: number) => void | Promise<void>

/** A JSON API on loopback: routes that behave and misbehave in the ways real ones do. */
export interface World extends AsyncDisposable {
  readonly url: string
  readonly seen: Seen[]
  /** Adds or replaces a route. */
  route(path: string, handler: Handler): void
  /** How often a route was asked. */
  count(path: string): number
}

export const TOKEN = 'right-token'
export const USERS: readonly Row[] = Array.from({ length: 10 }, (_, i) => ({
  id: i + 1,
  name: `user ${i + 1}`,
}))

export async function startWorld(): Promise<World> {
  const routes = new Map<string, Handler>()
  const counts = new Map<string, number>()
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://loopback')
    const one: Seen = { path: url.pathname, query: url.searchParams, headers: request.headers }
    seen.push(one)
    const count = (counts.get(one.path) ?? 0) + 1
    counts.set(one.path, count)
    const handler = routes.get(one.path)
    if (handler === undefined) json(response, { message: 'not found' }, 404)
    else void Promise.resolve(handler(one, response, count))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const world: World = {
    url,
    seen,
    route: (path, handler) => void routes.set(path, handler),
    count: (path) => counts.get(path) ?? 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  addRoutes(world)
  return world
}

export function json(response: ServerResponse, value: unknown, status = 200, headers = {}): void {
  const body = JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body)
}

function slice(query: URLSearchParams, offset: number): readonly Row[] {
  return USERS.slice(offset, offset + Number(query.get('limit') ?? 3))
}

function addRoutes({ route, url }: World): void {
  route('/users', (_, response) => json(response, USERS))
  route('/linked', ({ query }, response) => {
    const offset = Number(query.get('offset') ?? 0)
    const link = `</linked?offset=${offset + 3}>; rel="next", </linked>; rel="first"`
    json(response, slice(query, offset), 200, offset + 3 < USERS.length ? { link } : {})
  })
  route('/cursor', ({ query }, response) => {
    const after = Number(query.get('after') ?? 0)
    const more = after + 3 < USERS.length
    json(response, { data: slice(query, after), paging: { next: more ? String(after + 3) : null } })
  })
  route('/django', ({ query }, response) => {
    const offset = Number(query.get('offset') ?? 0)
    const next = offset + 3 < USERS.length ? `${url}/django?offset=${offset + 3}` : null
    json(response, { count: USERS.length, next, previous: null, results: slice(query, offset) })
  })
  route('/page', ({ query }, response) =>
    json(response, {
      items: slice(query, (Number(query.get('page') ?? 1) - 1) * Number(query.get('limit') ?? 3)),
    }),
  )
  route('/offset', ({ query }, response) => json(response, slice(query, Number(query.get('offset') ?? 0))))
  route('/stuck', (_, response) => json(response, USERS))
  route('/loop', ({ query }, response) =>
    json(response, USERS, 200, { link: `</loop?p=${(Number(query.get('p') ?? 0) + 1) % 3}>; rel=next` }),
  )
  route('/private', ({ headers }, response) =>
    headers.authorization === `Bearer ${TOKEN}` ? json(response, USERS) : json(response, {}, 401),
  )
  route('/flaky', (_, response, count) => (count === 1 ? json(response, {}, 500) : json(response, USERS)))
  route('/busy', (_, response, count) =>
    count === 1 ? json(response, {}, 429, { 'retry-after': '1' }) : json(response, USERS),
  )
  route('/much-too-busy', (_, response) => json(response, {}, 429, { 'retry-after': '86400' }))
  route('/html', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end('<html><body>Please log in, Ms Secret</body></html>')
  })
  route('/text', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end('nothing that parses')
  })
  route('/slow', async (_, response) => {
    await sleep(2000, undefined, { ref: false })
    json(response, USERS)
  })
  route('/drip', async (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const body = JSON.stringify(USERS)
    for (let i = 0; i < body.length; i += 60) {
      response.write(body.slice(i, i + 60))
      await sleep(60)
    }
    response.end()
  })
  route('/broken', (_, response, count) => {
    if (count > 1) return json(response, USERS)
    const body = JSON.stringify(USERS)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.write(body.slice(0, 40), () => response.destroy())
  })
  route('/cut', (_, response, count) => {
    const body = JSON.stringify(USERS)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(count > 1 ? body : body.slice(0, 40))
  })
  route('/moved', (_, response) => {
    response.writeHead(302, { location: '/users' })
    response.end()
  })
  route('/circle', (_, response) => {
    response.writeHead(307, { location: '/circle' })
    response.end()
  })
  route('/numbers', (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      '[{"big":9007199254740993,"exact":0.12345678901234567890,"small":12.5,"huge":1e400,"text":"1e5"}]',
    )
  })
}

export const limits: Limits = { chunkRows: 16_384, chunkBytes: 8_388_608, bufferBytes: 33_554_432 }

/** What core gives a source; `notes` collects what it logs. */
export function createContext(
  notes: string[] = [],
  signal: AbortSignal = new AbortController().signal,
): Context {
  const write = (message: string): void => void notes.push(message)
  return {
    signal,
    log: { debug: write, info: write, warn: write },
    fetch: globalThis.fetch,
    now: Date.now,
    limits,
    storage: () => {
      throw new RangeError('not used')
    },
  }
}

/** Chunks of the collector's only stream. */
export async function* readChunks(
  collector: Collector,
  more: { readonly limit?: number; readonly limits?: Partial<Limits>; readonly ctx?: Context } = {},
): AsyncGenerator<Chunk> {
  const ctx = more.ctx ?? createContext()
  const reader = collector.source.open(collector.options, ctx)
  const [stream] = await reader.discover()
  if (stream === undefined) throw new RangeError('no stream')
  try {
    yield* reader.read(stream, undefined, {
      signal: ctx.signal,
      limits: { ...limits, ...more.limits },
      ...(more.limit === undefined ? {} : { limit: more.limit }),
    })
  } finally {
    await reader.close?.()
  }
}

export async function readRows(...args: Parameters<typeof readChunks>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const chunk of readChunks(...args)) if ('rows' in chunk) rows.push(...chunk.rows)
  return rows
}
