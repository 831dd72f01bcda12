import type { Batch, Column, DataType, Field, Schema, TimeUnit } from '@omni/spec'
import type * as Apache from 'apache-arrow'
import { SOURCE_TYPE_KEY } from './arrow-data.ts'
import { sliceColumn } from './slice.ts'
import { valueWidth } from './types.ts'

type Library = typeof Apache

/** apache-arrow takes about 100 ms to load: only when something really needs it. */
export function loadLibrary(): Promise<Library> {
  return import('apache-arrow')
}

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns']

/** A batch as an apache-arrow `RecordBatch`; shares memory. */
export async function toArrow(batch: Batch): Promise<Apache.RecordBatch> {
  const library = await loadLibrary()
  return recordBatch(library, batch, arrowSchema(library, batch.schema))
}

/** Batches of one schema as an apache-arrow `Table`; shares memory. `schema` is needed only when there is no batch. */
export async function toArrowTable(batches: readonly Batch[], schema?: Schema): Promise<Apache.Table> {
  const library = await loadLibrary()
  const own = arrowSchema(library, schema ?? batches[0]?.schema ?? { fields: [] })
  return new library.Table(
    own,
    batches.map((batch) => recordBatch(library, batch, own)),
  )
}

/** A schema as an apache-arrow `Schema`; `sourceType` goes into the field's metadata. */
export async function toArrowSchema(schema: Schema): Promise<Apache.Schema> {
  return arrowSchema(await loadLibrary(), schema)
}

function arrowSchema(library: Library, schema: Schema): Apache.Schema {
  return new library.Schema(schema.fields.map((field) => arrowField(library, field)))
}

function arrowField(library: Library, field: Field): Apache.Field {
  const metadata = field.sourceType === undefined ? null : new Map([[SOURCE_TYPE_KEY, field.sourceType]])
  return new library.Field(field.name, arrowType(library, field.type), field.nullable, metadata)
}

function arrowType(library: Library, type: DataType): Apache.DataType {
  switch (type.kind) {
    case 'null':
      return new library.Null()
    case 'bool':
      return new library.Bool()
    case 'int':
      return new library.Int(type.signed, type.bits)
    case 'float':
      return new library.Float(type.bits === 16 ? 0 : type.bits === 32 ? 1 : 2)
    case 'decimal':
      return new library.Decimal(type.scale, type.precision, type.bits)
    case 'utf8':
      return new library.Utf8()
    case 'binary':
      return new library.Binary()
    case 'fixed':
      return new library.FixedSizeBinary(type.bytes)
    case 'date':
      return new library.DateDay()
    case 'time':
      return new library.Time(UNITS.indexOf(type.unit), type.unit === 's' || type.unit === 'ms' ? 32 : 64)
    case 'timestamp':
      return new library.Timestamp(UNITS.indexOf(type.unit), type.zone)
    case 'duration':
      return new library.Duration(UNITS.indexOf(type.unit))
    case 'list':
      return new library.List(arrowField(library, type.item))
    case 'struct':
      return new library.Struct(type.fields.map((field) => arrowField(library, field)))
    case 'map':
      return new library.Map_(entriesField(library, type), false)
  }
}

function entriesField(
  library: Library,
  type: DataType & { kind: 'map' },
): Apache.Field<Apache.Struct<{ key: Apache.DataType; value: Apache.DataType }>> {
  const entries = new library.Struct<{ key: Apache.DataType; value: Apache.DataType }>([
    arrowField(library, type.key) as Apache.Field<Apache.DataType>,
    arrowField(library, type.value) as Apache.Field<Apache.DataType>,
  ] as never)
  return new library.Field('entries', entries, false)
}

function recordBatch(library: Library, batch: Batch, schema: Apache.Schema): Apache.RecordBatch {
  const children = batch.columns.map((column, i) =>
    arrowData(library, column, schema.fields[i]?.type as Apache.DataType),
  )
  const data = library.makeData({
    type: new library.Struct(schema.fields),
    length: batch.rows,
    nullCount: 0,
    children,
  })
  return new library.RecordBatch(schema, data)
}

function arrowData(library: Library, given: Column, type: Apache.DataType): Apache.Data {
  if (given.type.kind === 'null') return nullData(library, type, given.length)
  const column = sliceColumn(given, 0, given.length)
  const buffers = [column.offsets ?? undefined, typedValues(column), column.validity ?? undefined] as const
  return new library.Data(
    type,
    0,
    column.length,
    column.nullCount,
    buffers as never,
    childData(library, column, type),
  )
}

/**
 * Nulls that count themselves: the slice of apache-arrow 21.2 forgets their number, its writer slices the items of
 * lists, and arrow-rs refuses what is then written.
 */
function nullData(library: Library, type: Apache.DataType, length: number): Apache.Data {
  const data = new library.Data(type, 0, length, length)
  const slice = (_offset: number, count: number): Apache.Data => nullData(library, type, count)
  return Object.defineProperty(data, 'slice', { value: slice })
}

function childData(library: Library, column: Column, type: Apache.DataType): Apache.Data[] {
  if (column.type.kind !== 'map') {
    return column.children.map((child, i) =>
      arrowData(library, child, type.children[i]?.type as Apache.DataType),
    )
  }
  const entries = type.children[0]?.type as Apache.DataType
  const children = column.children.map((child, i) =>
    arrowData(library, child, entries.children[i]?.type as Apache.DataType),
  )
  const length = column.offsets?.[column.length] ?? 0
  return [new library.Data(entries, 0, length, 0, [undefined, undefined, undefined] as never, children)]
}

/** The array class that apache-arrow keeps a type's values in. */
function typedValues(column: Column): ArrayBufferView | undefined {
  const { type, values } = column
  switch (type.kind) {
    case 'null':
    case 'list':
    case 'map':
    case 'struct':
      return undefined
    case 'int':
      return typedInts(values, type.bits, type.signed)
    case 'float':
      return type.bits === 16
        ? view(Uint16Array, values)
        : view(type.bits === 32 ? Float32Array : Float64Array, values)
    case 'decimal':
      return view(Uint32Array, values)
    case 'date':
      return view(Int32Array, values)
    case 'time':
      return view(valueWidth(type) === 4 ? Int32Array : BigInt64Array, values)
    case 'timestamp':
    case 'duration':
      return view(BigInt64Array, values)
    default:
      return values
  }
}

function typedInts(values: Uint8Array, bits: 8 | 16 | 32 | 64, signed: boolean): ArrayBufferView {
  if (bits === 8) return signed ? view(Int8Array, values) : values
  if (bits === 16) return view(signed ? Int16Array : Uint16Array, values)
  if (bits === 32) return view(signed ? Int32Array : Uint32Array, values)
  return view(signed ? BigInt64Array : BigUint64Array, values)
}

interface ViewClass {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView
}

function view(Class: ViewClass, values: Uint8Array): ArrayBufferView {
  const aligned = values.byteOffset % Class.BYTES_PER_ELEMENT === 0 ? values : values.slice()
  return new Class(aligned.buffer, aligned.byteOffset, aligned.byteLength / Class.BYTES_PER_ELEMENT)
}
