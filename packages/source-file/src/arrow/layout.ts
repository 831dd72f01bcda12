import { corrupt } from './errors.ts'
import type { FlatTable } from './flatbuffer.ts'
import { type IpcField, TYPE } from './schema.ts'

/** Which parts of a record batch make up a column: its count of values, and the places of its buffers in the body. */
export interface Layout {
  readonly field: IpcField
  readonly length: number
  readonly nullCount: number
  readonly buffers: readonly Place[]
  /** More buffers of a view type. */
  readonly variadic: readonly Place[]
  readonly children: readonly Layout[]
}

export interface Place {
  readonly start: number
  readonly end: number
}

/** Offsets are int32, so a column has no more values. */
const MAX_VALUES = 0x7fff_ffff

/**
 * RecordBatch: 0 length, 1 nodes, 2 buffers, 4 variadicBufferCounts. Nodes and buffers are in depth-first order of the
 * fields; https://arrow.apache.org/docs/format/Columnar.html#recordbatch-message
 */
export function layOut(
  batch: FlatTable,
  fields: readonly IpcField[],
  bodyBytes: number,
  version: number,
): { readonly rows: number; readonly columns: readonly Layout[] } {
  const rows = toCount(batch.int64(0))
  const nodes = batch.structs(1, 16)
  const places = batch.structs(2, 16)
  const variadicCounts = batch.structs(4, 8)
  let node = 0
  let place = 0
  let variadic = 0

  const nextPlace = (): Place => {
    if (place >= places.count) throw corrupt('a record batch lacks buffers')
    const start = places.view.getBigInt64(place * 16, true)
    const length = places.view.getBigInt64(place * 16 + 8, true)
    place++
    if (start < 0n || length < 0n || start + length > BigInt(bodyBytes)) {
      throw corrupt('a buffer lies outside of its record batch')
    }
    return { start: Number(start), end: Number(start + length) }
  }
  const take = (count: number): Place[] => Array.from({ length: count }, nextPlace)

  const next = (field: IpcField): Layout => {
    if (node >= nodes.count) throw corrupt('a record batch lacks columns')
    const length = toCount(nodes.view.getBigInt64(node * 16, true))
    const nullCount = toCount(nodes.view.getBigInt64(node * 16 + 8, true))
    node++
    const buffers = take(field.dictionary ? 2 : bufferCount(field, version))
    const isView = !field.dictionary && (field.type.id === TYPE.binaryView || field.type.id === TYPE.utf8View)
    const more = isView ? take(nextVariadic()) : []
    const children = field.dictionary ? [] : field.children.map(next)
    return { field, length, nullCount, buffers, variadic: more, children }
  }
  const nextVariadic = (): number => {
    if (variadic >= variadicCounts.count) throw corrupt('a record batch lacks buffers')
    const count = toCount(variadicCounts.view.getBigInt64(8 * variadic++, true))
    if (count > places.count) throw corrupt('a record batch lacks buffers')
    return count
  }

  const columns = fields.map(next)
  for (const column of columns) {
    if (column.length !== rows) throw corrupt('a column is not as long as its record batch')
  }
  return { rows, columns }
}

/** https://arrow.apache.org/docs/format/Columnar.html#buffer-listing-for-each-layout */
function bufferCount({ type }: IpcField, version: number): number {
  switch (type.id) {
    case TYPE.null:
    case TYPE.runEnd:
      return 0
    case TYPE.struct:
    case TYPE.fixedList:
      return 1
    case TYPE.binary:
    case TYPE.utf8:
    case TYPE.largeBinary:
    case TYPE.largeUtf8:
    case TYPE.listView:
    case TYPE.largeListView:
      return 3
    case TYPE.union:
      // Types, offsets if dense; up to version 4 also validity.
      return 1 + (type.mode === 1 ? 1 : 0) + (version < 5 ? 1 : 0)
    default:
      return 2
  }
}

function toCount(value: bigint): number {
  if (value < 0n || value > BigInt(MAX_VALUES)) throw corrupt('a count is negative or absurd')
  return Number(value)
}
