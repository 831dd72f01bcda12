import type { DataType, Field, Schema } from '@omni/spec'

/** Rows of a block: the unit of masking and digest. */
export const BLOCK_ROWS = 16_384

/** Bytes of one value, or 0 for kinds without fixed-width values (bits, variable length, nested, null). */
export function valueWidth(type: DataType): number {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'decimal':
      return type.bits >> 3
    case 'date':
      return 4
    case 'time':
      return type.unit === 's' || type.unit === 'ms' ? 4 : 8
    case 'timestamp':
    case 'duration':
      return 8
    case 'fixed':
      return type.bytes
    default:
      return 0
  }
}

/** The fields below a type, in the order of a column's children. */
export function childFields(type: DataType): readonly Field[] {
  switch (type.kind) {
    case 'list':
      return [type.item]
    case 'struct':
      return type.fields
    case 'map':
      return [type.key, type.value]
    default:
      return []
  }
}

/** A nullable field unless said otherwise. */
export function fieldOf(name: string, type: DataType, nullable = true): Field {
  return { name, type, nullable }
}

/** A schema of nullable fields: `schemaOf({ id: int64, name: utf8 })`. */
export function schemaOf(columns: Readonly<Record<string, DataType>>): Schema {
  return { fields: Object.entries(columns).map(([name, type]) => fieldOf(name, type)) }
}

/** A list whose nullable items are called `item`, as Arrow implementations do. */
export function listOf(item: DataType): DataType {
  return { kind: 'list', item: fieldOf('item', item) }
}

/** A map from non-null `key` to nullable `value`. */
export function mapOf(key: DataType, value: DataType): DataType {
  return { kind: 'map', key: fieldOf('key', key, false), value: fieldOf('value', value) }
}

/** Decimal in the narrowest width that holds the precision: 128 bits up to 38 digits, else 256. */
export function decimalOf(precision: number, scale: number): DataType {
  return { kind: 'decimal', bits: precision <= 38 ? 128 : 256, precision, scale }
}

type Of<Kind extends DataType['kind']> = Extract<DataType, { readonly kind: Kind }>

type IntName = `${'' | 'u'}int${8 | 16 | 32 | 64}`

/** The types without parameters, and the usual ones with. */
export const types: Readonly<
  Record<IntName, Of<'int'>> &
    Record<'float16' | 'float32' | 'float64', Of<'float'>> &
    Record<'timestampMsUtc' | 'timestampUsUtc', Of<'timestamp'>> & {
      [Kind in 'null' | 'bool' | 'utf8' | 'binary' | 'date']: Of<Kind>
    }
> = {
  null: { kind: 'null' },
  bool: { kind: 'bool' },
  int8: { kind: 'int', bits: 8, signed: true },
  int16: { kind: 'int', bits: 16, signed: true },
  int32: { kind: 'int', bits: 32, signed: true },
  int64: { kind: 'int', bits: 64, signed: true },
  uint8: { kind: 'int', bits: 8, signed: false },
  uint16: { kind: 'int', bits: 16, signed: false },
  uint32: { kind: 'int', bits: 32, signed: false },
  uint64: { kind: 'int', bits: 64, signed: false },
  float16: { kind: 'float', bits: 16 },
  float32: { kind: 'float', bits: 32 },
  float64: { kind: 'float', bits: 64 },
  utf8: { kind: 'utf8' },
  binary: { kind: 'binary' },
  date: { kind: 'date' },
  timestampMsUtc: { kind: 'timestamp', unit: 'ms', zone: 'UTC' },
  timestampUsUtc: { kind: 'timestamp', unit: 'us', zone: 'UTC' },
}

/** True for the same layout and meaning: names and nullability included, `sourceType` not. */
export function sameType(a: DataType, b: DataType): boolean {
  if (a === b) return true
  if (a.kind !== b.kind) return false
  switch (a.kind) {
    case 'int':
      return b.kind === 'int' && a.bits === b.bits && a.signed === b.signed
    case 'float':
      return b.kind === 'float' && a.bits === b.bits
    case 'decimal':
      return b.kind === 'decimal' && a.bits === b.bits && a.precision === b.precision && a.scale === b.scale
    case 'fixed':
      return b.kind === 'fixed' && a.bytes === b.bytes
    case 'time':
    case 'duration':
      return b.kind === a.kind && a.unit === b.unit
    case 'timestamp':
      return b.kind === 'timestamp' && a.unit === b.unit && a.zone === b.zone
    default:
      return sameFields(childFields(a), childFields(b))
  }
}

/** {@link sameType} for every field, in order. */
export function sameFields(a: readonly Field[], b: readonly Field[]): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((field, i) => {
        const other = b[i] as Field
        return (
          field.name === other.name && field.nullable === other.nullable && sameType(field.type, other.type)
        )
      }))
  )
}

/** {@link sameFields} of two schemas. */
export function sameSchema(a: Schema, b: Schema): boolean {
  return a === b || sameFields(a.fields, b.fields)
}
