import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Collector, type Fault, isFault } from '@omni/spec'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { mqtt } from '../src/index.ts'
import {
  createCertificate,
  createContext,
  freePort,
  noMosquitto,
  PASSWORD,
  type Run,
  run,
  startAedes,
  startMosquitto,
  startWire,
  subscribeOnce,
  USER,
  type World,
} from './world.ts'

type Options = Omit<Exclude<Parameters<typeof mqtt>[0], string>, 'url'>

let names = 0
/** A session of its own for each test. */
const fresh = (): string => `omni-test-${process.pid}-${++names}`
const collector = (url: string, options: Options): Collector =>
  mqtt({ url, idleMs: 400, connectTimeoutMs: 10_000, ...options })
/** A read that waits for so many messages, however busy the machine is. */
const read = (url: string, options: Options, limit: number): Promise<Run> =>
  run(collector(url, { idleMs: 20_000, ...options }), { limit })
const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `m${from + i}`)
const payloads = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map((row) => row['payload'])

/** Skips, or fails where nothing may be skipped. */
function lack(ctx: TestContext, why: string): never {
  const required = (process.env['OMNI_TEST_REQUIRE'] ?? '').split(',')
  if (required.includes('all') || required.includes('mosquitto')) throw new RangeError(why)
  return ctx.skip(why)
}

async function failure(work: () => Promise<unknown>): Promise<Fault> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isFault(error)) throw new RangeError(`no fault but ${String(error)}`)
  return error
}

/** A session that lasts, before anything is published. */
const begin = (url: string, options: Options): Promise<void> =>
  subscribeOnce(collector(url, { ...options, idleMs: 1 }))

