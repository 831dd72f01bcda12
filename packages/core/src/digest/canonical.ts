import { valueWidth } from '@omni/arrow'
import type { Batch, Column } from '@omni/spec'
import { type Arena, createArena } from './arena.ts'
import { andBits, onesOf, packBits, zeroNulls } from './bits.ts'
import { tagOf } from './tags.ts'
import { takeRanges } from './take.ts'

/** Takes the next canonical bytes; it must use or copy them before it returns. */
export type ByteSink = (bytes: Uint8Array) => void

/** Where the walk writes, and the memory it works in. */
interface Walk {
  readonly sink: ByteSink
  readonly arena: Arena
}

/**
 * Writes the canonical bytes of a block, the data of its leaf, as in docs/spec/digest.md. Bytes that are
 * canonical where they lie are passed as they are.
 */
export function writeBlock(block: Batch, sink: ByteSink, arena: Arena = createArena()): void {
  const header = new Uint8Array(4)
  new DataView(header.buffer).setUint32(0, block.rows, true)
  sink(header)
  for (const column of block.columns) {
    arena.reset()
    writeColumn(column, block.rows, null, { sink, arena })
  }
}

/** `parent`: bit i is 1 where the struct around value i is present, padding zero; null where all are. */
function writeColumn(column: Column, rows: number, parent: Uint8Array | null, walk: Walk): void {
  const { sink, arena } = walk
  const header = new Uint8Array(5)
  header[0] = tagOf(column.type)
  new DataView(header.buffer).setUint32(1, rows, true)
  sink(header)
  const { kind } = column.type
  if (kind === 'null') return
  const present = presenceOf(column, rows, parent, arena)
  sink(present ?? onesOf(rows, arena))
  switch (kind) {
    case 'bool':
      sink(present ? andBits(column.values, present, rows, arena) : packBits(column.values, rows, arena))
      break
    case 'utf8':
    case 'binary':
      writeBytes(column, rows, present, walk)
      break
    case 'list':
    case 'map': {
      const spans = spansOf(column, rows, present, arena)
      sink(bytesOf(spans.lengths))
      for (const child of presentChildren(column, spans)) writeColumn(child, spans.total, null, walk)
      break
    }
    case 'struct':
      for (const child of column.children) writeColumn(child, rows, present, walk)
      break
    case 'float':
      sink(canonicalFloats(column, rows, present, arena))
      break
    default:
      sink(canonicalFixed(column, rows, present, arena))
  }
}

/** Exact number of bytes that {@link writeBlock} writes; it depends on the values only, never on the buffers. */
export function canonicalSize(block: Batch, arena: Arena = createArena()): number {
  arena.reset()
  return block.columns.reduce((size, column) => size + columnSize(column, block.rows, null, arena), 4)
}

function columnSize(column: Column, rows: number, parent: Uint8Array | null, arena: Arena): number {
  const { kind } = column.type
  if (kind === 'null') return 5
  const size = 5 + Math.ceil(rows / 8)
  switch (kind) {
    case 'bool':
      return size + Math.ceil(rows / 8)
    case 'utf8':
    case 'binary': {
      const present = presenceOf(column, rows, parent, arena)
      return (
        size + 4 * rows + (present ? spansOf(column, rows, present, arena).total : lastOffset(column, rows))
      )
    }
    case 'list':
    case 'map': {
      const spans = spansOf(column, rows, presenceOf(column, rows, parent, arena), arena)
      return presentChildren(column, spans).reduce(
        (sum, child) => sum + columnSize(child, spans.total, null, arena),
        size + 4 * rows,
      )
    }
    case 'struct': {
      const present = presenceOf(column, rows, parent, arena)
      return column.children.reduce((sum, child) => sum + columnSize(child, rows, present, arena), size)
    }
    default:
      return size + rows * valueWidth(column.type)
  }
}

