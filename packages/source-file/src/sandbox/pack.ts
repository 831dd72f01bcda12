import type { Column, Schema } from '@omni/spec'
import type { FormatChunk } from '../format.ts'
import type { SentChunk } from './messages.ts'

/** A chunk to be sent, and the memory that goes over with it. */
export interface Packed {
  readonly chunk: SentChunk
  readonly transfer: ArrayBuffer[]
}

/** Puts chunks into a form that goes to another thread, mostly without a copy. One for each read. */
export interface Packer {
  pack(chunk: FormatChunk): Packed
}

/** From this share of its memory on, a column is handed over as it is, instead of copied. */
const WORTH_MOVING = 0.5

export function createPacker(): Packer {
  let known: Schema | undefined
  return {
    pack(chunk) {
      if ('restart' in chunk) {
        known = undefined
        return { chunk, transfer: [] }
      }
      if ('rows' in chunk) return { chunk, transfer: [] }
      const { batch, ...facts } = chunk
      const { schema, rows, columns } = batch
      const transfer = new Set<ArrayBuffer>()
      const sent = columns.map((column) => packColumn(column, transfer))
      const isNew = schema !== known
      known = schema
      return {
        chunk: { ...facts, columns: sent, length: rows, ...(isNew ? { schema } : {}) },
        transfer: [...transfer],
      }
    },
  }
}

function packColumn(column: Column, transfer: Set<ArrayBuffer>): Column {
  const { validity, offsets, values, children } = column
  return {
    ...column,
    validity: validity && moveBytes(validity, transfer),
    offsets: offsets && moveOffsets(offsets, transfer),
    values: moveBytes(values, transfer),
    children: children.map((child) => packColumn(child, transfer)),
  }
}

function moveBytes(bytes: Uint8Array, transfer: Set<ArrayBuffer>): Uint8Array {
  const { buffer } = bytes
  if (canMove(buffer, bytes.byteLength)) {
    transfer.add(buffer)
    return bytes
  }
  const copy = new Uint8Array(bytes)
  transfer.add(copy.buffer)
  return copy
}

function moveOffsets(offsets: Int32Array, transfer: Set<ArrayBuffer>): Int32Array {
  const { buffer } = offsets
  if (canMove(buffer, offsets.byteLength)) {
    transfer.add(buffer)
    return offsets
  }
  const copy = new Int32Array(offsets)
  transfer.add(copy.buffer)
  return copy
}

/** A batch is its reader's to keep, so a buffer that it mostly fills can be given away. */
function canMove(buffer: ArrayBufferLike, used: number): buffer is ArrayBuffer {
  return buffer instanceof ArrayBuffer && used > 0 && used >= buffer.byteLength * WORTH_MOVING
}
