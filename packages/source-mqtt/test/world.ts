import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { rowsOf } from '@omni/arrow'
import type { Batch, Chunk, Collector, Context, Limits, Reader, Row } from '@omni/spec'
import mqtt, { type IClientPublishOptions } from 'mqtt'

/** A broker on loopback. */
export interface World extends AsyncDisposable {
  readonly name: string
  readonly url: string
  /** MQTT 5 too. */
  readonly speaks5: boolean
  /** Where `u` with the password `p` is asked for. */
  readonly privateUrl: string
  /** Publishes at QoS 1 unless told otherwise, and waits until the broker has it. */
  publish(
    topic: string,
    payloads: readonly (string | Buffer)[],
    options?: IClientPublishOptions,
  ): Promise<void>
}

export const USER = 'u'
export const PASSWORD = 'p'

/** A broker in this process; MQTT 3.1.1. */
export async function startAedes(): Promise<World> {
  const { Aedes } = await import('aedes')
  const brokers = await Promise.all(
    [false, true].map(async (isPrivate) => {
      const broker = await Aedes.createBroker({
        authenticate: (_client, user, password, done) => {
          if (!isPrivate || (user === USER && password?.toString() === PASSWORD)) return done(null, true)
          return done(Object.assign(new RangeError('no'), { returnCode: 4 }) as never, null)
        },
        authorizeSubscribe: (_client, subscription, done) =>
          done(null, subscription.topic.startsWith('forbidden') ? null : subscription),
      })
      const server = createServer(broker.handle)
      const port = await new Promise<number>((resolve) =>
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
      )
      const stop = async () => {
        await new Promise<void>((resolve) => broker.close(resolve))
        await new Promise((resolve) => server.close(resolve))
      }
      return { url: `mqtt://127.0.0.1:${port}`, stop }
    }),
  )
  const [open, closed] = brokers as [(typeof brokers)[0], (typeof brokers)[0]]
  return {
    name: 'aedes',
    url: open.url,
    privateUrl: closed.url,
    speaks5: false,
    publish: publisher(open.url),
    [Symbol.asyncDispose]: async () => void (await Promise.all(brokers.map(({ stop }) => stop()))),
  }
}

const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find(
  existsSync,
)

const HASHER = 'mosquitto_passwd'
const OPENSSL = 'openssl'

/** Why Mosquitto cannot be had here, or undefined. */
export const noMosquitto: string | undefined =
  MOSQUITTO === undefined ? 'no mosquitto here; install the package mosquitto' : undefined