describe.each([
  { broker: 'aedes', protocol: 'auto', start: startAedes, missing: undefined },
  { broker: 'mosquitto', protocol: '3.1.1', start: startMosquitto, missing: noMosquitto },
  { broker: 'mosquitto', protocol: '5', start: startMosquitto, missing: noMosquitto },
] as const)('$broker, protocol $protocol', ({ protocol, start, missing }) => {
  let world: World
  beforeAll(async () => {
    if (missing === undefined) world = await start()
  })
  afterAll(() => world?.[Symbol.asyncDispose]())
  const test = (name: string, body: () => Promise<void>): void =>
    it(name, async (ctx) => {
      if (missing !== undefined) lack(ctx, missing)
      await body()
    })

  test('delivers again what was not saved, and not what was', async () => {
    const options: Options = { topics: 'kept/#', clientId: fresh(), protocol }
    await begin(world.url, options)
    await world.publish('kept/a', numbered(15))
    {
      await using unsaved = await read(world.url, options, 15)
      expect(payloads(unsaved.rows)).toEqual(numbered(15))
    }
    {
      await using wire = await startWire(world.url)
      await using saved = await read(wire.url, options, 15)
      expect(payloads(saved.rows)).toEqual(numbered(15))
      expect(wire.acknowledged).toBe(0)
      await saved.save()
      expect(wire.acknowledged).toBe(15)
      await saved.save()
      expect(wire.acknowledged).toBe(15)
    }
    await world.publish('kept/b', ['later'])
    await using next = await read(world.url, options, 1)
    expect(payloads(next.rows)).toEqual(['later'])
  })

  test('delivers again to the next process when one is killed before it saved', async () => {
    const options: Options = { topics: 'killed/#', clientId: fresh(), protocol, idleMs: 1500 }
    await begin(world.url, options)
    await world.publish('killed/a', numbered(12))
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('killed.ts', import.meta.url)), JSON.stringify({ url: world.url, ...options })],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [output] = (await once(child.stdout, 'data')) as [Buffer]
    expect(output.toString().trim()).toBe('12')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await using next = await read(world.url, options, 12)
    expect(payloads(next.rows)).toEqual(numbered(12))
  })

  test('acknowledges no message that the limit left out', async () => {
    const options: Options = { topics: 'limited/#', clientId: fresh(), protocol }
    await begin(world.url, options)
    await world.publish('limited/a', numbered(10))
    for (const from of [0, 4]) {
      await using part = await read(world.url, options, 4)
      expect(payloads(part.rows)).toEqual(numbered(4, from))
      await part.save()
    }
    await using rest = await read(world.url, options, 2)
    expect(payloads(rest.rows)).toEqual(numbered(2, 8))
  })

  test('acknowledges over a new connection when the first broke after the read', async () => {
    await using wire = await startWire(world.url)
    const options: Options = { topics: 'wire/#', clientId: fresh(), protocol }
    await begin(wire.url, options)
    await world.publish('wire/a', [...numbered(9), 'm0'])
    {
      await using saved = await read(wire.url, options, 8)
      wire.cut()
      await sleep(50)
      await saved.save()
    }
    await using next = await read(wire.url, options, 2)
    expect(payloads(next.rows)).toEqual(['m8', 'm0'])
  })

  test('fails when the connection breaks during the read, and loses nothing', async () => {
    await using wire = await startWire(world.url)
    const options: Options = { topics: 'broken/#', clientId: fresh(), protocol }
    await begin(wire.url, options)
    await world.publish('broken/a', numbered(5))
    const fault = await failure(() => run(collector(wire.url, options), { onChunk: () => wire.cut() }))
    expect(fault).toMatchObject({ kind: 'unavailable', code: 'mqtt.closed' })
    await using next = await read(wire.url, options, 5)
    expect(payloads(next.rows)).toEqual(numbered(5))
  })

  test('stops reading the socket when the reader is slow', async () => {
    await using wire = await startWire(world.url)
    const options: Options = { topics: 'slow/#', clientId: fresh(), protocol, qos: 0 }
    const bytes = Buffer.alloc(60_000, 'x')
    let first: number | undefined
    let held = 0
    const reading = run(collector(wire.url, { ...options, idleMs: 1500 }), {
      limits: { bufferBytes: 200_000, chunkBytes: 100_000 },
      onChunk: async () => {
        if (first !== undefined) return
        first = wire.received
        await sleep(600)
        held = wire.received - first
      },
    })
    await sleep(200)
    await world.publish('slow/a', Array<Buffer>(500).fill(bytes))
    await using done = await reading
    // What is in the buffers of the kernel and of the wire comes on top of `bufferBytes`.
    expect(held).toBeLessThan(15_000_000)
    expect(done.rows.length).toBeGreaterThan(0)
    for (const chunk of done.chunks) expect('bytes' in chunk && chunk.bytes).toBeLessThan(200_000)
  })

  test('follows wildcards and several topics, with QoS 0 and 1', async () => {
    const reading = run(
      collector(`${world.url}/wild/+/temp`, { topics: ['wild/y', 'other/#'], protocol, idleMs: 1500 }),
    )
    await sleep(300)
    await world.publish('wild/x/temp', ['1'], { qos: 0 })
    await world.publish('wild/y', ['2'])
    await world.publish('other/z', ['3'])
    await world.publish('another', ['4'])
    await using done = await reading
    const seen = new Set(done.rows.map((row) => `${row['topic']} ${row['payload']} ${row['qos']}`))
    expect(seen).toEqual(new Set(['wild/x/temp 1 0', 'wild/y 2 1', 'other/z 3 1']))
  })

  test('marks retained messages, or leaves them out', async () => {
    const topic = `retained/${fresh()}`
    await world.publish(topic, ['old'], { retain: true })
    await using all = await read(world.url, { topics: topic, protocol }, 1)
    expect(all.rows).toMatchObject([{ topic, payload: 'old', retain: true }])
    await using none = await run(collector(world.url, { topics: topic, protocol, retained: false }))
    expect(none.rows).toEqual([])
  })

  test('keeps bytes, refuses what is no text or JSON', async () => {
    const topic = `bytes/${fresh()}`
    const sent = [Buffer.from([0xff, 0x00]), 'ü\0"', '{"n":9007199254740993}', '']
    const options: Options = { topics: topic, clientId: fresh(), protocol }
    await begin(world.url, options)
    await world.publish(topic, sent)
    const readAs = async (payload: NonNullable<Options['payload']>) => {
      await using done = await read(world.url, { ...options, payload }, sent.length)
      const rejected = done.chunks.flatMap((chunk) => ('batch' in chunk ? (chunk.rejected ?? []) : []))
      return { rows: done.rows, rejected }
    }
    const auto = await readAs('auto')
    expect(payloads(auto.rows)).toEqual([null, 'ü\0"', '{"n":9007199254740993}', ''])
    expect(auto.rows.map((row) => row['payload_bytes'])).toEqual([
      new Uint8Array([0xff, 0]),
      null,
      null,
      null,
    ])
    const text = await readAs('text')
    expect(payloads(text.rows)).toEqual(['ü\0"', '{"n":9007199254740993}', ''])
    expect(text.rejected).toMatchObject([{ locator: 'message 1', code: 'mqtt.payload.utf8' }])
    const json = await readAs('json')
    expect(payloads(json.rows)).toEqual(['{"n":9007199254740993}'])
    expect(json.rejected.map(({ code }) => code)).toEqual([
      'mqtt.payload.utf8',
      'mqtt.payload.json',
      'mqtt.payload.json',
    ])
    expect(json.rejected.map(({ raw }) => Buffer.from(raw as Uint8Array))).toEqual(
      [sent[0], sent[1], sent[3]].map((one) => Buffer.from(one as string)),
    )
    const binary = await readAs('binary')
    expect(payloads(binary.rows)).toEqual(sent.map((one) => new Uint8Array(Buffer.from(one as string))))
  })

  test('ends after timeoutMs although messages keep coming', async () => {
    const reading = run(collector(world.url, { topics: 'busy', protocol, timeoutMs: 900, qos: 0 }))
    let isOver = false
    const flood = (async () => {
      while (!isOver) {
        await world.publish('busy', ['x'])
        await sleep(50)
      }
    })()
    await using done = await reading
    isOver = true
    await flood
    expect(done.rows.length).toBeGreaterThan(1)
  })

  test('ends at once when it is stopped', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 300)
    const ctx = createContext([], controller.signal)
    const reading = () =>
      run(collector(world.url, { topics: 'quiet', protocol, idleMs: 0, timeoutMs: 0 }), { ctx })
    expect(await failure(reading)).toMatchObject({ kind: 'aborted' })
  })

  test('ends at once when it is stopped while a message is held up', async () => {
    const options: Options = { topics: 'held', clientId: fresh(), protocol }
    await begin(world.url, options)
    await world.publish('held', numbered(50))
    const controller = new AbortController()
    let stopped = 0
    const reading = run(collector(world.url, options), {
      ctx: createContext([], controller.signal),
      limits: { bufferBytes: 1, chunkRows: 1 },
      onChunk: () => {
        stopped ||= performance.now()
        controller.abort()
      },
    })
    expect(await failure(() => reading)).toMatchObject({ kind: 'aborted' })
    expect(performance.now() - stopped).toBeLessThan(400)
  })

  test('asks for the right password, in the URL or as options', async () => {
    const options: Options = { topics: 'allowed/#', protocol, idleMs: 1 }
    const wrong = await failure(() =>
      run(collector(world.privateUrl, { ...options, user: USER, password: 'no' })),
    )
    expect(wrong).toMatchObject({ kind: 'auth', code: 'mqtt.auth' })
    expect(await failure(() => run(collector(world.privateUrl, options)))).toMatchObject({ kind: 'auth' })
    await using a = await run(collector(world.privateUrl, { ...options, user: USER, password: PASSWORD }))
    expect(a.rows).toEqual([])
    await using b = await run(collector(world.privateUrl.replace('//', `//${USER}:${PASSWORD}@`), options))
    expect(b.rows).toEqual([])
  })

  test('checks without touching the session', async () => {
    const options: Options = { topics: 'checked', clientId: fresh(), protocol }
    await begin(world.url, options)
    await world.publish('checked', ['a'])
    const { source, options: settings } = collector(world.url, options)
    const checked = await source.open(settings, createContext()).check?.()
    expect(checked?.notes?.[0]).toContain(protocol === '5' ? 'MQTT 5' : 'MQTT')
    await using next = await read(world.url, options, 1)
    expect(payloads(next.rows)).toEqual(['a'])
  })
})

