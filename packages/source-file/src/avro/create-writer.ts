import { childFields, decimalText, fieldOf, types, valueWidth } from '@omni/arrow'
import type { DataType, Field } from '@omni/spec'
import {
  BoolWriter,
  BytesWriter,
  type ColumnWriter,
  EnumWriter,
  FixedWriter,
  IntWriter,
  LongWriter,
  NullWriter,
  RawWriter,
  TextWriter,
} from './column-writer.ts'
import { Cursor } from './cursor.ts'
import { bigOf, DecimalWriter } from './decimal-writer.ts'
import { avroFault, Damage } from './errors.ts'
import { jsonReader } from './json-reader.ts'
import { ListWriter, NullableWriter, RecordWriter, UnionWriter } from './nested-writer.ts'
import { type AvroType, DURATION, decimalType, nullableOf, type Widening } from './schema.ts'

/** Widened columns by path. */
export type Widenings = ReadonlyMap<string, Widening>

/** Branches of a union that has a column for each, at most. */
const MAX_BRANCHES = 127
const MAX_SCALE = 100_000

/** The writer of a type. `path` names its column in {@link Widenings}. */
export function createWriter(
  type: AvroType,
  isNullable: boolean,
  path: string,
  widenings: Widenings,
): ColumnWriter {
  switch (type.kind) {
    case 'null':
      return new NullWriter(types.null, true)
    case 'boolean':
      return new BoolWriter(types.bool, isNullable)
    case 'int':
      return new IntWriter(types.int32, isNullable)
    case 'long':
      return new LongWriter(types.int64, isNullable)
    case 'float':
      return new RawWriter(types.float32, isNullable, 1)
    case 'double':
      return new RawWriter(types.float64, isNullable, 2)
    case 'time':
      return type.bits === 32 ? new IntWriter(type.type, isNullable) : new LongWriter(type.type, isNullable)
    case 'string':
      return new BytesWriter(widenings.get(path) === 'binary' ? types.binary : types.utf8, isNullable, path)
    case 'bytes':
      return createBytesWriter(type, isNullable, path, widenings)
    case 'fixed':
      return createFixedWriter(type, isNullable, path, widenings)
    case 'enum':
      return new EnumWriter(types.utf8, isNullable, type.symbols)
    case 'array':
    case 'map':
      return createListWriter(type, isNullable, path, widenings)
    case 'record': {
      const children = type.fields.map((field) =>
        createWriter(field.type, false, `${path}/${field.name}`, widenings),
      )
      const fields = type.fields.map(
        (field, i): Field => ({
          ...fieldFor(field.name, children[i] as ColumnWriter),
          sourceType: field.source,
        }),
      )
      return new RecordWriter({ kind: 'struct', fields }, isNullable, children)
    }
    case 'union':
      return createUnionWriter(type, path, widenings, isNullable)
    case 'recursive': {
      const read = jsonReader(type, path, widenings)
      return new TextWriter(types.utf8, isNullable, (cursor) => read(cursor, 0))
    }
  }
}

function fieldFor(name: string, writer: ColumnWriter): Field {
  return fieldOf(name, writer.type, writer.isNullable)
}

function createBytesWriter(
  type: AvroType & { kind: 'bytes' | 'string' },
  isNullable: boolean,
  path: string,
  widenings: Widenings,
): ColumnWriter {
  const { logical } = type
  if (logical?.kind === 'decimal')
    return createDecimalWriter(logical, isNullable, { size: undefined, path }, widenings)
  if (logical?.kind === 'big-decimal') return new TextWriter(types.utf8, isNullable, readBigDecimal)
  return new BytesWriter(types.binary, isNullable, path)
}

/** Bytes that hold the digits as bytes again, and the scale; as Avro's Java library writes them. */
function readBigDecimal(cursor: Cursor): string {
  const length = cursor.length()
  const inner = new Cursor()
  inner.open(cursor.bytes.subarray(cursor.at, cursor.at + length))
  cursor.at += length
  const size = inner.length()
  const value = bigOf(inner.bytes.subarray(inner.at, inner.at + size))
  inner.at += size
  const scale = inner.int()
  inner.check()
  if (scale > MAX_SCALE || scale < -MAX_SCALE) throw new Damage('a decimal has a scale out of range')
  return scale < 0 ? String(value * 10n ** BigInt(-scale)) : decimalText(value, scale)
}

