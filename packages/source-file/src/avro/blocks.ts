import { isFault } from '@omni/spec'
import { createWindow, type Window } from '../compress/window.ts'
import { codecOf, type Unpack } from './codec.ts'
import { Cursor } from './cursor.ts'
import { avroFault, Damage } from './errors.ts'
import { type Header, takeHeader } from './header.ts'

/** One block of a file, unpacked. */
export interface Block {
  /** For a fault: `block 3 (byte 1042)`. */
  readonly place: string
  readonly count: number
  readonly bytes: Uint8Array
}

/** Packed and unpacked bytes of one block, at most; writers make blocks of 16 to 64 KB, some of 16 MB. */
const MAX_BLOCK_BYTES = 256 * 1024 * 1024
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024
/** Two varints. */
const MAX_PREFIX_BYTES = 20

/** The blocks of a file in order; `begin` gets the header before the first. */
export async function* readBlocks(
  source: AsyncIterable<Uint8Array>,
  begin: (header: Header) => void,
): AsyncGenerator<Block, void, void> {
  const window = createWindow(source)
  try {
    const header = await takeHeader(window)
    const unpack = codecOf(header.codec)
    begin(header)
    let offset = header.bytes
    for (let number = 1; ; number++) {
      const place = `block ${number} (byte ${offset})`
      const prefix = await takePrefix(window, place)
      if (!prefix) return
      const { count, size } = prefix
      const packed = await window.take(size)
      if (packed.length < size) throw endsIn(place)
      const sync = await window.peek(header.sync.length)
      if (sync.length < header.sync.length) throw endsIn(place)
      if (!header.sync.every((byte, i) => byte === sync[i])) {
        throw avroFault(
          'file.avro.corrupt',
          `The Avro file is damaged: ${place} does not end with the sync marker.`,
        )
      }
      const bytes = await unpackAt(packed, unpack, place, header.codec)
      await window.take(header.sync.length)
      yield { place, count, bytes }
      offset += prefix.bytes + size + header.sync.length
    }
  } finally {
    await window.close()
  }
}

async function unpackAt(
  packed: Uint8Array,
  unpack: Unpack,
  place: string,
  codec: string,
): Promise<Uint8Array> {
  let cause: unknown
  try {
    const bytes = await unpack(packed, MAX_UNPACKED_BYTES)
    if (bytes) return bytes
  } catch (error) {
    if (!isFault(error)) throw error
    cause = error
  }
  throw avroFault(
    'file.avro.corrupt',
    `The Avro file is damaged: ${place} does not unpack as ${codec}.`,
    cause,
  )
}

/** Number of records and size of the next block; undefined at the end of the file. */
async function takePrefix(
  window: Window,
  place: string,
): Promise<{ readonly count: number; readonly size: number; readonly bytes: number } | undefined> {
  const bytes = await window.peek(MAX_PREFIX_BYTES)
  if (bytes.length === 0) return undefined
  const cursor = new Cursor()
  cursor.open(bytes)
  try {
    const count = cursor.double()
    const size = cursor.double()
    cursor.check()
    if (count < 0 || size < 0 || !Number.isSafeInteger(count)) throw new Damage('its sizes are out of range')
    if (size > MAX_BLOCK_BYTES) {
      throw avroFault('file.avro.size', `In the Avro file ${place} has ${size} bytes.`)
    }
    await window.take(cursor.at)
    return { count, size, bytes: cursor.at }
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    if (bytes.length < MAX_PREFIX_BYTES) throw endsIn(place)
    throw avroFault('file.avro.corrupt', `The Avro file is damaged: ${place} does not begin as one.`)
  }
}

function endsIn(place: string): Error {
  return avroFault('file.avro.truncated', `The Avro file ends in the middle of ${place}.`)
}
