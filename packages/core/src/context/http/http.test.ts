import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Fault, StorageContext, StoredObject } from '@omni/spec'
import { describe, expect, it, onTestFinished } from 'vitest'
import { localObject } from '../local-object.ts'
import { createStores } from '../stores.ts'

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) & 255))

interface Server {
  readonly url: string
  readonly requests: IncomingMessage[]
  /** Connections that were opened. */
  connections: number
}

/** A server on this machine, until the end of the test. */
async function serve(
  handle: (request: IncomingMessage, response: ServerResponse, turn: number) => void,
): Promise<Server> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    handle(request, response, requests.filter(({ method }) => method === request.method).length)
  })
  const state = { requests, connections: 0, url: '' }
  server.on('connection', () => state.connections++)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

interface Sending {
  readonly bytes?: Buffer
  readonly headers?: Record<string, string>
  readonly ignoresRanges?: boolean
  /** The connection breaks after so many bytes of the body. */
  readonly breaksAfter?: number
}

/** Answers as a sound server does, but for what is asked. */
function send(request: IncomingMessage, response: ServerResponse, sending: Sending = {}): void {
  const { bytes = BYTES, headers = { etag: '"v1"' }, ignoresRanges = false, breaksAfter } = sending
  const range = ignoresRanges ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const ifRange = request.headers['if-range']
  const isSame = ifRange === undefined || ifRange === headers['etag'] || ifRange === headers['last-modified']
  const start = range && isSame ? Number(range[1]) : 0
  const end = range && isSame && range[2] !== '' ? Math.min(Number(range[2]) + 1, bytes.length) : bytes.length
  if (start >= bytes.length && range) {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${bytes.length}` }).end()
    return
  }
  const isPart = range && isSame
  response.writeHead(isPart ? 206 : 200, {
    ...headers,
    'content-length': String(end - start),
    ...(isPart ? { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` } : {}),
  })
  if (request.method === 'HEAD') response.end()
  else if (breaksAfter === undefined || breaksAfter >= end - start) response.end(bytes.subarray(start, end))
  else
    response.write(bytes.subarray(start, start + breaksAfter), () => setTimeout(() => response.destroy(), 20))
}

function open(
  url: string,
  options: Record<string, unknown> = {},
  signal = new AbortController().signal,
): StoredObject {
  const silent = (): void => undefined
  const context: StorageContext = {
    signal,
    log: { debug: silent, info: silent, warn: silent },
    fetch: globalThis.fetch,
    now: Date.now,
  }
  return createStores([], context).object(url, options)
}

const bytesOf = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(pieces))

const faultOf = (work: Promise<unknown>): Promise<Fault> =>
  work.then(
    () => expect.unreachable('it did not fail'),
    (error: Fault) => error,
  )

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const { kind, code } = await faultOf(work)
  return `${kind} ${code}`
}

describe('an http object', () => {
  it('says what it is, and gives its bytes whole and by range over few connections', async () => {
    const modified = 'Sat, 30 May 2026 10:00:00 GMT'
    const server = await serve((request, response) =>
      send(request, response, { headers: { etag: '"v1"', 'last-modified': modified } }),
    )
    const object = open(`${server.url}/data/a%20b.csv?sig=secret#x`)
    expect(await object.head()).toEqual({
      url: `${server.url}/data/a%20b.csv`,
      name: 'a b.csv',
      size: BYTES.length,
      etag: '"v1"',
      modifiedMs: Date.parse(modified),
      isFolder: false,
    })
    expect((await bytesOf(object.stream())).equals(BYTES)).toBe(true)
    for (const [start, end] of [
      [0, 10],
      [5, 6],
      [299_990, 300_000],
      [299_990, 400_000],
      [400_000, 400_001],
      [7, 7],
    ] as const) {
      expect(
        Buffer.from(await object.read({ start, end })).equals(BYTES.subarray(start, end)),
        `${start}`,
      ).toBe(true)
    }
    expect((await bytesOf(object.stream({ start: 299_000 }))).equals(BYTES.subarray(299_000))).toBe(true)
    expect(server.requests.every(({ headers }) => headers['accept-encoding'] === 'identity')).toBe(true)
    expect(server.requests[0]?.url).toBe('/data/a%20b.csv?sig=secret')
    expect(server.connections).toBeLessThan(4)
  })

  it.each([
    ['refuses HEAD', 405, {}],
    ['allows only GET, as signed addresses do', 403, {}],
    ['does not say a size', 200, { 'transfer-encoding': 'chunked' }],
  ])('asks for one byte where a server %s', async (_, status, headers) => {
    const server = await serve((request, response) => {
      if (request.method === 'HEAD') response.writeHead(status, headers).end()
      else send(request, response)
    })
    expect(await open(`${server.url}/x`).head()).toMatchObject({ size: BYTES.length, etag: '"v1"' })
    const empty = await serve((request, response) => {
      if (request.method === 'HEAD') response.writeHead(status, headers).end()
      else send(request, response, { bytes: Buffer.alloc(0) })
    })
    expect(await open(`${empty.url}/x`).head()).toMatchObject({ size: 0 })
    expect((await bytesOf(open(`${empty.url}/x`).stream())).length).toBe(0)
  })

  it('takes the name that the server gives', async () => {
    const server = await serve((request, response) =>
      send(request, response, {
        headers: { 'content-disposition': 'attachment; filename="../d/report.csv.br"' },
      }),
    )
    expect((await open(`${server.url}/download?id=5`).head()).name).toBe('report.csv.br')
    expect((await open(server.url).head()).name).toBe('report.csv.br')
  })
})

