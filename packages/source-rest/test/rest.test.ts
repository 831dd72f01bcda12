import { isExactNumber } from '@omni/arrow'
import { type Collector, type Fault, isFault } from '@omni/spec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rest } from '../src/index.ts'
import { createContext, json, readChunks, readRows, startWorld, TOKEN, USERS, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const at = (path: string, options: Parameters<typeof rest>[1] = {}): Collector =>
  rest(`${world.url}${path}`, { retries: 2, ...options })

async function failure(collector: Collector, ctx = createContext()): Promise<Fault> {
  const error = await readRows(collector, { ctx }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isFault(error)) throw new RangeError(`no fault but ${String(error)}`)
  return error
}

describe('records', () => {
  it('reads an array', async () => expect(await readRows(at('/users'))).toEqual(USERS))
  it('finds the only list', async () => expect(await readRows(at('/page'))).toEqual(USERS.slice(0, 3)))
  it('takes a path with dots', async () =>
    expect(await readRows(at('/cursor', { records: 'data' }))).toEqual(USERS.slice(0, 3)))
  it('takes a JSONPath', async () =>
    expect(await readRows(at('/users', { records: '$[?@.id > 8].name' }))).toEqual([
      { value: 'user 9' },
      { value: 'user 10' },
    ]))
  it('says when the path finds nothing', async () =>
    expect(await failure(at('/users', { records: '$.nothing' }))).toMatchObject({
      kind: 'data',
      code: 'rest.records.missing',
    }))
  it('takes an object without a list as one row', async () => {
    world.route('/one', (_, response) => json(response, { id: 1, next: '/two' }))
    expect(await readRows(at('/one'))).toEqual([{ id: 1, next: '/two' }])
    expect(world.count('/two')).toBe(0)
  })
  it('keeps every digit', async () => {
    const [row] = await readRows(at('/numbers'))
    expect(String(row?.['big'])).toBe('9007199254740993')
    expect(String(row?.['exact'])).toBe('0.12345678901234567890')
    expect(row?.['small']).toBe(12.5)
    expect(isExactNumber(row?.['huge'])).toBe(true)
    expect(row?.['text']).toBe('1e5')
  })
  it('reads a 204 as no rows', async () => {
    world.route('/none', (_, response) => response.writeHead(204).end())
    expect(await readRows(at('/none'))).toEqual([])
  })
})

describe('paging', () => {
  it.each([
    ['/linked', {}],
    ['/linked', { paging: 'link' }],
    ['/django', {}],
    ['/cursor', { cursor: { path: '$.paging.next', param: 'after' } }],
    ['/django', { cursor: { path: 'next' } }],
    ['/page', { paging: 'page', pageRows: 4 }],
    ['/page', { paging: 'page' }],
    ['/offset', { paging: 'offset', pageRows: 5 }],
  ] as const)('%s %j reads every row once', async (path, options) => {
    expect(await readRows(at(path, options))).toEqual(USERS)
  })
  it('does not page with none', async () =>
    expect(await readRows(at('/linked', { paging: 'none' }))).toHaveLength(3))
  it('stops at maxPages and says so', async () => {
    const notes: string[] = []
    expect(await readRows(at('/linked', { maxPages: 2 }), { ctx: createContext(notes) })).toHaveLength(6)
    expect(notes.join()).toContain('maxPages')
  })
  it('asks for no more pages than the limit needs', async () => {
    const before = world.count('/linked')
    expect(await readRows(at('/linked'), { limit: 4 })).toEqual(USERS.slice(0, 4))
    expect(world.count('/linked') - before).toBe(2)
  })
  it('reads a page only when it is asked for', async () => {
    const before = world.count('/linked')
    const chunks = readChunks(at('/linked'))
    await chunks.next()
    expect(world.count('/linked') - before).toBe(1)
    await chunks.return(undefined)
  })
  it('cuts pages into chunks', async () => {
    const sizes: number[] = []
    for await (const chunk of readChunks(at('/users'), { limits: { chunkRows: 4 } }))
      if ('rows' in chunk) sizes.push(chunk.rows.length)
    expect(sizes).toEqual([4, 4, 2])
  })
  it.each([
    ['/loop', {}],
    ['/stuck', { paging: 'page' }],
  ] as const)('%s is a loop', async (path, options) => {
    expect(await failure(at(path, options))).toMatchObject({ kind: 'data', code: 'rest.paging.loop' })
  })
})

describe('failures', () => {
  it('tries again after a 500', async () => {
    expect(await readRows(at('/flaky'))).toEqual(USERS)
    expect(world.count('/flaky')).toBe(2)
  })
  it('waits as long as Retry-After says', async () => {
    const started = performance.now()
    expect(await readRows(at('/busy'))).toEqual(USERS)
    expect(performance.now() - started).toBeGreaterThanOrEqual(990)
  })
  it('does not wait a day', async () => {
    const fault = await failure(at('/much-too-busy'))
    expect(fault).toMatchObject({ kind: 'throttled', code: 'rest.throttled', retryAfterMs: 86_400_000 })
    expect(world.count('/much-too-busy')).toBe(1)
  })
  it.each(['/broken', '/cut'])('reads again what %s broke off', async (path) => {
    expect(await readRows(at(path))).toEqual(USERS)
    expect(world.count(path)).toBe(2)
  })
  it('gives up in the end', async () => {
    world.route('/down', (_, response) => json(response, {}, 503))
    expect(await failure(at('/down', { retries: 1 }))).toMatchObject({
      kind: 'unavailable',
      code: 'rest.status',
    })
    expect(world.count('/down')).toBe(2)
  })
  it.each([
    ['/html', 'data', 'rest.not-json', 'text/html'],
    ['/text', 'data', 'rest.not-json', 'text/plain'],
    ['/nowhere', 'missing', 'rest.missing', '404'],
    ['/private', 'auth', 'rest.auth', '401'],
    ['/circle', 'data', 'rest.redirect', 'redirects'],
  ])('%s is %s %s', async (path, kind, code, why) => {
    const fault = await failure(at(`${path}?api_key=hidden`, { token: 'wrong-token' }))
    expect(fault).toMatchObject({ kind, code })
    expect(fault.why).toContain(why)
    expect(fault.message).not.toMatch(/hidden|wrong-token|Secret|nothing that/)
    expect(world.count(path)).toBeLessThanOrEqual(11)
  })
  it('400 is the configuration', async () => {
    world.route('/bad', (_, response) => json(response, {}, 400))
    expect(await failure(at('/bad'))).toMatchObject({ kind: 'config', code: 'rest.request' })
    expect(world.count('/bad')).toBe(1)
  })
  it('nothing for too long is a time-out, dripping is not', async () => {
    expect(await failure(at('/slow', { timeoutMs: 150, retries: 0 }))).toMatchObject({
      kind: 'unavailable',
      code: 'rest.timeout',
    })
    expect(await readRows(at('/drip', { timeoutMs: 150, retries: 0 }))).toEqual(USERS)
  })
  it('a closed port is unavailable', async () =>
    expect(await failure(rest('http://127.0.0.1:29999/', { retries: 0 }))).toMatchObject({
      kind: 'unavailable',
      code: 'rest.connect',
    }))
  it('a port that fetch refuses is said at once', async () =>
    expect(await failure(rest('http://127.0.0.1:9/', { retries: 5 }))).toMatchObject({
      kind: 'config',
      code: 'rest.port',
    }))
  it('a page that is too large is refused', async () =>
    expect(await failure(at('/users', { maxBytes: 100 }))).toMatchObject({ code: 'rest.too-large' }))
  it('bytes that are no UTF-8 are refused', async () => {
    world.route('/latin', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(Buffer.from('["m\xfcller"]', 'latin1'))
    })
    expect(await failure(at('/latin'))).toMatchObject({ kind: 'data', code: 'rest.encoding' })
  })
  it('stops when it is told to, also in the middle of a wait', async () => {
    const controller = new AbortController()
    const ctx = createContext([], controller.signal)
    setTimeout(() => controller.abort(), 50)
    expect(await failure(at('/slow'), ctx)).toMatchObject({ kind: 'aborted' })
  })
})

