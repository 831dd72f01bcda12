import type { Window } from '../compress/window.ts'
import { arrowFault, corrupt } from './errors.ts'
import { type FlatTable, readFlatRoot } from './flatbuffer.ts'

/** Numbers of the union MessageHeader. */
export const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const

/** One message of a stream; https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format */
export interface Message {
  /** One of {@link HEADER}. */
  readonly kind: number
  readonly header: FlatTable
  readonly bodyBytes: number
  /** The Null type has had no validity since this version, 5, and unions neither. */
  readonly version: number
}

const CONTINUATION = 0xffffffff
/** Metadata of a batch has 16 bytes a column and 16 a buffer. */
const MAX_METADATA_BYTES = 64 * 1024 * 1024
/** A batch is held in memory. */
const MAX_BODY_BYTES = 1024 ** 3

/** The next message; undefined at the mark of the end, or where nothing follows. Its body is next in the window. */
export async function readMessage(window: Window): Promise<Message | undefined> {
  const first = await window.take(4)
  if (first.length === 0) return undefined
  let length = uint32(first)
  // Before format 0.15 there was no such mark before the length.
  if (length === CONTINUATION) length = uint32(await window.take(4))
  if (length === 0) return undefined
  if (length > MAX_METADATA_BYTES) throw corrupt('a message has metadata of absurd size')
  const metadata = await window.take(length)
  if (metadata.length < length) throw truncated()
  return parseMessage(metadata)
}

/** Message: 0 version, 1 header_type, 2 header, 3 bodyLength. */
export function parseMessage(metadata: Uint8Array): Message {
  const table = readFlatRoot(metadata)
  const header = table.table(2)
  const bodyBytes = table.int64(3)
  const version = table.int16(0) + 1
  if (!header) throw corrupt('a message says nothing')
  if (version < 4 || version > 5) {
    throw arrowFault(
      'file.arrow.unsupported',
      `The Arrow file is of format version ${version}; 4 and 5 are read.`,
    )
  }
  if (bodyBytes < 0n) throw corrupt('a message has a body of negative size')
  if (bodyBytes > BigInt(MAX_BODY_BYTES)) {
    throw arrowFault(
      'file.arrow.size',
      `A record batch of the Arrow file has ${bodyBytes} bytes; ${MAX_BODY_BYTES} may be read.`,
    )
  }
  return { kind: table.int8(1), header, bodyBytes: Number(bodyBytes), version }
}

/** The body of the message that was read last, aligned to eight bytes. */
export async function readBody(window: Window, { bodyBytes }: Message): Promise<Uint8Array> {
  const bytes = await window.take(bodyBytes)
  if (bytes.length < bodyBytes) throw truncated()
  return Uint8Array.from(bytes)
}

function uint32(bytes: Uint8Array): number {
  if (bytes.length < 4) throw truncated()
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
}

/** The file ends where more was announced. */
export function truncated(): Error {
  return arrowFault('file.arrow.truncated', 'The Arrow file ends in the middle.')
}