function createFixedWriter(
  type: AvroType & { kind: 'fixed' },
  isNullable: boolean,
  path: string,
  widenings: Widenings,
): ColumnWriter {
  const { logical, size } = type
  switch (logical?.kind) {
    case 'decimal':
      return createDecimalWriter(logical, isNullable, { size, path }, widenings)
    case 'duration': {
      const parts = DURATION.fields.map((part) => new RawWriter(part.type, false, 1))
      return new RecordWriter(DURATION, isNullable, parts)
    }
    case 'uuid':
      return new TextWriter(types.utf8, isNullable, readUuid)
    default:
      // A fixed type without bytes is allowed, and no Arrow type.
      return size === 0
        ? new TextWriter(types.utf8, isNullable, () => '')
        : new FixedWriter({ kind: 'fixed', bytes: size }, isNullable, size)
  }
}

function readUuid(cursor: Cursor): string {
  const hex = Buffer.from(cursor.bytes.subarray(cursor.at, cursor.at + 16)).toString('hex')
  cursor.at += 16
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function createDecimalWriter(
  decimal: { readonly precision: number; readonly scale: number },
  isNullable: boolean,
  place: { readonly size: number | undefined; readonly path: string },
  widenings: Widenings,
): ColumnWriter {
  const type = decimalType(decimal, widenings.get(place.path))
  if (type.kind === 'decimal') return new DecimalWriter(type, isNullable, place)
  return new TextWriter(types.utf8, isNullable, (cursor) => {
    const size = place.size ?? cursor.length()
    const value = bigOf(cursor.bytes.subarray(cursor.at, cursor.at + size))
    cursor.at += size
    return decimalText(value, decimal.scale)
  })
}

function createListWriter(
  type: AvroType & { kind: 'array' | 'map' },
  isNullable: boolean,
  path: string,
  widenings: Widenings,
): ColumnWriter {
  const value = createWriter(type.item, false, `${path}/item`, widenings)
  const itemBytes = memoryBytes(value.type)
  if (type.kind === 'array') {
    const sizes = { minBytes: minBytes(type.item), itemBytes }
    return new ListWriter({ kind: 'list', item: fieldFor('item', value) }, isNullable, [value], sizes)
  }
  const key = createWriter({ kind: 'string' }, false, `${path}/key`, widenings)
  const sizes = { minBytes: 1 + minBytes(type.item), itemBytes: itemBytes + 4 }
  const map: DataType = { kind: 'map', key: fieldFor('key', key), value: fieldFor('value', value) }
  return new ListWriter(map, isNullable, [key, value], sizes)
}

function createUnionWriter(
  type: AvroType & { kind: 'union' },
  path: string,
  widenings: Widenings,
  isNullable: boolean,
): ColumnWriter {
  const nullable = nullableOf(type)
  if (nullable && nullable.inner.kind !== 'union') {
    return new NullableWriter(createWriter(nullable.inner, true, path, widenings), nullable.nullAt)
  }
  const { variants } = type
  if (variants.length > MAX_BRANCHES) {
    throw avroFault('file.avro.unsupported', `A union has more than ${MAX_BRANCHES} types.`)
  }
  const branches = variants.map((variant) =>
    variant.type.kind === 'null'
      ? undefined
      : createWriter(variant.type, true, `${path}/${variant.name}`, widenings),
  )
  const hasNull = branches.includes(undefined)
  const fields = branches.flatMap((writer, i) =>
    writer ? [fieldOf(variants[i]?.name ?? '', writer.type)] : [],
  )
  const struct: DataType = { kind: 'struct', fields: [fieldOf('tag', types.int8, false), ...fields] }
  return new UnionWriter(struct, isNullable || hasNull, types.int8, branches)
}

/** Bytes that a value takes in a block at least. */
export function minBytes(type: AvroType): number {
  switch (type.kind) {
    case 'null':
    case 'recursive':
      return 0
    case 'float':
      return 4
    case 'double':
      return 8
    case 'fixed':
      return type.size
    case 'record':
      return type.fields.reduce((sum, field) => sum + minBytes(field.type), 0)
    default:
      return 1
  }
}

/** Bytes that a value takes in memory, without its text and items. */
export function memoryBytes(type: DataType): number {
  if (type.kind === 'utf8' || type.kind === 'binary' || type.kind === 'list' || type.kind === 'map') return 4
  if (type.kind === 'struct')
    return childFields(type).reduce((sum, field) => sum + memoryBytes(field.type), 0)
  return valueWidth(type)
}
