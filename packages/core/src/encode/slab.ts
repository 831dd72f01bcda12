import { valueWidth } from '@omni/arrow'
import type { Batch, Column, DataType, Schema } from '@omni/spec'
import { childFields } from './parquet/leaves.ts'

/** Where a block lies in shared memory; with the schema it is the block again, without a copy. */
export interface BlockLayout {
  readonly slab: SharedArrayBuffer
  readonly rows: number
  readonly columns: readonly ColumnLayout[]
}

/** Byte offset and length of each buffer. */
interface ColumnLayout {
  readonly length: number
  readonly nullCount: number
  readonly validity: Span | null
  readonly offsets: Span | null
  readonly values: Span
  readonly children: readonly ColumnLayout[]
}

type Span = readonly [start: number, bytes: number]

/** Shared memory that goes round, so that memory is flat whatever the collector of garbage does. */
export interface SlabPool {
  /** A slab with room for `bytes`. */
  take(bytes: number): SharedArrayBuffer
  give(slab: SharedArrayBuffer): void
}

/** Wide blocks get slabs of a multiple of this, so that the next one fits although it is a little larger. */
const WIDE_STEP = 4 << 20

/** A pool of slabs of `slabBytes`, and of larger ones for blocks that do not fit in. */
export function createSlabPool(slabBytes: number): SlabPool {
  const free: SharedArrayBuffer[] = []
  let wide: SharedArrayBuffer[] = []
  return {
    take(bytes) {
      if (bytes <= slabBytes) return free.pop() ?? new SharedArrayBuffer(slabBytes)
      const fitting = wide.find((slab) => slab.byteLength >= bytes)
      // Those that are too small now will be too small again.
      wide = wide.filter((slab) => slab !== fitting && slab.byteLength >= bytes)
      return fitting ?? new SharedArrayBuffer(Math.ceil(bytes / WIDE_STEP) * WIDE_STEP)
    },
    give(slab) {
      if (slab.byteLength === slabBytes) free.push(slab)
      else wide.push(slab)
    },
  }
}

/** Bytes that {@link placeBlock} takes at most. */
export function placedBytes(block: Batch): number {
  return block.columns.reduce((sum, column) => sum + columnBytes(column, block.rows), 0)
}

function columnBytes(column: Column, rows: number): number {
  const spans = spansOf(column, rows)
  const own = pad(spans.validity) + pad(spans.offsets) + pad(spans.values)
  return column.children.reduce((sum, child) => sum + columnBytes(child, spans.childRows), own)
}

function pad(bytes: number): number {
  return (bytes + 7) & ~7
}

/** Copies a block into a slab from byte `start` on, a multiple of eight; returns where, and where it ends. */
export function placeBlock(
  block: Batch,
  slab: SharedArrayBuffer,
  start: number,
): { layout: BlockLayout; end: number } {
  const bytes = new Uint8Array(slab)
  let at = start
  const place = (from: Uint8Array, length: number): Span => {
    const span: Span = [at, length]
    bytes.set(from.length === length ? from : from.subarray(0, length), at)
    at += pad(length)
    return span
  }
  const placeColumn = (column: Column, rows: number): ColumnLayout => {
    const sizes = spansOf(column, rows)
    return {
      length: rows,
      nullCount: column.nullCount,
      validity: column.validity && place(column.validity, sizes.validity),
      offsets: column.offsets && place(asBytes(column.offsets), sizes.offsets),
      values: place(column.values, sizes.values),
      children: column.children.map((child) => placeColumn(child, sizes.childRows)),
    }
  }
  const columns = block.columns.map((column) => placeColumn(column, block.rows))
  return { layout: { slab, rows: block.rows, columns }, end: at }
}

interface Sizes {
  readonly validity: number
  readonly offsets: number
  readonly values: number
  readonly childRows: number
}

/** Bytes in use of each buffer, the rest of it is not copied. */
function spansOf(column: Column, rows: number): Sizes {
  const last = column.offsets ? (column.offsets[rows] ?? 0) : 0
  const { kind } = column.type
  return {
    validity: column.validity ? (rows + 7) >> 3 : 0,
    offsets: column.offsets ? Math.min(column.offsets.length, rows + 1) * 4 : 0,
    values:
      kind === 'bool'
        ? (rows + 7) >> 3
        : kind === 'utf8' || kind === 'binary'
          ? last
          : rows * valueWidth(column.type),
    childRows: kind === 'struct' ? rows : last,
  }
}

function asBytes(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}

/** The block at a layout, as views of the slab. */
export function blockAt(layout: BlockLayout, schema: Schema): Batch {
  const view = ([start, bytes]: Span): Uint8Array => new Uint8Array(layout.slab, start, bytes)
  const columnAt = (column: ColumnLayout, type: DataType): Column => ({
    type,
    length: column.length,
    nullCount: column.nullCount,
    validity: column.validity && view(column.validity),
    offsets: column.offsets && new Int32Array(layout.slab, column.offsets[0], column.offsets[1] / 4),
    values: view(column.values),
    children: childFields(type).map((field, i) => columnAt(column.children[i] as ColumnLayout, field.type)),
  })
  return {
    schema,
    rows: layout.rows,
    columns: schema.fields.map((field, i) => columnAt(layout.columns[i] as ColumnLayout, field.type)),
  }
}