describe('a connection that breaks', () => {
  it.each([
    ['an ETag', { etag: '"v1"' }, false, 3],
    ['a time', { 'last-modified': 'Sat, 30 May 2026 10:00:00 GMT' }, false, 3],
    ['a weak ETag', { etag: 'W/"v1"' }, false, 3],
    ['an ETag, ranges ignored', { etag: '"v1"' }, true, 3],
    ['nothing to tell versions by', {}, false, 3],
    ['nothing, ranges ignored', {}, true, 3],
  ] as const)('is gone on with, by %s', async (_, headers, ignoresRanges, turns) => {
    const server = await serve((request, response, turn) => {
      const breaks =
        turn < turns ? { breaksAfter: ignoresRanges || !('etag' in headers) ? turn * 90_000 : 90_000 } : {}
      send(request, response, { headers, ignoresRanges, ...breaks })
    })
    const object = open(`${server.url}/x`)
    expect((await bytesOf(object.stream())).equals(BYTES)).toBe(true)
    expect(server.requests.length).toBe(turns)
    server.requests.length = 0
    const part = await object.read({ start: 1000, end: 250_000 })
    expect(Buffer.from(part).equals(BYTES.subarray(1000, 250_000))).toBe(true)
  })

  it('never joins two versions', async () => {
    const other = Buffer.from(BYTES.map((byte) => byte ^ 1))
    for (const [first, second, bytes] of [
      [{ etag: '"v1"' }, { etag: '"v2"' }, other],
      [{ etag: 'W/"v1"' }, { etag: 'W/"v2"' }, other],
      [{}, {}, other],
      [{ etag: '"v1"' }, { etag: '"v1"' }, other.subarray(0, 200_000)],
      [{ etag: '"v1"' }, {}, other],
    ] as const) {
      for (const ignoresRanges of [false, true]) {
        const server = await serve((request, response, turn) => {
          if (turn === 1) send(request, response, { headers: first, ignoresRanges, breaksAfter: 90_000 })
          else send(request, response, { headers: second, ignoresRanges, bytes })
        })
        expect(await codeOf(bytesOf(open(`${server.url}/x`).stream()))).toBe('unavailable storage.changed')
      }
    }
  })

  it('reads only the version that was asked for', async () => {
    const server = await serve((request, response) => send(request, response))
    const object = open(`${server.url}/x`)
    expect((await object.read({ start: 1, end: 3, etag: '"v1"' })).length).toBe(2)
    expect(await codeOf(object.read({ start: 1, end: 3, etag: '"v0"' }))).toBe('unavailable storage.changed')
    const bare = await serve((request, response) => send(request, response, { headers: {} }))
    const unversioned = open(`${bare.url}/x`)
    const { etag } = await unversioned.head()
    expect((await unversioned.read({ start: 1, end: 3, etag })).length).toBe(2)
    expect((await open(`${bare.url}/x`).head()).etag).not.toBe(etag)
  })

  it('is waited for as long as it is told, and no longer', async () => {
    const server = await serve((request, response, turn) => {
      if (turn === 1)
        return void response.writeHead(200, { etag: '"v1"', 'content-length': '300000' }).write('x'.repeat(9))
      if (turn === 2) return
      send(request, response, { bytes: Buffer.from('x'.repeat(300_000)) })
    })
    const object = open(`${server.url}/x`, { timeoutMs: '150' })
    const started = performance.now()
    let size = 0
    for await (const piece of object.stream()) {
      size += piece.length
      // A slow reader is not a slow server.
      if (size === piece.length) await new Promise((done) => setTimeout(done, 400))
    }
    expect(size).toBe(300_000)
    expect(performance.now() - started).toBeLessThan(5000)
    expect(server.requests.length).toBe(3)
  })
})

