import type { Batch, Column, DataType, Field } from '@omni/spec'
import { type ArrowBatch, type ArrowData, TYPE } from './arrow-data.ts'
import { fieldsFromArrow, typeFromArrow } from './arrow-type.ts'
import { sliceBits } from './bits.ts'
import { concatColumns } from './concat.ts'
import { emptyNulls } from './empty-nulls.ts'
import { damaged, tooLarge } from './faults.ts'
import { sliceColumn } from './slice.ts'
import { takeValues } from './take.ts'
import { childFields, valueWidth } from './types.ts'

const NO_BYTES = new Uint8Array(0)

/** An apache-arrow `RecordBatch`, of any installed copy, as our batch. Shares memory where the layouts agree. */
export function fromArrow(batch: ArrowBatch): Batch {
  const fields = fieldsFromArrow(batch.schema.fields)
  const columns = fields.map((field, i) =>
    emptyNulls(retyped(columnFromArrow(batch.data.children[i] as ArrowData, batch.numRows), field.type)),
  )
  return { schema: { fields }, rows: batch.numRows, columns }
}

/** A schema's fields carry more than a value's type (names below, `sourceType`): columns take the schema's type. */
function retyped(column: Column, type: DataType): Column {
  const fields = childFields(type)
  return {
    ...column,
    type,
    children: column.children.map((child, i) => retyped(child, (fields[i] as Field).type)),
  }
}

/** The first `length` values. apache-arrow's `offset` counts for bits only; other buffers are already cut. */
function columnFromArrow(data: ArrowData, length: number): Column {
  const type = typeFromArrow(data.type)
  const base = { type, length, ...validityOf(data, length) }
  switch (data.type.typeId) {
    case TYPE.null:
      return { ...base, nullCount: length, validity: null, offsets: null, values: NO_BYTES, children: [] }
    case TYPE.bool:
      return {
        ...base,
        offsets: null,
        values: sliceBits(bytesOf(data.values), data.offset, data.offset + length),
        children: [],
      }
    case TYPE.utf8:
    case TYPE.binary:
    case TYPE.largeUtf8:
    case TYPE.largeBinary: {
      const { offsets, from, to } = offsetsOf(data, length, type)
      return { ...base, offsets, values: bytesOf(data.values).subarray(from, to), children: [] }
    }
    case TYPE.utf8View:
    case TYPE.binaryView:
      return { ...base, ...fromViews(data, length, type, base.validity) }
    case TYPE.dictionary:
      return fromDictionary(data, length, base.validity)
    case TYPE.list:
    case TYPE.largeList: {
      const { offsets, from, to } = offsetsOf(data, length, type)
      return {
        ...base,
        offsets,
        values: NO_BYTES,
        children: [childSlice(data.children[0] as ArrowData, from, to)],
      }
    }
    case TYPE.fixedList:
      return fromFixedList(data, base)
    case TYPE.map: {
      const { offsets, from, to } = offsetsOf(data, length, type)
      const entries = data.children[0] as ArrowData
      return {
        ...base,
        offsets,
        values: NO_BYTES,
        children: entries.children.map((child) => childSlice(child, from, to)),
      }
    }
    case TYPE.struct: {
      const children = data.children.map((child) => columnFromArrow(child, length))
      return { ...base, offsets: null, values: NO_BYTES, children }
    }
    default: {
      const values = bytesOf(data.values).subarray(0, length * valueWidth(type))
      return { ...base, offsets: null, values, children: [] }
    }
  }
}

function validityOf(data: ArrowData, length: number): Pick<Column, 'nullCount' | 'validity'> {
  const { nullBitmap, offset } = data
  if (data.nullCount === 0 || !nullBitmap || nullBitmap.length === 0) return { nullCount: 0, validity: null }
  // The count is for the whole of `data`, of which only the first `length` are meant: slicing counts again.
  const bools: Column = {
    type: { kind: 'bool' },
    length: offset + length,
    nullCount: 1,
    validity: nullBitmap,
    offsets: null,
    values: nullBitmap,
    children: [],
  }
  const { nullCount, validity } = sliceColumn(bools, offset, offset + length)
  return { nullCount, validity }
}

