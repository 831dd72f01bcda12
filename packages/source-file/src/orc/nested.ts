import { types } from '@omni/arrow'
import type { DataType, Field } from '@omni/spec'
import { ByteRle, type Presence } from './bytes-rle.ts'
import { type ColumnReader, columnOf, NeedsWidening, type StripeContext, spread, tooFew } from './context.ts'
import { damaged } from './errors.ts'
import { intReader } from './numbers.ts'
import type { OrcType } from './schema.ts'
import { DATA, LENGTH } from './stripe.ts'
import { offsetsOf } from './text.ts'

/** Makes the reader of a type below another. */
export type CreateColumn = (type: OrcType, dataType: DataType) => ColumnReader

/** struct: the children have a value for each that is there. */
export function createStructColumn(
  type: OrcType,
  dataType: DataType & { kind: 'struct' },
  create: CreateColumn,
): ColumnReader {
  const readers = type.children.map((child, i) => create(child, (dataType.fields[i] as Field).type))
  return {
    read(length, presence) {
      const children = readers.map((reader) => reader.read(length, presence))
      return columnOf(dataType, length, presence, { children })
    },
  }
}

/** list, and map, which is a list of keys and one of values. */
export function createListColumn(
  type: OrcType,
  dataType: DataType,
  context: StripeContext,
  create: CreateColumn,
): ColumnReader {
  const lengths = intReader(context, type.id, LENGTH, false)
  const readers = type.children.map((child, i) => create(child, innerType(dataType, i)))
  return {
    read(length, presence) {
      context.budget.take(length * 8)
      const sizes = new Int32Array(presence.count)
      if (presence.count > 0) {
        if (!lengths) throw tooFew(type.id, 'lengths')
        lengths.read32(sizes, 0, presence.count)
      }
      const offsets = offsetsOf(sizes, length, presence)
      const items = offsets[length] as number
      // Even an item without bytes counts, so that a length which lies ends here.
      context.budget.take(items >> 3)
      const all: Presence = { bits: null, count: items }
      const children = readers.map((reader) => reader.read(items, all))
      if (dataType.kind === 'map' && (children[0]?.nullCount ?? 0) > 0) {
        throw new NeedsWidening(type.id, 'entries')
      }
      if (type.kind !== 'map' || dataType.kind === 'map') {
        return columnOf(dataType, length, presence, { offsets, children })
      }
      const entries = columnOf(innerStruct(dataType), items, all, { children })
      return columnOf(dataType, length, presence, { offsets, children: [entries] })
    },
  }
}

/** The struct of key and value that stands for the entries of a map. */
function innerStruct(type: DataType): DataType & { kind: 'struct' } {
  const inner = type.kind === 'list' ? type.item.type : type
  if (inner.kind !== 'struct') throw damaged('a map has no entries')
  return inner
}

function innerType(type: DataType, i: number): DataType {
  if (type.kind === 'map') return (i === 0 ? type.key : type.value).type
  if (type.kind === 'list' && type.item.type.kind === 'struct' && i > 0) {
    return (innerStruct(type).fields[i] as Field).type
  }
  return type.kind === 'list' ? type.item.type : type
}

/** union: which of the variants each value is, as a struct with the tag and a field for each, of which one is there. */
export function createUnionColumn(
  type: OrcType,
  dataType: DataType & { kind: 'struct' },
  context: StripeContext,
  create: CreateColumn,
): ColumnReader {
  const stream = context.data.stream(type.id, DATA)
  const tags = stream && new ByteRle(stream)
  const readers = type.children.map((child, i) => create(child, (dataType.fields[i + 1] as Field).type))
  return {
    read(length, presence) {
      context.budget.take(length * (1 + readers.length))
      const values = new Uint8Array(length)
      if (presence.count > 0) {
        if (!tags) throw tooFew(type.id, 'data')
        tags.read(values, 0, presence.count)
      }
      for (let i = 0; i < presence.count; i++) {
        if ((values[i] as number) >= readers.length) throw damaged('a union has a tag without a type')
      }
      spread(values, length, presence, 1)
      const children = readers.map((reader, tag) =>
        reader.read(length, withTag(values, tag, length, presence)),
      )
      const tag = columnOf(types.int8, length, presence, { values })
      return columnOf(dataType, length, presence, { children: [tag, ...children] })
    },
  }
}

function withTag(tags: Uint8Array, tag: number, length: number, { bits }: Presence): Presence {
  const own = new Uint8Array((length + 7) >> 3)
  let count = 0
  for (let i = 0; i < length; i++) {
    if (tags[i] !== tag) continue
    if (bits !== null && (((bits[i >> 3] as number) >> (i & 7)) & 1) === 0) continue
    own[i >> 3] = (own[i >> 3] as number) | (1 << (i & 7))
    count++
  }
  return count === length ? { bits: null, count } : { bits: own, count }
}
