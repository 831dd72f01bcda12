import type { Batch, Column, DataType, Field } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { Leaf } from './footer.ts'
import { toIntervals } from './interval.ts'

/** What an INT96 column becomes; nanoseconds reach from 1677 to 2262, microseconds further. */
export type Int96Unit = 'ns' | 'us'

/** Days from the Julian day 0 to 1970-01-01. */
const UNIX_JULIAN_DAY = 2_440_588n
const DAY_NS = 86_400_000_000_000n
const MAX_NS = 2n ** 63n - 1n

/** Thrown where columns of a batch need microseconds: the file is read again. */
export class NeedsMicroseconds {
  readonly leaves: readonly number[]

  constructor(leaves: readonly number[]) {
    this.leaves = leaves
  }
}

/**
 * The batch with its INT96 columns as timestamps without a zone, and its intervals as structs. The former came as 12 bytes: nanoseconds of the day,
 * int64, and the Julian day, int32, both little-endian. The decoder's own conversion wraps years past 2262.
 */
export function convertLeaves(
  batch: Batch,
  leaves: readonly Leaf[],
  unitOf: (leaf: number) => Int96Unit,
): Batch {
  if (leaves.every(({ kind }) => kind === 'plain')) return batch
  const cursor: Cursor = { leaf: 0, tooFar: [] }
  const columns = batch.columns.map((column) => convert(column, leaves, unitOf, cursor))
  if (cursor.leaf !== leaves.length) {
    throw fileFault(
      'file.parquet.unsupported',
      'The file has old timestamps (INT96) or intervals in a nesting that is not read.',
    )
  }
  if (cursor.tooFar.length > 0) throw new NeedsMicroseconds(cursor.tooFar)
  const fields = batch.schema.fields.map((field, i) => ({ ...field, type: (columns[i] as Column).type }))
  return { schema: { fields }, rows: batch.rows, columns }
}

interface Cursor {
  leaf: number
  /** Leaves with a value that nanoseconds do not reach. */
  readonly tooFar: number[]
}

function convert(
  column: Column,
  leaves: readonly Leaf[],
  unitOf: (leaf: number) => Int96Unit,
  cursor: Cursor,
): Column {
  if (column.children.length === 0) {
    const leaf = cursor.leaf++
    const kind = leaves[leaf]?.kind
    if (kind === 'int96') return toTimestamps(column, leaf, unitOf(leaf), cursor)
    return kind === 'interval' ? toIntervals(column) : column
  }
  const children = column.children.map((child) => convert(child, leaves, unitOf, cursor))
  return { ...column, type: withChildren(column.type, children), children }
}

function withChildren(type: DataType, children: readonly Column[]): DataType {
  const retyped = (field: Field, i: number): Field => ({ ...field, type: (children[i] as Column).type })
  if (type.kind === 'list') return { ...type, item: retyped(type.item, 0) }
  if (type.kind === 'map') return { ...type, key: retyped(type.key, 0), value: retyped(type.value, 1) }
  return type.kind === 'struct' ? { ...type, fields: type.fields.map(retyped) } : type
}

function toTimestamps(column: Column, leaf: number, unit: Int96Unit, cursor: Cursor): Column {
  const values = new BigInt64Array(column.length)
  const view = new DataView(column.values.buffer, column.values.byteOffset, column.values.byteLength)
  for (let i = 0; i < column.length; i++) {
    const isNull = column.validity !== null && (((column.validity[i >> 3] as number) >> (i & 7)) & 1) === 0
    if (isNull) continue
    const nanos = view.getBigInt64(i * 12, true)
    const days = BigInt(view.getInt32(i * 12 + 8, true)) - UNIX_JULIAN_DAY
    const value = toUnit(days * DAY_NS + nanos, leaf, unit)
    if (value === undefined) {
      cursor.tooFar.push(leaf)
      break
    }
    values[i] = value
  }
  return {
    ...column,
    type: { kind: 'timestamp', unit, zone: null },
    values: new Uint8Array(values.buffer),
  }
}

function toUnit(nanos: bigint, leaf: number, unit: Int96Unit): bigint | undefined {
  if (unit === 'ns') return nanos > MAX_NS || nanos < -MAX_NS - 1n ? undefined : nanos
  const isWhole = nanos % 1000n === 0n
  const micros = nanos / 1000n
  if (isWhole && micros <= MAX_NS && micros >= -MAX_NS - 1n) return micros
  const why = `Column ${leaf + 1} has timestamps (INT96) that neither nanoseconds nor microseconds hold.`
  throw fileFault('file.parquet.unsupported', why)
}
