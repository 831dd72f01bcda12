import { type Context, type Fault, fault, stopped } from '@omni/spec'
import type { IPublishPacket, MqttClient } from 'mqtt'
import { clientOptions, type Identity, readTls } from './client-options.ts'
import { faultOf, faultOfReason } from './errors.ts'
import type { MqttSettings } from './options.ts'

/** A connected client whose QoS 1 messages are acknowledged by hand. */
export interface Session {
  /** The broker still had this session, with what was not acknowledged. */
  readonly resumed: boolean
  readonly version: 4 | 5
  readonly connected: boolean
  subscribe(): Promise<void>
  /** Sends PUBACKs in this order, and resolves true when the broker is known to have read them. */
  acknowledge(ids: readonly number[]): Promise<boolean>
  close(): Promise<void>
}

export interface SessionHandlers {
  /**
   * Every message in order, one at a time: the socket is read no further until `next` is called, which never
   * acknowledges.
   */
  message(packet: IPublishPacket, next: () => void): void
  /** The connection ended by itself, after it was made. */
  lost(error: Fault): void
}

/** Connects, with MQTT 5 first unless told otherwise. Rejects with a fault. */
export async function connectSession(
  settings: MqttSettings,
  ctx: Context,
  identity: Identity,
  handlers: SessionHandlers,
  signal: AbortSignal,
): Promise<Session> {
  if (settings.protocol !== 'auto')
    return connectVersion(settings, ctx, identity, handlers, signal, settings.protocol === '5' ? 5 : 4)
  try {
    return await connectVersion(settings, ctx, identity, handlers, signal, 5)
  } catch (error) {
    if ((error as Fault).code !== 'mqtt.protocol') throw error
    ctx.log.debug('The broker does not speak MQTT 5; going on with 3.1.1.')
    return connectVersion(settings, ctx, identity, handlers, signal, 4)
  }
}

async function connectVersion(
  settings: MqttSettings,
  ctx: Context,
  identity: Identity,
  handlers: SessionHandlers,
  signal: AbortSignal,
  version: 4 | 5,
): Promise<Session> {
  const [{ default: mqtt }, tls] = await Promise.all([import('mqtt'), readTls(settings, ctx)])
  if (signal.aborted) throw stopped()
  const client = mqtt.connect({ ...clientOptions(settings, identity, version), ...tls })
  // mqtt.js sends PUBACK when this callback is called without an error, and none when it is called with one;
  // in both cases it goes on with the next packet (mqtt 5.16, lib/handlers/publish). The error goes nowhere.
  client.handleMessage = (packet, callback) => {
    const pulse = createPulse(client, settings.keepaliveS)
    handlers.message(packet, () => {
      pulse.stop()
      callback(packet.qos === 0 ? undefined : HELD)
    })
    pulse.start()
  }
  const resumed = await watch(client, handlers, signal)
  return createSession(client, settings, version, resumed)
}

/**
 * Keeps the connection while a slow reader holds up a message. The broker's answers wait behind it, unread, so mqtt.js
 * would take the broker for dead.
 */
function createPulse(client: MqttClient, keepaliveS: number): { start(): void; stop(): void } {
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  return {
    start() {
      if (isOver || keepaliveS === 0) return
      timer = setInterval(() => {
        if (!client.connected) return
        client.sendPing()
        client.reschedulePing(true)
      }, keepaliveS * 400)
    },
    stop() {
      isOver = true
      clearInterval(timer)
    },
  }
}

const HELD: Error = Object.freeze(new RangeError('acknowledged later'))

/**
 * Listens to the client from before its first packet on. Resolves once CONNACK has come, with whether the session
 * was there before.
 */
