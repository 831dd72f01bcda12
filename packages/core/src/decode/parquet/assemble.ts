import { valueWidth } from '@omni/arrow'
import type { Column, DataType } from '@omni/spec'
import { damaged } from '../damaged.ts'
import type { Dense } from './dense.ts'
import type { LeafPage } from './pages.ts'

const NONE = new Uint8Array(0)

/** Takes the pages of the leaves one after the other, in schema order. */
export interface LeafCursor {
  next(): LeafPage
  /** The one that `next` would give. */
  peek(): LeafPage
}

/** Puts the column of a block together from its leaves: the inverse of `flatten` in encode/parquet/levels.ts. */
export function assemble(type: DataType, leaves: LeafCursor): Column {
  return node(type, { slotDef: 0, def: 0, rep: 0 }, false, leaves)
}

interface Place {
  /** Definition level from which an entry is a value of the list around (0: a row). */
  readonly slotDef: number
  /** Definition level of what is around, when it is there. */
  readonly def: number
  /** Repetition level of the list around. */
  readonly rep: number
}

function node(type: DataType, place: Place, isKey: boolean, leaves: LeafCursor): Column {
  const def = isKey ? place.def : place.def + 1
  if (type.kind === 'struct' && type.fields.length > 0) {
    const shape = shapeOf(leaves.peek(), place, def)
    const inner = { ...place, def }
    const children = type.fields.map((field) => node(field.type, inner, false, leaves))
    return { ...shape, type, offsets: null, values: NONE, children }
  }
  if (type.kind === 'list' || type.kind === 'map') {
    const page = leaves.peek()
    const shape = shapeOf(page, place, def)
    const offsets = offsetsOf(page, place, def, shape.length)
    const inner = { slotDef: def + 1, def: def + 1, rep: place.rep + 1 }
    const children =
      type.kind === 'list'
        ? [node(type.item.type, inner, false, leaves)]
        : [node(type.key.type, inner, true, leaves), node(type.value.type, inner, false, leaves)]
    return { ...shape, type, offsets, values: NONE, children }
  }
  const page = leaves.next()
  return leaf(type, page.dense, shapeOf(page, place, def))
}

interface Shape {
  readonly length: number
  readonly nullCount: number
  readonly validity: Uint8Array | null
}

/** Rows of a node, and which are present: entries that begin a value of the list around. */
function shapeOf(page: LeafPage, { slotDef, rep }: Place, def: number): Shape {
  const { defs, reps, entries } = page
  const bits = new Uint8Array((entries + 7) >> 3)
  let length = 0
  let present = 0
  for (let i = 0; i < entries; i++) {
    const level = defs[i] as number
    if ((reps && (reps[i] as number) > rep) || level < slotDef) continue
    if (level >= def) {
      bits[length >> 3] = (bits[length >> 3] as number) | (1 << (length & 7))
      present++
    }
    length++
  }
  const validity = present === length ? null : bits.subarray(0, (length + 7) >> 3)
  return { length, nullCount: length - present, validity }
}

function offsetsOf(page: LeafPage, { slotDef, rep }: Place, def: number, length: number): Int32Array {
  const { defs, reps, entries } = page
  if (!reps) throw damaged()
  const offsets = new Int32Array(length + 1)
  let row = 0
  let items = 0
  for (let i = 0; i < entries; i++) {
    const level = defs[i] as number
    const repeated = reps[i] as number
    if (repeated > rep + 1 || level < slotDef) continue
    if (repeated <= rep) row++
    if (level > def) items++
    offsets[row] = items
  }
  return offsets
}

/** Spreads present values over the rows; nulls are zero or empty. */
function leaf(type: DataType, dense: Dense, shape: Shape): Column {
  const base = { ...shape, type, offsets: null, values: NONE, children: [] }
  const { validity, length } = shape
  if (type.kind === 'null') return { ...base, nullCount: length, validity: null }
  if (type.kind === 'struct') return base
  if (shape.length - shape.nullCount !== dense.count) throw damaged()
  if (validity === null) return { ...base, offsets: dense.offsets, values: dense.values }
  const isPresent = (i: number): boolean => ((validity[i >> 3] as number) & (1 << (i & 7))) !== 0
  if (dense.offsets) {
    const offsets = new Int32Array(length + 1)
    let from = 0
    for (let i = 0; i < length; i++) offsets[i + 1] = dense.offsets[isPresent(i) ? ++from : from] as number
    return { ...base, offsets, values: dense.values }
  }
  if (type.kind === 'bool') {
    const values = new Uint8Array((length + 7) >> 3)
    let from = 0
    for (let i = 0; i < length; i++) {
      if (!isPresent(i)) continue
      if ((dense.values[from >> 3] as number) & (1 << (from & 7)))
        values[i >> 3] = (values[i >> 3] as number) | (1 << (i & 7))
      from++
    }
    return { ...base, values }
  }
  const width = valueWidth(type)
  const values = new Uint8Array(length * width)
  let from = 0
  for (let i = 0; i < length; i++) {
    if (!isPresent(i)) continue
    const to = i * width
    for (let j = 0; j < width; j++) values[to + j] = dense.values[from++] as number
  }
  return { ...base, values }
}