function bytesOf(view: ArrayBufferView | null | undefined): Uint8Array {
  return view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : NO_BYTES
}

function childSlice(data: ArrowData, from: number, to: number): Column {
  const column = columnFromArrow(data, to)
  return from === 0 ? column : sliceColumn(column, from, to)
}

function offsetsOf(
  data: ArrowData,
  length: number,
  type: DataType,
): { readonly offsets: Int32Array; readonly from: number; readonly to: number } {
  const all = data.valueOffsets
  if (!all || all.length === 0) return { offsets: new Int32Array(length + 1), from: 0, to: 0 }
  const from = Number(all[0])
  const to = Number(all[length])
  if (to - from > 0x7fff_ffff) throw tooLarge(type)
  if (all instanceof Int32Array && from === 0) return { offsets: all.subarray(0, length + 1), from, to }
  const offsets = new Int32Array(length + 1)
  for (let i = 0; i <= length; i++) offsets[i] = Number(all[i]) - from
  return { offsets, from, to }
}

/** Views of 16 bytes: length, then the bytes themselves up to 12, else a prefix, a buffer and a place in it. */
function fromViews(
  data: ArrowData,
  length: number,
  type: DataType,
  validity: Uint8Array | null,
): Pick<Column, 'offsets' | 'values' | 'children'> {
  const views = bytesOf(data.values)
  const cells = new DataView(views.buffer, views.byteOffset, views.byteLength)
  const isPresent = (i: number): boolean =>
    validity === null || ((validity[i >> 3] as number) & (1 << (i & 7))) !== 0
  const offsets = new Int32Array(length + 1)
  let end = 0
  for (let i = 0; i < length; i++) {
    const size = isPresent(i) ? cells.getInt32(i * 16, true) : 0
    if (size < 0) throw damaged('', 'a view has a negative length')
    end += size
    if (end > 0x7fff_ffff) throw tooLarge(type)
    offsets[i + 1] = end
  }
  const values = new Uint8Array(end)
  for (let i = 0; i < length; i++) {
    const size = (offsets[i + 1] as number) - (offsets[i] as number)
    if (size === 0) continue
    const long = size > 12
    const source = long ? data.variadicBuffers?.[cells.getInt32(i * 16 + 8, true)] : views
    const at = long ? cells.getInt32(i * 16 + 12, true) : i * 16 + 4
    if (source === undefined || at < 0 || at + size > source.length)
      throw damaged('', 'a view lies outside its buffer')
    values.set(source.subarray(at, at + size), offsets[i])
  }
  return { offsets, values, children: [] }
}

function fromDictionary(data: ArrowData, length: number, validity: Uint8Array | null): Column {
  const parts = data.dictionary?.data ?? []
  const type = typeFromArrow(data.type)
  const dictionary = concatColumns(
    parts.length > 0
      ? parts.map((part) => columnFromArrow(part, part.length))
      : [
          {
            type,
            length: 0,
            nullCount: 0,
            validity: null,
            offsets: new Int32Array(1),
            values: NO_BYTES,
            children: [],
          },
        ],
  )
  const keys = data.values as unknown as ArrayLike<number | bigint>
  const indices = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    const isNull = validity !== null && ((validity[i >> 3] as number) & (1 << (i & 7))) === 0
    const key = isNull ? -1 : Number(keys[i])
    if (key >= dictionary.length || (key < 0 && !isNull)) throw damaged('', 'a key is not in its dictionary')
    indices[i] = key
  }
  return takeValues(dictionary, indices)
}

function fromFixedList(
  data: ArrowData,
  base: Pick<Column, 'type' | 'length' | 'nullCount' | 'validity'>,
): Column {
  const size = data.type.listSize
  const items = columnFromArrow(data.children[0] as ArrowData, base.length * size)
  const offsets = Int32Array.from({ length: base.length + 1 }, (_, i) => i * size)
  return { ...base, offsets, values: NO_BYTES, children: [items] }
}