function watch(client: MqttClient, handlers: SessionHandlers, signal: AbortSignal): Promise<boolean> {
  let phase: 'connect' | 'read' | 'over' = 'connect'
  let why: Fault | undefined
  return new Promise((resolve, reject) => {
    const stop = (error: Fault): void => {
      if (phase !== 'connect') return
      phase = 'over'
      client.end(true)
      reject(error)
    }
    const abort = (): void => stop(stopped())
    signal.addEventListener('abort', abort, { once: true })
    client.on('error', (error) => {
      why ??= faultOf(error, phase === 'read' ? 'read' : 'connect')
      stop(why)
    })
    client.on('disconnect', (packet) => {
      why ??= faultOfReason(packet.reasonCode ?? 0)
    })
    client.on('packetreceive', (packet) => {
      if (packet.cmd !== 'publish' || packet.qos !== 2) return
      // mqtt.js would take it over from the broker at once. Only a session that asked for QoS 2 before gets here.
      why ??= fault({
        kind: 'unsupported',
        code: 'mqtt.qos2',
        why: 'The session on the broker holds messages of QoS 2.',
        fix: 'Use a `clientId` of its own for the collector.',
      })
      client.stream.destroy()
    })
    client.on('close', () => {
      signal.removeEventListener('abort', abort)
      if (phase === 'read' && !client.disconnecting) handlers.lost(why ?? faultOf(undefined, 'read'))
      stop(why ?? faultOf(undefined, 'connect'))
    })
    client.once('connect', (connack) => {
      phase = 'read'
      signal.removeEventListener('abort', abort)
      resolve(connack.sessionPresent)
    })
  })
}

function createSession(
  client: MqttClient,
  settings: MqttSettings,
  version: 4 | 5,
  resumed: boolean,
): Session {
  return {
    resumed,
    version,
    get connected() {
      return client.connected && !client.stream.destroyed
    },
    async subscribe() {
      // MQTT 5.0, section 3.8.3.1: 1 sends retained messages only for a new subscription, 2 never.
      const handling = settings.retained ? (settings.session === 'persistent' ? 1 : 0) : 2
      const options = { qos: settings.qos, ...(version === 5 ? { rap: true, rh: handling } : {}) }
      const granted = await client.subscribeAsync([...settings.topics], options).catch((error: unknown) => {
        throw subscribeFault(error)
      })
      if (granted.some((grant) => grant.qos > 2)) throw faultOfReason(128)
    },
    async acknowledge(ids) {
      client.stream.write(pubacks(ids))
      return new Promise<boolean>((resolve) => {
        const done = (read: boolean): void => {
          clearTimeout(timer)
          client.off('packetreceive', onPacket)
          client.off('close', onClose)
          resolve(read)
        }
        // PUBACK has no answer of its own; a broker reads in order, so the answer to a ping proves it.
        const onPacket = (packet: { readonly cmd: string }): void => {
          if (packet.cmd === 'pingresp') done(true)
        }
        const onClose = (): void => done(false)
        const timer = setTimeout(() => done(client.connected), settings.connectTimeoutMs)
        client.on('packetreceive', onPacket)
        client.on('close', onClose)
        client.sendPing()
      })
    },
    async close() {
      if (!client.connected) {
        client.end(true)
        return
      }
      // A peer that is gone answers neither SUBACK, for which mqtt.js waits, nor FIN.
      let late: NodeJS.Timeout | undefined
      const patience = new Promise((resolve) => {
        late = setTimeout(resolve, 500)
      })
      await Promise.race([client.endAsync(), patience])
      clearTimeout(late)
      client.stream.destroy()
    },
  }
}

/** PUBACK packets, 4 bytes each, big-endian; the same in 3.1.1 (section 3.4) and 5.0 (3.4, reason 0 left out). */
export function pubacks(ids: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(ids.length * 4)
  for (const [i, id] of ids.entries()) {
    bytes[i * 4] = 0x40
    bytes[i * 4 + 1] = 2
    bytes.writeUInt16BE(id, i * 4 + 2)
  }
  return bytes
}

function subscribeFault(error: unknown): Fault {
  const packet = (error as { readonly packet?: { readonly granted?: readonly unknown[] } }).packet
  const refused = packet?.granted?.find((code) => typeof code === 'number' && code >= 128)
  return typeof refused === 'number' ? faultOfReason(refused) : faultOf(error, 'read')
}

/** The result of `work`, or the fault of a broker that does not answer. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(faultOf(undefined, 'connect')), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
