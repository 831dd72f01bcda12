import type { PageBlock, PageShape } from '@omni/kernels'
import { fault } from '@omni/spec'
import type { Arena } from '../../digest/arena.ts'
import type { Storage } from './leaves.ts'
import type { LeafValues } from './levels.ts'
import { toWhole, WIDE } from './negative-scale.ts'

/** The values of a leaf as its Parquet type has them, but for what a {@link PageShape} does. */
export interface Shaped {
  readonly shape: PageShape
  readonly blocks: readonly PageBlock[]
}

/** The blocks of a leaf that is no boolean; what is converted is valid until the arena is reset. */
export function shapeBlocks(blocks: readonly LeafValues[], storage: Storage, arena: Arena): Shaped {
  const type = blocks[0]?.column.type
  if (type === undefined) return { shape: words(4), blocks: [] }
  const as = (shape: PageShape, convert: (values: LeafValues) => PageBlock = asTheyAre): Shaped => ({
    shape,
    blocks: blocks.map(convert),
  })
  switch (type.kind) {
    case 'null':
      return as(words(4))
    case 'utf8':
    case 'binary':
      return as({ kind: 'bytes' })
    case 'fixed':
      if (type.bytes > 0) return as(words(type.bytes))
      return as({ kind: 'bytes' }, ({ present }) => ({
        ...inOrder(new Uint8Array(0), present),
        offsets: arena.ints(present + 1).fill(0),
      }))
    case 'int':
      if (type.bits >= 32) return as(words(type.bits / 8))
      return as(words(4), (values) => widen(values, type.bits as 8 | 16, type.signed, arena))
    case 'decimal':
      return shapeDecimals(blocks, type.bits / 8, type.scale, storage)
    case 'timestamp':
      return type.unit === 's' ? as(words(8), (values) => toMillis(values, arena)) : as(words(8))
    case 'time':
      if (type.unit === 's') return as(words(4), (values) => toClockMillis(values, arena))
      return as(words(type.unit === 'ms' ? 4 : 8))
    case 'float':
      return as(words(type.bits / 8))
    case 'date':
      return as(words(4))
    default:
      return as(words(8))
  }
}

function words(width: number): PageShape {
  return { kind: 'words', width }
}

function asTheyAre({ column, index, present }: LeafValues): PageBlock {
  return { values: column.values, offsets: column.offsets, index, present }
}

function inOrder(values: Uint8Array, present: number): PageBlock {
  return { values, offsets: null, index: null, present }
}

/** Booleans are bits, LSB first; all ones for what is no column of booleans. */
export function writeBools({ column, index, present }: LeafValues, arena: Arena): Uint8Array {
  const bits = column.type.kind === 'bool' ? column.values : null
  const bytes = arena.bytes((present + 7) >> 3).fill(0)
  for (let i = 0; i < present; i++) {
    const at = index ? (index[i] as number) : i
    if (bits === null || (bits[at >> 3] as number) & (1 << (at & 7))) {
      bytes[i >> 3] = (bytes[i >> 3] as number) | (1 << (i & 7))
    }
  }
  return bytes
}

/** 8 and 16 bits as 32. */
function widen(
  { column, index, present }: LeafValues,
  bits: 8 | 16,
  signed: boolean,
  arena: Arena,
): PageBlock {
  const { values } = column
  const shift = 32 - bits
  const wide = arena.ints(present)
  for (let i = 0; i < present; i++) {
    const at = index ? (index[i] as number) : i
    const raw =
      bits === 8 ? (values[at] as number) : (values[at * 2] as number) | ((values[at * 2 + 1] as number) << 8)
    wide[i] = signed ? (raw << shift) >> shift : raw
  }
  return inOrder(new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength), present)
}

function shapeDecimals(
  blocks: readonly LeafValues[],
  width: number,
  scale: number,
  { physical, length = 0 }: Storage,
): Shaped {
  const isBig = physical === 'fixed'
  const size = isBig ? length : physical === 'int32' ? 4 : 8
  if (scale >= 0) return { shape: { kind: 'decimal', width, size, isBig }, blocks: blocks.map(asTheyAre) }
  const whole = blocks.map(({ column, index, present }) =>
    inOrder(toWhole(column.values, width, index, present, scale), present),
  )
  return { shape: { kind: 'decimal', width: WIDE, size, isBig }, blocks: whole }
}

/** A decimal that needs more bytes than its column's digits do. */
export function decimalRange(): Error {
  return fault({
    kind: 'data',
    code: 'parquet.decimal.range',
    why: 'A decimal has more digits than its column says.',
    fix: 'Declare the column with more digits in the source.',
  })
}

/** Parquet has no seconds; milliseconds hold them all within 292 million years. */
function toMillis({ column: { values }, index, present }: LeafValues, arena: Arena): PageBlock {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength)
  const bytes = arena.bytes(present * 8)
  const to = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < present; i++) {
    const millis = view.getBigInt64((index ? (index[i] as number) : i) * 8, true) * 1000n
    if (BigInt.asIntN(64, millis) !== millis) throw secondsRange()
    to.setBigInt64(i * 8, millis, true)
  }
  return inOrder(bytes, present)
}

function toClockMillis({ column: { values }, index, present }: LeafValues, arena: Arena): PageBlock {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength)
  const bytes = arena.bytes(present * 4)
  const to = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < present; i++) {
    const millis = view.getInt32((index ? (index[i] as number) : i) * 4, true) * 1000
    if ((millis | 0) !== millis) throw secondsRange()
    to.setInt32(i * 4, millis, true)
  }
  return inOrder(bytes, present)
}

function secondsRange(): Error {
  return fault({
    kind: 'data',
    code: 'parquet.seconds.range',
    why: 'A time in seconds is too far away for milliseconds, which is all that Parquet has.',
    fix: 'Write with --format csv or ndjson.',
  })
}
