import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { createBatchBuilder } from '@omni/arrow'
import type { Chunk, Rejected, Row } from '@omni/spec'
import type { IPublishPacket } from 'mqtt'
import type { MqttSettings } from './options.ts'
import { schemaOf } from './types.ts'

/** A message as it came. */
export interface Item {
  readonly packet: IPublishPacket
  readonly bytes: number
  /** Of this read, from 1. */
  readonly ordinal: number
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
}

/** A message that was yielded and that the broker still holds. */
export interface Held {
  readonly id: number
  /** Tells the same message when it is delivered again under another packet identifier. */
  readonly fingerprint: string
}

/** Makes one chunk of messages. */
export interface ChunkBuilder {
  readonly size: number
  readonly bytes: number
  add(item: Item): void
  finish(): { readonly chunk: Chunk; readonly held: readonly Held[] }
}

/** An empty chunk; `finish` is called once. */
export function createChunkBuilder(settings: MqttSettings): ChunkBuilder {
  const rows = createBatchBuilder(schemaOf(settings.payload, settings.properties))
  const rejected: Rejected[] = []
  const held: Held[] = []
  let filtered = 0
  let bytes = 0
  let size = 0
  return {
    get size() {
      return size
    },
    get bytes() {
      return bytes
    },
    add(item) {
      const { packet } = item
      size++
      bytes += item.bytes
      if (packet.qos > 0) held.push({ id: packet.messageId ?? 0, fingerprint: fingerprintOf(packet) })
      if (packet.retain && !settings.retained) {
        filtered++
        return
      }
      const refused = explainPayload(bytesOf(packet), settings.payload)
      if (refused === undefined) rows.append(rowOf(item, settings))
      else rejected.push({ locator: `message ${item.ordinal}`, ...refused, raw: bytesOf(packet) })
    },
    finish: () => ({
      chunk: {
        batch: rows.finish(),
        bytes,
        ...(rejected.length === 0 ? {} : { rejected }),
        ...(filtered === 0 ? {} : { filtered }),
      },
      held,
    }),
  }
}

/** The same for a message however often it is delivered. */
export function fingerprintOf(packet: IPublishPacket): string {
  const properties = JSON.stringify(packet.properties?.userProperties ?? null)
  return hash(
    'sha256',
    Buffer.concat([Buffer.from(`${packet.topic}\0${properties}\0`), bytesOf(packet)]),
    'base64',
  )
}

function bytesOf(packet: IPublishPacket): Buffer {
  return typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
}

function explainPayload(
  payload: Buffer,
  mode: MqttSettings['payload'],
): Pick<Rejected, 'code' | 'reason'> | undefined {
  if (mode === 'auto' || mode === 'binary') return undefined
  if (!isUtf8(payload)) return { code: 'mqtt.payload.utf8', reason: 'The payload is no UTF-8.' }
  if (mode === 'text') return undefined
  try {
    JSON.parse(payload.toString('utf8'))
    return undefined
  } catch {
    return { code: 'mqtt.payload.json', reason: 'The payload is no JSON text.' }
  }
}

function rowOf({ packet, receivedAt }: Item, settings: MqttSettings): Row {
  const payload = bytesOf(packet)
  const binary = settings.payload === 'binary' || (settings.payload === 'auto' && !isUtf8(payload))
  const row: Row = {
    topic: packet.topic,
    payload: settings.payload === 'binary' ? payload : binary ? null : payload.toString('utf8'),
    ...(settings.payload === 'auto' ? { payload_bytes: binary ? payload : null } : {}),
    qos: packet.qos,
    retain: packet.retain,
    redelivered: packet.dup,
    received_at: BigInt(receivedAt),
  }
  return settings.properties ? { ...row, ...propertiesOf(packet) } : row
}

function propertiesOf({ properties = {} }: IPublishPacket): Row {
  const { userProperties } = properties
  return {
    content_type: properties.contentType ?? null,
    response_topic: properties.responseTopic ?? null,
    correlation_data: properties.correlationData ?? null,
    user_properties:
      userProperties === undefined
        ? null
        : Object.entries(userProperties).flatMap(([name, values]) =>
            [values].flat().map((value) => ({ name, value })),
          ),
  }
}