describe('credentials', () => {
  it('sends the token', async () => expect(await readRows(at('/private', { token: TOKEN }))).toEqual(USERS))
  it('sends headers, parameters and user of the URL', async () => {
    world.route('/echo', ({ query, headers }, response) =>
      json(response, [{ q: [...query], key: headers['x-api-key'], auth: headers.authorization }]),
    )
    const url = `${world.url.replace('//', '//me:p%40ss@')}/echo?a=1&b=2`
    const rows = await readRows(rest(url, { params: { b: 3, c: ['x', 'y'] }, headers: { 'X-Api-Key': 'k' } }))
    expect(rows).toEqual([
      {
        q: [
          ['a', '1'],
          ['b', '3'],
          ['c', 'x'],
          ['c', 'y'],
        ],
        key: 'k',
        auth: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      },
    ])
  })
  it('follows a redirect', async () => expect(await readRows(at('/moved'))).toEqual(USERS))
  it('takes no credential to another origin, by redirect or by link', async () => {
    await using other = await startWorld()
    world.route('/away', (_, response) => response.writeHead(302, { location: `${other.url}/users` }).end())
    world.route('/next-away', (_, response) =>
      json(response, USERS, 200, { link: `<${other.url}/users>; rel=next` }),
    )
    const secrets = { token: TOKEN, headers: { 'x-api-key': 'hidden', cookie: 'hidden' } }
    expect(await readRows(at('/away', secrets))).toEqual(USERS)
    expect(await readRows(at('/next-away', secrets))).toEqual([...USERS, ...USERS])
    expect(other.seen).toHaveLength(2)
    expect(JSON.stringify(other.seen)).not.toMatch(/hidden|right-token|authorization/)
    expect(world.seen.at(-1)?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'x-api-key': 'hidden',
    })
  })
})

