import type { CsvSplitter, CsvType } from '@omni/kernels'
import type { Batch, Column, DataType, Schema } from '@omni/spec'
import { type BatchMemory, createBatchMemory } from '../batch-memory.ts'
import type { ColumnType } from './typing.ts'

/** Columns of a batch as it grows. */
export interface BatchSink {
  readonly rows: number
  /** Bytes of values, about. */
  readonly bytes: number
  /** Adds the rows of the splitter; returns the first column and row that are not of their type. */
  add(splitter: CsvSplitter, rows: number): { readonly column: number; readonly row: number } | undefined
  /** The batch, which the caller owns; the sink begins a new one. */
  finish(): Batch
}

interface ColumnSink {
  readonly bytes: number
  /** -1, or the row that is not of the type. */
  add(splitter: CsvSplitter, column: number, at: number, rows: number): number
  finish(rows: number): Column
}

/** A sink for batches of these columns. */
export function createBatchSink(
  schema: Schema,
  types: readonly ColumnType[],
  memory: BatchMemory = createBatchMemory(),
): BatchSink {
  const sinks = types.map(({ parse, type }) =>
    parse ? createFixedSink(parse, type, memory) : createTextSink(type, memory),
  )
  let rows = 0
  return {
    get rows() {
      return rows
    },
    get bytes() {
      return sinks.reduce((sum, sink) => sum + sink.bytes, 0)
    },
    add(splitter, added) {
      if (added === 0) return undefined
      for (const [column, sink] of sinks.entries()) {
        const row = sink.add(splitter, column, rows, added)
        if (row >= 0) return { column, row }
      }
      rows += added
      return undefined
    },
    finish() {
      const batch = { schema, rows, columns: sinks.map((sink) => sink.finish(rows)) }
      rows = 0
      return batch
    },
  }
}

/** Bits that grow; the last byte of what is there is shared with what comes. */
function createBits(): { add(at: number, bits: Uint8Array): void; take(count: number): Uint8Array } {
  let bits = new Uint8Array(128)
  return {
    add(at, more) {
      const first = at >> 3
      bits = grow(bits, first + more.length, first + 1)
      bits[first] = bits[first]! | more[0]!
      bits.set(more.subarray(1), first + 1)
    },
    take(count) {
      const taken = bits
      bits = new Uint8Array(taken.length)
      return taken.subarray(0, (count + 7) >> 3)
    },
  }
}

/** Room for `size` bytes, keeping the first `used`. */
function grow(buffer: Uint8Array<ArrayBuffer>, size: number, used: number): Uint8Array<ArrayBuffer> {
  if (size <= buffer.length) return buffer
  const larger = new Uint8Array(Math.max(size, 2 * buffer.length))
  larger.set(buffer.subarray(0, used))
  return larger
}

function createFixedSink(parse: CsvType, type: DataType, memory: BatchMemory): ColumnSink {
  const isBits = parse.kind === 'bool'
  const validity = createBits()
  const bits = createBits()
  let values = new Uint8Array(1024)
  let used = 0
  let nulls = 0
  return {
    get bytes() {
      return used
    },
    add(splitter, column, at) {
      const found = splitter.fixed(column, parse, at & 7)
      if (found.failed >= 0) return found.failed
      validity.add(at, found.validity)
      nulls += found.nulls
      if (isBits) bits.add(at, found.values)
      else {
        values = grow(values, used + found.values.length, used)
        values.set(found.values, used)
        used += found.values.length
      }
      return -1
    },
    finish(rows) {
      const column = {
        type,
        length: rows,
        nullCount: nulls,
        validity: nulls > 0 ? validity.take(rows) : null,
        offsets: null,
        values: isBits ? bits.take(rows) : values.subarray(0, used),
        children: [],
      }
      if (nulls === 0) validity.take(0)
      values = new Uint8Array(memory.take(values.length))
      used = 0
      nulls = 0
      return column
    },
  }
}

function createTextSink(type: DataType, memory: BatchMemory): ColumnSink {
  const validity = createBits()
  let values = new Uint8Array(1024)
  let offsets = new Int32Array(1025)
  let used = 0
  let nulls = 0
  return {
    get bytes() {
      return used
    },
    add(splitter, column, at, rows) {
      const found = splitter.text(column, used, at & 7)
      validity.add(at, found.validity)
      nulls += found.nulls
      values = grow(values, used + found.values.length, used)
      values.set(found.values, used)
      used += found.values.length
      if (at + rows + 1 > offsets.length) {
        const larger = new Int32Array(Math.max(at + rows + 1, 2 * offsets.length))
        larger.set(offsets.subarray(0, at + 1))
        offsets = larger
      }
      offsets.set(found.ends, at + 1)
      return -1
    },
    finish(rows) {
      const column = {
        type,
        length: rows,
        nullCount: nulls,
        validity: nulls > 0 ? validity.take(rows) : null,
        offsets: offsets.subarray(0, rows + 1),
        values: values.subarray(0, used),
        children: [],
      }
      if (nulls === 0) validity.take(0)
      values = new Uint8Array(memory.take(values.length))
      offsets = new Int32Array(memory.take(4 * offsets.length), 0, offsets.length)
      offsets[0] = 0
      used = 0
      nulls = 0
      return column
    },
  }
}
