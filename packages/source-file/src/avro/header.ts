import type { Window } from '../compress/window.ts'
import { Cursor } from './cursor.ts'
import { avroFault, Damage } from './errors.ts'

/** What a file says before its first block; https://avro.apache.org/docs/1.12.0/specification/#object-container-files */
export interface Header {
  readonly schema: string
  readonly codec: string
  /** 16 bytes that end every block. */
  readonly sync: Uint8Array
  /** Bytes of the header itself. */
  readonly bytes: number
}

const SYNC_BYTES = 16
const FIRST_BYTES = 64 * 1024
const MAX_BYTES = 64 * 1024 * 1024

/** Takes the header off a file. */
export async function takeHeader(window: Window): Promise<Header> {
  for (let size = FIRST_BYTES; ; size *= 4) {
    const bytes = await window.peek(size)
    const header = parseHeader(bytes)
    if (header) {
      await window.take(header.bytes)
      return header
    }
    if (bytes.length < size)
      throw avroFault('file.avro.truncated', 'The Avro file ends in the middle of its header.')
    if (size >= MAX_BYTES)
      throw avroFault('file.avro.size', `The header of the Avro file has more than ${MAX_BYTES} bytes.`)
  }
}

/** The header, or undefined where the bytes do not hold all of it. */
export function parseHeader(bytes: Uint8Array): Header | undefined {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('latin1')
  if (magic === 'Obj\0') {
    throw avroFault('file.avro.unsupported', 'The file is of the format before Avro 1.3, which is not read.')
  }
  if (magic !== 'Obj\x01') throw avroFault('file.avro.corrupt', 'The file does not begin as an Avro file.')
  const cursor = new Cursor()
  cursor.open(bytes)
  cursor.at = 4
  const meta = new Map<string, Uint8Array>()
  try {
    for (let count = cursor.items(1, 1); count > 0; count = cursor.items(1, 1)) {
      for (let i = 0; i < count; i++) {
        const key = Buffer.from(takeBytes(cursor)).toString('utf8')
        meta.set(key, takeBytes(cursor))
      }
    }
  } catch (error) {
    if (error instanceof Damage) return undefined
    throw error
  }
  const end = cursor.at + SYNC_BYTES
  if (end > bytes.length) return undefined
  const schema = meta.get('avro.schema')
  if (!schema) throw avroFault('file.avro.schema', 'The Avro file has no schema.')
  return {
    schema: Buffer.from(schema).toString('utf8'),
    codec: Buffer.from(meta.get('avro.codec') ?? 'null').toString('utf8'),
    sync: bytes.slice(cursor.at, end),
    bytes: end,
  }
}

function takeBytes(cursor: Cursor): Uint8Array {
  const length = cursor.length()
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}