/** Validity with the parent's applied and its padding zero, or null where every value is present. */
function presenceOf(
  column: Column,
  rows: number,
  parent: Uint8Array | null,
  arena: Arena,
): Uint8Array | null {
  if (column.validity === null) return parent
  return parent ? andBits(column.validity, parent, rows, arena) : packBits(column.validity, rows, arena)
}

interface Spans {
  /** Length of each value, 0 where it is null. */
  readonly lengths: Uint32Array
  readonly total: number
  /** Runs of children that belong to present values, as start and end pairs; null when that is all of them. */
  readonly runs: readonly (readonly [number, number])[] | null
}

function spansOf(column: Column, rows: number, present: Uint8Array | null, arena: Arena): Spans {
  const offsets = column.offsets as Int32Array
  const lengths = arena.words(rows)
  if (present) lengths.fill(0)
  const first = rows === 0 ? 0 : (offsets[0] as number)
  let total = 0
  for (let i = 0; i < rows; i++) {
    if (present && !((present[i >> 3] as number) & (1 << (i & 7)))) continue
    const length = (offsets[i + 1] as number) - (offsets[i] as number)
    lengths[i] = length
    total += length
  }
  if (first === 0 && total === lastOffset(column, rows)) return { lengths, total, runs: null }
  const runs: [number, number][] = []
  for (let i = 0; i < rows; i++) {
    const start = offsets[i] as number
    const end = start + (lengths[i] as number)
    if (end === start) continue
    const last = runs.at(-1)
    if (last && last[1] === start) last[1] = end
    else runs.push([start, end])
  }
  return { lengths, total, runs }
}

function lastOffset(column: Column, rows: number): number {
  return rows === 0 ? 0 : ((column.offsets as Int32Array)[rows] as number)
}

function presentChildren(column: Column, spans: Spans): readonly Column[] {
  const { runs } = spans
  return runs === null ? column.children : column.children.map((child) => takeRanges(child, runs))
}

function writeBytes(column: Column, rows: number, present: Uint8Array | null, walk: Walk): void {
  const { sink, arena } = walk
  const { lengths, total, runs } = spansOf(column, rows, present, arena)
  sink(bytesOf(lengths))
  for (const [start, end] of runs ?? [[0, total] as const]) sink(column.values.subarray(start, end))
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}

function canonicalFixed(column: Column, rows: number, present: Uint8Array | null, arena: Arena): Uint8Array {
  const width = valueWidth(column.type)
  const values = column.values.subarray(0, rows * width)
  return present ? zeroNulls(values, width, present, rows, arena) : values
}

/** Every NaN becomes the one quiet NaN with no payload; minus zero stays. */
function canonicalFloats(column: Column, rows: number, present: Uint8Array | null, arena: Arena): Uint8Array {
  const width = valueWidth(column.type)
  let bytes = canonicalFixed(column, rows, present, arena)
  // High part of a value: its sign, exponent and, for 64 bits, the first 20 bits of the fraction.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let owned = present !== null
  for (let at = 0; at < bytes.length; at += width) {
    if (!isNaNAt(view, at, width)) continue
    if (!owned) {
      bytes = new Uint8Array(bytes)
      owned = true
    }
    bytes.fill(0, at, at + width)
    bytes.set(QUIET[width] as readonly number[], at + width - 2)
  }
  return bytes
}

/** Last two bytes of the quiet NaN by width; the others are zero. */
const QUIET: Readonly<Record<number, readonly number[]>> = {
  2: [0x00, 0x7e],
  4: [0xc0, 0x7f],
  8: [0xf8, 0x7f],
}
const EXPONENT16 = 0x7c00

function isNaNAt(view: DataView, at: number, width: number): boolean {
  if (width === 8) return Number.isNaN(view.getFloat64(at, true))
  if (width === 4) return Number.isNaN(view.getFloat32(at, true))
  return (view.getUint16(at, true) & 0x7fff) > EXPONENT16
}
