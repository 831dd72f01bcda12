import { isExactNumber, normalizeBatch } from '@omni/arrow'
import type { Column, Row, Schema } from '@omni/spec'
import type { FormatChunk } from '../format.ts'
import type { SentChunk } from './messages.ts'

/** A chunk to be sent, and the memory that goes over with it. */
export interface Packed {
  readonly chunk: SentChunk
  readonly transfer: ArrayBuffer[]
}

/** Puts chunks into a form that goes to another thread, mostly without a copy. One for each read. */
export interface Packer {
  pack(chunk: FormatChunk): Promise<Packed>
}

/** From this share of its memory on, a column is handed over as it is, instead of copied. */
const WORTH_MOVING = 0.5

export function createPacker(): Packer {
  let known: Schema | undefined
  return {
    async pack(chunk) {
      if ('restart' in chunk) {
        known = undefined
        return { chunk, transfer: [] }
      }
      if ('rows' in chunk) return { chunk: { ...chunk, rows: chunk.rows.map(plainRow) }, transfer: [] }
      const { batch, ...facts } = chunk
      // Core checks what comes: twice would be once too often.
      const { schema, rows, columns } = 'columns' in batch ? batch : await normalizeBatch(batch)
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
  const copy = Uint8Array.from(bytes)
  transfer.add(copy.buffer)
  return copy
}

function moveOffsets(offsets: Int32Array, transfer: Set<ArrayBuffer>): Int32Array {
  const { buffer } = offsets
  if (canMove(buffer, offsets.byteLength)) {
    transfer.add(buffer)
    return offsets
  }
  const copy = Int32Array.from(offsets)
  transfer.add(copy.buffer)
  return copy
}

/** A batch is its reader's to keep, so a buffer that it mostly fills can be given away. */
function canMove(buffer: ArrayBufferLike, used: number): buffer is ArrayBuffer {
  return buffer instanceof ArrayBuffer && used > 0 && used >= buffer.byteLength * WORTH_MOVING
}

/** What stands for an exact number on the way: its class does not survive being sent. */
export const EXACT = '\u0000exact'

function plainRow(row: Row): Row {
  return plainValue(row) as Row
}

function plainValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (isExactNumber(value)) return { [EXACT]: value.text }
  if (Array.isArray(value)) return value.map(plainValue)
  if (value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValue(inner)]))
}