/** The real thing, as a process of its own. */
export async function startMosquitto(more = '', scheme = 'mqtt'): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'omni-mqtt-'))
  const [port, privatePort] = [await freePort(), await freePort()]
  const passwords = join(folder, 'passwords')
  spawnSync(HASHER, ['-b', '-c', passwords, USER, PASSWORD])
  const acl = join(folder, 'acl')
  writeFileSync(acl, 'topic readwrite allowed/#\n')
  const config = [
    'per_listener_settings true',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    more,
    `listener ${privatePort} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${passwords}`,
    `acl_file ${acl}`,
  ]
  writeFileSync(join(folder, 'mosquitto.conf'), `${config.join('\n')}\n`)
  const child = spawn(MOSQUITTO as string, ['-c', join(folder, 'mosquitto.conf')], {
    detached: true,
    stdio: 'ignore',
  })
  const stop = (): void => void child.kill()
  process.once('exit', stop)
  await Promise.all([port, privatePort].map(answers))
  const url = `${scheme}://127.0.0.1:${port}`
  return {
    name: 'mosquitto',
    url,
    privateUrl: `mqtt://127.0.0.1:${privatePort}`,
    speaks5: true,
    publish: publisher(url),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      stop()
      process.off('exit', stop)
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Files of a certificate that signs itself, for 127.0.0.1, or why they cannot be had. */
export function createCertificate(): { readonly cert: string; readonly key: string } | string {
  const folder = mkdtempSync(join(tmpdir(), 'omni-cert-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = spawnSync(OPENSSL, [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...[...subject, '-keyout', key, '-out', cert],
  ])
  return made.status === 0 ? { cert, key } : 'no openssl here; install it'
}

/** Publishes over a connection of its own. */
export function publisher(url: string): World['publish'] {
  return async (topic, payloads, options = {}) => {
    const protocolVersion = options.properties === undefined ? 4 : 5
    const client = await mqtt.connectAsync(url, { protocolVersion, reconnectPeriod: 0 })
    for (const payload of payloads) await client.publishAsync(topic, payload, { qos: 1, ...options })
    await client.endAsync()
  }
}

/** Below the ports that the system hands out by itself, so that nobody takes it before the broker does. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

async function answers(port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const socket = connectSocket(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await sleep(25)
  }
  throw new RangeError(`nothing answers on port ${port}`)
}

/** A way to the broker that can break. */
export interface Wire extends AsyncDisposable {
  readonly url: string
  /** Bytes that came from the broker. */
  readonly received: number
  /** PUBACKs that went to the broker. */
  readonly acknowledged: number
  /** Breaks every connection. */
  cut(): void
}

export async function startWire(brokerUrl: string): Promise<Wire> {
  const target = new URL(brokerUrl)
  const sockets = new Set<Socket>()
  let received = 0
  let acknowledged = 0
  const server = createServer((near) => {
    const count = createPacketCounter(() => acknowledged++)
    near.on('data', count)
    const far = connectSocket(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    far.on('data', (bytes) => {
      received += bytes.length
    })
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
    sockets.clear()
  }
  const url = new URL(brokerUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    get received() {
      return received
    },
    get acknowledged() {
      return acknowledged
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Calls back for each PUBACK in a stream of bytes (MQTT 5.0, section 2.1). */
function createPacketCounter(onPuback: () => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    for (;;) {
      let length = 0
      let head = 1
      for (let more = true; more; head++) {
        const byte = rest[head]
        if (byte === undefined) return
        length += (byte & 127) << (7 * (head - 1))
        more = byte > 127
      }
      if (rest.length < head + length) return
      if ((rest[0] as number) >> 4 === 4) onPuback()
      rest = rest.subarray(head + length)
    }
  }
}

export const limits: Limits = { chunkRows: 16_384, chunkBytes: 8_388_608, bufferBytes: 33_554_432 }

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

/** One run: what core does between opening and closing, without the snapshot. */
export interface Run extends AsyncDisposable {
  readonly reader: Reader
  readonly rows: Row[]
  readonly chunks: Chunk[]
  /** What core calls when the snapshot is durable. */
  save(): Promise<void>
}

export interface RunOptions {
  readonly limit?: number
  readonly limits?: Partial<Limits>
  readonly ctx?: Context
  /** Called for each chunk, before the next is asked for. */
  readonly onChunk?: (chunk: Chunk) => Promise<void> | void
}

export async function run(collector: Collector, options: RunOptions = {}): Promise<Run> {
  const ctx = options.ctx ?? createContext()
  const reader = collector.source.open(collector.options, ctx)
  const [stream] = await reader.discover()
  if (stream === undefined) throw new RangeError('no stream')
  const rows: Row[] = []
  const chunks: Chunk[] = []
  try {
    for await (const chunk of reader.read(stream, undefined, {
      signal: ctx.signal,
      limits: { ...limits, ...options.limits },
      ...(options.limit === undefined ? {} : { limit: options.limit }),
    })) {
      chunks.push(chunk)
      if ('batch' in chunk) rows.push(...rowsOf(chunk.batch as Batch))
      await options.onChunk?.(chunk)
    }
  } catch (error) {
    await reader.close?.()
    throw error
  }
  return {
    reader,
    rows,
    chunks,
    save: async () => reader.ack?.(stream, undefined),
    [Symbol.asyncDispose]: async () => reader.close?.(),
  }
}

/** The session comes into being on the broker with the first run. */
export async function subscribeOnce(first: Collector): Promise<void> {
  await using empty = await run(first)
  if (empty.rows.length > 0) throw new RangeError('the session is not new')
}