describe('aedes', () => {
  it('keeps the connection while the reader is slower than keepaliveS', async () => {
    await using world = await startAedes()
    const options: Options = { topics: 'slow', clientId: fresh(), keepaliveS: 1 }
    await begin(world.url, options)
    await world.publish('slow', numbered(200))
    let waits = 1
    await using saved = await run(collector(world.url, { ...options, idleMs: 20_000 }), {
      limit: 200,
      limits: { bufferBytes: 1000, chunkRows: 20 },
      onChunk: () => sleep(waits-- > 0 ? 3500 : 0),
    })
    expect(payloads(saved.rows)).toEqual(numbered(200))
    await saved.save()
  })
  it('a refused subscription is auth', async () => {
    await using world = await startAedes()
    const fault = await failure(() => run(collector(world.url, { topics: 'forbidden/x' })))
    expect(fault).toMatchObject({ kind: 'auth', code: 'mqtt.subscribe' })
  })
  it('version 5 alone is refused with the way out', async () => {
    await using world = await startAedes()
    const fault = await failure(() => run(collector(world.url, { topics: 'x', protocol: '5' })))
    expect(fault).toMatchObject({ kind: 'config', code: 'mqtt.protocol' })
  })
})

describe('mosquitto', () => {
  it('holds far more than its in-flight window of 20 for one snapshot with MQTT 5', async (ctx) => {
    if (noMosquitto !== undefined) lack(ctx, noMosquitto)
    await using world = await startMosquitto('max_queued_messages 0')
    const options: Options = { topics: 'many', clientId: fresh() }
    await begin(world.url, options)
    await world.publish('many', numbered(3000))
    {
      await using saved = await read(world.url, options, 3000)
      expect(payloads(saved.rows)).toEqual(numbered(3000))
      await saved.save()
    }
    await using next = await run(collector(world.url, options))
    expect(next.rows).toEqual([])
  })
  it('gives its window of 20 to a snapshot with MQTT 3.1.1, and the rest to the next', async (ctx) => {
    if (noMosquitto !== undefined) lack(ctx, noMosquitto)
    await using world = await startMosquitto()
    const options: Options = { topics: 'window', clientId: fresh(), protocol: '3.1.1' }
    await begin(world.url, options)
    await world.publish('window', numbered(45))
    const seen: unknown[] = []
    while (seen.length < 45) {
      await using saved = await run(collector(world.url, { ...options, idleMs: 1000 }))
      if (seen.length === 0) expect(saved.rows).toHaveLength(20)
      expect(saved.rows.length).toBeGreaterThan(0)
      seen.push(...payloads(saved.rows))
      await saved.save()
    }
    expect(seen).toEqual(numbered(45))
  })
  it('gives the properties of MQTT 5', async (ctx) => {
    if (noMosquitto !== undefined) lack(ctx, noMosquitto)
    await using world = await startMosquitto()
    const reading = read(world.url, { topics: 'p', properties: true }, 1)
    await sleep(300)
    const userProperties = { a: ['1', '2'], b: '3' }
    await world.publish('p', ['x'], { properties: { contentType: 'text/plain', userProperties } })
    await using done = await reading
    expect(done.rows).toMatchObject([
      {
        content_type: 'text/plain',
        response_topic: null,
        user_properties: [
          { name: 'a', value: '1' },
          { name: 'a', value: '2' },
          { name: 'b', value: '3' },
        ],
      },
    ])
  })
  it('a session taken over by another client is said', async (ctx) => {
    if (noMosquitto !== undefined) lack(ctx, noMosquitto)
    await using world = await startMosquitto()
    const options: Options = { topics: 'x', clientId: fresh(), idleMs: 10_000 }
    const first = failure(() => run(collector(world.url, options)))
    await sleep(300)
    await using _second = await run(collector(world.url, { ...options, idleMs: 100 }))
    // Mosquitto 2.0.11 closes without the DISCONNECT that MQTT 5.0, section 3.1.4, asks for.
    expect((await first).code).toMatch(/^mqtt\.(taken-over|closed)$/)
  })
})