describe('check', () => {
  const check = async (collector: Collector) =>
    collector.source.open(collector.options, createContext()).check?.()
  it('is content with an answer', async () =>
    expect(await check(at('/users?x=1'))).toEqual({
      notes: [`${world.url}/users answers`],
    }))
  it('rejects with the fault', async () =>
    expect(check(at('/private', { token: 'wrong' }))).rejects.toMatchObject({ kind: 'auth' }))
})

describe('options', () => {
  it.each([
    ['https://api.test/v1/users', 'rest:users', 'users'],
    ['https://api.test/v1/users.json?token=x#y', 'rest:users.json', 'users'],
    ['https://me:secret@api.test/', 'rest:api.test', 'api.test'],
    ['https://api.test/caf%C3%A9', 'rest:café', 'café'],
  ])('%s is %s', (url, label, dataset) => expect(rest(url)).toMatchObject({ label, dataset }))

  it.each([
    [{ url: 'ftp://x' }, 'url'],
    [{ url: 'http://x', records: '$.[' }, 'records'],
    [{ url: 'http://x', records: 'a..b' }, 'records'],
    [{ url: 'http://x', cursor: { path: '$[' } }, 'cursor.path'],
    [{ url: 'http://x', headers: { 'a b': 'c' } }, 'headers.a b'],
    [{ url: 'http://x', paging: 'cursor' }, 'cursor'],
    [{ url: 'http://x', paging: 'link', cursor: { path: '$.n' } }, 'paging'],
    [{ url: 'http://x', pagerows: 1 }, 'pagerows'],
  ])('%j is refused, naming %s', (options, path) => {
    expect(() => rest(options as never)).toThrow(path)
  })
})
