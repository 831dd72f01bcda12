import type { Batch, DataType, Field, Schema, TimeUnit } from '@omni/spec'
import fc from 'fast-check'
import { encodeRows } from '../src/batch-builder.ts'
import { float16ToNumber } from '../src/float16.ts'
import { decimalText } from '../src/number-text.ts'
import { clockText, dateText, durationText, timestampText } from '../src/time-text.ts'

// Random types and, for each, random values in the form that `valueAt` gives.

const unit = fc.constantFrom<TimeUnit>('s', 'ms', 'us', 'ns')
const bits = fc.constantFrom(8, 16, 32, 64) as fc.Arbitrary<8 | 16 | 32 | 64>
const name = fc.oneof(
  fc.string({ maxLength: 6, unit: 'grapheme' }),
  fc.constantFrom('id', 'constructor', '__proto__', 'a b', 'x:y', 'quote"'),
)

export const scalarType: fc.Arbitrary<DataType> = fc.oneof(
  fc.constantFrom<DataType>(
    { kind: 'null' },
    { kind: 'bool' },
    { kind: 'utf8' },
    { kind: 'binary' },
    { kind: 'date' },
  ),
  fc.record({ kind: fc.constant('int' as const), bits, signed: fc.boolean() }),
  fc.record({
    kind: fc.constant('float' as const),
    bits: fc.constantFrom(16 as const, 32 as const, 64 as const),
  }),
  fc.tuple(fc.integer({ min: 1, max: 76 }), fc.nat({ max: 40 }), fc.boolean()).map(
    ([precision, scale, wide]): DataType => ({
      kind: 'decimal',
      bits: precision > 38 || wide ? 256 : 128,
      precision,
      scale: Math.min(precision, scale),
    }),
  ),
  fc.integer({ min: 1, max: 20 }).map((bytes): DataType => ({ kind: 'fixed', bytes })),
  unit.map((u): DataType => ({ kind: 'time', unit: u })),
  unit.map((u): DataType => ({ kind: 'duration', unit: u })),
  fc
    .tuple(unit, fc.constantFrom(null, 'UTC', 'Europe/Paris', '+02:00', 'odd, zone'))
    .map(([u, zone]): DataType => ({ kind: 'timestamp', unit: u, zone })),
)

function fieldArbitrary(type: fc.Arbitrary<DataType>): fc.Arbitrary<Field> {
  return fc.record({ name, type, nullable: fc.boolean() })
}

function fieldsArbitrary(type: fc.Arbitrary<DataType>, minLength: number): fc.Arbitrary<Field[]> {
  return fc.uniqueArray(fieldArbitrary(type), { minLength, maxLength: 4, selector: (field) => field.name })
}

export const anyType: fc.Arbitrary<DataType> = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalarType,
    fieldArbitrary(tie('type')).map((item): DataType => ({ kind: 'list', item })),
    fieldsArbitrary(tie('type'), 1).map((fields): DataType => ({ kind: 'struct', fields })),
    fc
      // apache-arrow calls them `key` and `value` whatever they are called.
      .tuple(
        scalarType,
        fieldArbitrary(tie('type')).map((field) => ({ ...field, name: 'value' })),
      )
      .map(
        ([key, value]): DataType => ({
          kind: 'map',
          key: { name: 'key', type: key.kind === 'null' ? { kind: 'utf8' } : key, nullable: false },
          value,
        }),
      ),
  ),
})).type

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

function scalarValue(type: DataType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean()
    case 'int': {
      const size = 2n ** BigInt(type.bits)
      const min = type.signed ? -size / 2n : 0n
      const whole = fc.bigInt({ min, max: min + size - 1n })
      return type.bits === 64 ? whole : whole.map(Number)
    }
    case 'float':
      if (type.bits === 64) return fc.double()
      if (type.bits === 32) return fc.float()
      return fc.integer({ min: 0, max: 0xffff }).map(float16ToNumber)
    case 'decimal': {
      const max = 10n ** BigInt(type.precision) - 1n
      return fc.bigInt({ min: -max, max }).map((unscaled) => decimalText(unscaled, type.scale))
    }
    case 'utf8':
      return fc.string({ unit: 'binary', maxLength: 40 })
    case 'binary':
      return fc.uint8Array({ maxLength: 40 })
    case 'fixed':
      return fc.uint8Array({ minLength: type.bytes, maxLength: type.bytes })
    case 'date':
      return fc.oneof(fc.integer(), fc.integer({ min: -1e6, max: 1e6 })).map(dateText)
    case 'time': {
      const count = type.unit === 's' || type.unit === 'ms' ? fc.integer().map(BigInt) : int64
      return count.map((value) => clockText(value, type.unit))
    }
    case 'timestamp':
      return int64.map((value) => timestampText(value, type.unit, type.zone !== null))
    case 'duration':
      return int64.map((value) => durationText(value, type.unit))
    default:
      return fc.constant(null)
  }
}

function fieldValue(field: Field): fc.Arbitrary<unknown> {
  const value = valuesOfType(field.type)
  return field.nullable ? fc.option(value, { nil: null, freq: 4 }) : value
}

/** Values of a type as `valueAt` gives them; null only for the type `null`. */
export function valuesOfType(type: DataType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'list':
      return fc.array(fieldValue(type.item), { maxLength: 4 })
    case 'map':
      return fc.array(fc.tuple(valuesOfType(type.key.type), fieldValue(type.value)), { maxLength: 3 })
    case 'struct':
      return fc
        .tuple(...type.fields.map(fieldValue))
        .map((values) => Object.fromEntries(type.fields.map((field, i) => [field.name, values[i]])))
    default:
      return scalarValue(type)
  }
}

/** Null-type fields can only be nullable: nothing else would be a value. */
function allowNulls(type: DataType): DataType {
  const fix = (field: Field): Field => ({
    ...field,
    type: allowNulls(field.type),
    nullable: field.nullable || field.type.kind === 'null',
  })
  if (type.kind === 'list') return { ...type, item: fix(type.item) }
  if (type.kind === 'map') return { ...type, key: fix(type.key), value: fix(type.value) }
  if (type.kind === 'struct') return { ...type, fields: type.fields.map(fix) }
  return type
}

/** A type and some values of it, nulls among them. */
export const typedValues: fc.Arbitrary<{ type: DataType; values: unknown[] }> = anyType
  .map(allowNulls)
  .chain((type) =>
    fc.record({
      type: fc.constant(type),
      values: fc.array(fc.option(valuesOfType(type), { nil: null, freq: 4 }), { maxLength: 40 }),
    }),
  )

/** A batch of up to 60 rows. */
export const anyBatch: fc.Arbitrary<Batch> = fieldsArbitrary(anyType.map(allowNulls), 1)
  .map((fields): Schema => ({ fields: fields.map((field) => ({ ...field, nullable: true })) }))
  .chain((schema) =>
    fc.array(fc.tuple(...schema.fields.map(fieldValue)), { maxLength: 60 }).map((rows) =>
      encodeRows(
        rows.map((row) => Object.fromEntries(schema.fields.map((field, i) => [field.name, row[i]]))),
        schema,
      ),
    ),
  )

/** Cuts of `length` into consecutive pieces, empty ones too. */
export function cutsOf(length: number): fc.Arbitrary<number[]> {
  return fc
    .array(fc.nat({ max: length }), { maxLength: 8 })
    .map((cuts) => [0, ...cuts.sort((a, b) => a - b), length])
}