describe('transports', () => {
  it('TLS: trusts the authority it is given, and no other', async (ctx) => {
    if (noMosquitto !== undefined) lack(ctx, noMosquitto)
    const files = createCertificate()
    if (typeof files === 'string') return lack(ctx, files)
    await using world = await startMosquitto(`certfile ${files.cert}\nkeyfile ${files.key}`, 'mqtts')
    const check = async (tls?: Options['tls']) => {
      const { source, options } = collector(world.url, { topics: 'x', ...(tls === undefined ? {} : { tls }) })
      return source.open(options, createContext()).check?.()
    }
    expect((await check({ ca: readFileSync(files.cert, 'utf8') }))?.notes).toHaveLength(1)
    expect((await check({ insecure: true }))?.notes).toHaveLength(1)
    expect(await failure(() => check())).toMatchObject({ kind: 'config', code: 'mqtt.tls' })
    const plain = collector(world.url.replace('mqtts', 'mqtt'), { topics: 'x', connectTimeoutMs: 1000 })
    expect(await failure(() => run(plain))).toMatchObject({ kind: 'unavailable' })
  })
  it('web sockets: holds back acknowledgements too', async (ctx) => {
    if (noMosquitto !== undefined) lack(ctx, noMosquitto)
    await using world = await startMosquitto('protocol websockets', 'ws')
    const options: Options = { topics: 'ws/#', clientId: fresh() }
    await begin(world.url, options)
    await world.publish('ws/a', numbered(3))
    {
      await using unsaved = await read(world.url, options, 3)
      expect(payloads(unsaved.rows)).toEqual(numbered(3))
    }
    {
      await using saved = await read(world.url, options, 2)
      await saved.save()
    }
    await using next = await read(world.url, options, 1)
    expect(payloads(next.rows)).toEqual(['m2'])
  })
})

describe('no broker', () => {
  it('is unavailable', async () => {
    const port = await freePort()
    const fault = await failure(() => run(collector(`mqtt://127.0.0.1:${port}`, { topics: 'x' })))
    expect(fault).toMatchObject({ kind: 'unavailable', code: 'mqtt.connect' })
  })
  it('is unavailable when something else listens and says nothing', async () => {
    const server = createServer(() => {})
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const silent = collector(`mqtt://127.0.0.1:${port}`, { topics: 'x', connectTimeoutMs: 300 })
    const fault = await failure(() => run(silent))
    server.close()
    expect(fault).toMatchObject({ kind: 'unavailable', code: 'mqtt.connect' })
  })
})