describe('what a server answers', () => {
  it('is tried again when it may pass, after the time it asks for', async () => {
    for (const [status, headers] of [
      [429, { 'retry-after': '1' }],
      [503, {}],
      [500, {}],
      [408, {}],
    ] as const) {
      const server = await serve((request, response, turn) => {
        if (request.method === 'HEAD' || turn === 1) response.writeHead(status, headers).end('busy')
        else send(request, response)
      })
      const started = performance.now()
      expect((await open(`${server.url}/x`).head()).size).toBe(BYTES.length)
      if ('retry-after' in headers) expect(performance.now() - started).toBeGreaterThan(900)
    }
  })

  it('is a fault of its kind otherwise, without the query', async () => {
    for (const [status, expected] of [
      [401, 'auth http.auth'],
      [403, 'auth http.auth'],
      [404, 'missing http.missing'],
      [410, 'missing http.missing'],
      [400, 'config http.request'],
      [501, 'unsupported http.status'],
    ] as const) {
      const server = await serve((_, response) => response.writeHead(status).end('key=abc'))
      const object = open(`${server.url}/x?key=abc`)
      for (const work of [() => object.head(), () => bytesOf(object.stream())]) {
        const error = await faultOf(work())
        expect(`${error.kind} ${error.code}`).toBe(expected)
        expect(error.message).not.toContain('abc')
      }
    }
    const throttling = await serve((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end())
    const error = await faultOf(open(`${throttling.url}/x`).head())
    expect([error.kind, error.retryAfterMs]).toEqual(['throttled', 3_600_000])
  })

  it('gives up on a server that stays away', { timeout: 30_000 }, async () => {
    const server = await serve((_, response) => response.writeHead(502).end())
    expect(await codeOf(bytesOf(open(`${server.url}/x`).stream()))).toBe('unavailable http.status')
    expect(server.requests.length).toBe(6)
  })

  it('is not believed when it lies about the part it sends', async () => {
    const part = BYTES.subarray(100, 200)
    for (const headers of [
      { 'content-range': 'bytes 0-99/300000' },
      { 'content-range': 'bytes 100-250/300000' },
      { 'content-range': 'bytes 100-199/150' },
      { 'content-range': 'bytes 199-100/300000' },
      { 'content-type': 'multipart/byteranges; boundary=x' },
    ]) {
      const server = await serve((_, response) =>
        response.writeHead(206, { etag: '"v1"', ...headers }).end(part),
      )
      expect(await codeOf(open(`${server.url}/x`).read({ start: 100, end: 200 }))).toBe(
        'unsupported http.range',
      )
    }
    const short = await serve((request, response, turn) => {
      if (turn === 1) {
        const headers = { etag: '"v1"', 'content-range': 'bytes 100-149/300000', 'content-length': '50' }
        response.writeHead(206, headers).end(BYTES.subarray(100, 150))
      } else send(request, response)
    })
    const read = await open(`${short.url}/x`).read({ start: 100, end: 200 })
    expect(Buffer.from(read).equals(part)).toBe(true)
  })

  it('may be no longer than maxBytes', async () => {
    const server = await serve((request, response) => send(request, response))
    const object = open(`${server.url}/x`, { maxBytes: 1000 })
    for (const work of [() => object.head(), () => bytesOf(object.stream())]) {
      expect(await codeOf(work())).toBe('config http.size')
    }
    const chunked = await serve((_, response) => response.end(BYTES))
    expect(await codeOf(bytesOf(open(`${chunked.url}/x`, { maxBytes: 1000 }).stream()))).toBe(
      'config http.size',
    )
  })

  it('is never unpacked on the way', async () => {
    const packed = gzipSync(BYTES)
    const server = await serve((request, response) =>
      send(request, response, { bytes: packed, headers: { etag: '"v1"', 'content-encoding': 'gzip' } }),
    )
    const object = open(`${server.url}/a.csv.gz`)
    expect((await object.head()).size).toBe(packed.length)
    expect((await bytesOf(object.stream())).equals(packed)).toBe(true)
    expect(Buffer.from(await object.read({ start: 5, end: 50 })).equals(packed.subarray(5, 50))).toBe(true)
    const brotli = await serve((request, response) =>
      send(request, response, { headers: { 'content-encoding': 'br' } }),
    )
    expect(await codeOf(open(`${brotli.url}/x`).head())).toBe('unsupported http.encoding')
  })

  it('is left when the run is stopped', async () => {
    const server = await serve((_, response) => void response.writeHead(200).write('x'))
    const controller = new AbortController()
    const reading = bytesOf(open(`${server.url}/x`, {}, controller.signal).stream())
    setTimeout(() => controller.abort(), 50)
    expect(await codeOf(reading)).toBe('aborted run.aborted')
  })
})

describe('redirects', () => {
  it('are followed, and credentials stay at home', async () => {
    const away = await serve((request, response) => send(request, response))
    const home = await serve((request, response) => {
      if (request.url === '/first') response.writeHead(301, { location: '/second?x=1' }).end()
      else response.writeHead(307, { location: `${away.url}/third?signature=1` }).end()
    })
    const object = open(home.url.replace('//', '//ann:p%40ss@') + '/first', { headers: { 'X-Api-Key': 'k' } })
    expect((await bytesOf(object.stream())).equals(BYTES)).toBe(true)
    const basic = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`
    for (const { headers } of home.requests) {
      expect([headers.authorization, headers['x-api-key']]).toEqual([basic, 'k'])
    }
    for (const { headers } of away.requests) {
      expect([headers.authorization, headers['x-api-key']]).toEqual([undefined, undefined])
    }
    const { url } = await object.head()
    expect(url).toBe(`${home.url}/first`)
    const token = await serve((request, response) => send(request, response))
    await open(token.url, { token: 'tok' }).head()
    expect(token.requests[0]?.headers.authorization).toBe('Bearer tok')
  })

  it('end: a circle, another scheme, none', async () => {
    for (const location of ['/x', 'file:///etc/passwd', 'ftp://h/x', 'http://[', undefined]) {
      const server = await serve((_, response) => response.writeHead(302, location ? { location } : {}).end())
      expect(await codeOf(open(`${server.url}/x`).head())).toBe('unsupported http.redirect')
      expect(server.requests.length).toBeLessThan(23)
    }
  })
})

describe('options and what cannot be done', () => {
  it('are checked at once', () => {
    for (const [options, expected] of [
      [{ tokn: 'x' }, /storageOptions\.tokn: is not known/],
      [{ token: 'a\nb' }, /storageOptions\.token/],
      [{ headers: { 'a b': 'x' } }, /storageOptions\.headers\.a b/],
      [{ headers: { Range: 'bytes=0-1' } }, /set by the reader itself/],
      [{ timeoutMs: 0 }, /storageOptions\.timeoutMs/],
      [{ maxBytes: 'many' }, /storageOptions\.maxBytes/],
    ] as const) {
      expect(() => open('http://h/x', options)).toThrow(expected)
    }
    expect(() => open('http://h:x/y')).toThrow(/not a valid URL/)
  })

  it('cannot list, and does not reach what is not there', async () => {
    const server = await serve((request, response) => send(request, response))
    expect(await codeOf(Array.fromAsync(open(server.url).list()))).toBe('unsupported http.list')
    expect(await codeOf(bytesOf(open(server.url.replace('http:', 'https:')).stream()))).toBe(
      'unsupported http.protocol',
    )
    expect(await codeOf(open('http://name.invalid/x?key=abc').head())).toBe('unavailable net.name')
  })
})

describe('a local object', () => {
  it('is the version that was asked for', async () => {
    const object = localObject(import.meta.filename)
    const { etag } = await object.head()
    expect((await bytesOf(object.stream({ etag }))).length).toBeGreaterThan(100)
    for (const work of [
      () => bytesOf(object.stream({ etag: 'other' })),
      () => bytesOf(object.stream({ etag: 'other', reuse: true })),
      () => object.read({ start: 0, end: 1, etag: 'other' }),
    ]) {
      expect(await codeOf(work())).toBe('unavailable storage.changed')
    }
  })
})
