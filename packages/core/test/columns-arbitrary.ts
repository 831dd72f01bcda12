import type { Batch, Column, DataType, Field, Schema } from '@omni/spec'
import * as fc from 'fast-check'

/** A value apart from any layout: little-endian bytes where it has a fixed width, null, or what is inside it. */
export type Plain = null | boolean | string | Uint8Array | readonly Plain[]

export interface PlainTable {
  readonly schema: Schema
  /** One array of values a column. */
  readonly columns: readonly (readonly Plain[])[]
  readonly rows: number
}

const unit = fc.constantFrom('s', 'ms', 'us', 'ns') as fc.Arbitrary<'s' | 'ms' | 'us' | 'ns'>

const leafType: fc.Arbitrary<DataType> = fc.oneof(
  fc.constant<DataType>({ kind: 'null' }),
  fc.constant<DataType>({ kind: 'bool' }),
  fc.record({
    kind: fc.constant('int' as const),
    bits: fc.constantFrom(8 as const, 16 as const, 32 as const, 64 as const),
    signed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('float' as const),
    bits: fc.constantFrom(16 as const, 32 as const, 64 as const),
  }),
  fc
    .tuple(
      fc.constantFrom(128 as const, 256 as const),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: -6, max: 76 }),
    )
    .map(([bits, digits, scale]): DataType => {
      const precision = bits === 128 ? Math.min(digits, 38) : digits
      return { kind: 'decimal', bits, precision, scale: Math.min(scale, bits === 128 ? 38 : 76) }
    }),
  fc.constant<DataType>({ kind: 'utf8' }),
  fc.constant<DataType>({ kind: 'utf8' }),
  fc.constant<DataType>({ kind: 'binary' }),
  fc.record({ kind: fc.constant('fixed' as const), bytes: fc.integer({ min: 1, max: 20 }) }),
  fc.constant<DataType>({ kind: 'date' }),
  fc.record({ kind: fc.constant('time' as const), unit }),
  fc.record({
    kind: fc.constant('timestamp' as const),
    unit,
    zone: fc.constantFrom(null, 'UTC', 'Europe/Berlin'),
  }),
  fc.record({ kind: fc.constant('duration' as const), unit }),
)

const named = (type: fc.Arbitrary<DataType>, name: string): fc.Arbitrary<Field> =>
  type.map((of) => ({ name, type: of, nullable: true }))

const { type: anyType } = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 5, arbitrary: leafType },
    { weight: 1, arbitrary: named(tie('type'), 'item').map((item): DataType => ({ kind: 'list', item })) },
    {
      weight: 1,
      arbitrary: fc.array(tie('type'), { maxLength: 3 }).map(
        (types): DataType => ({
          kind: 'struct',
          fields: types.map((type, i) => ({ name: `f${i}`, type, nullable: true })),
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom<DataType>({ kind: 'utf8' }, { kind: 'int', bits: 32, signed: true }),
          tie('type'),
        )
        .map(
          ([key, value]): DataType => ({
            kind: 'map',
            key: { name: 'key', type: key, nullable: false },
            value: { name: 'value', type: value, nullable: true },
          }),
        ),
    },
  ),
}))

const SECONDS = { s: 1n, ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n } as const
const text = fc.string({ unit: 'binary', maxLength: 12 })

/** Values of a type; nulls among them unless it is the key of a map. */
function valuesOf(type: DataType, isKey = false): fc.Arbitrary<Plain> {
  const present = presentOf(type)
  return isKey ? present : fc.option(present, { nil: null, freq: 4 })
}

function integers(bytes: number, min: bigint, max: bigint): fc.Arbitrary<Plain> {
  const between = fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, min < 0n ? 0n : min))
  return between.map((value) => littleEndian(value, bytes))
}

/** Two's complement of `bytes` bytes. */
export function littleEndian(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
}

function presentOf(type: DataType): fc.Arbitrary<Plain> {
  switch (type.kind) {
    case 'null':
      return fc.constant(null)
    case 'bool':
      return fc.boolean()
    case 'int': {
      const size = BigInt(type.bits)
      return type.signed
        ? integers(type.bits / 8, -(1n << (size - 1n)), (1n << (size - 1n)) - 1n)
        : integers(type.bits / 8, 0n, (1n << size) - 1n)
    }
    case 'float':
      return type.bits === 16 ? bytesOf(2) : floats(type.bits)
    case 'decimal': {
      const most = 10n ** BigInt(type.precision) - 1n
      return integers(type.bits / 8, -most, most)
    }
    case 'utf8':
      return fc.oneof(
        text,
        fc.constantFrom('', 'a', ',', '"', '\n', ' x', 'null', 'é', '\ufeff', 'z'.repeat(90)),
      )
    case 'binary':
      return fc.uint8Array({ maxLength: 9 })
    case 'fixed':
      return bytesOf(type.bytes)
    case 'date':
      return integers(4, -719_528n, 2_932_896n)
    case 'time':
      return integers(type.unit === 's' || type.unit === 'ms' ? 4 : 8, 0n, 86_400n * SECONDS[type.unit] - 1n)
    case 'timestamp': {
      const reach = type.unit === 's' || type.unit === 'ms' ? 8_640_000_000_000n : 9_000_000_000n
      const most = (type.unit === 'us' || type.unit === 's' ? reach : 9_000_000_000n) * SECONDS[type.unit]
      return integers(8, -most, most)
    }
    case 'duration':
      return integers(8, -(1n << 63n), (1n << 63n) - 1n)
    case 'list':
      return fc.array(valuesOf(type.item.type), { maxLength: 4 })
    case 'struct':
      return fc.tuple(...type.fields.map((field) => valuesOf(field.type)))
    case 'map':
      return fc.uniqueArray(fc.tuple(valuesOf(type.key.type, true), valuesOf(type.value.type)), {
        maxLength: 3,
        selector: ([key]) => String(key),
      })
  }
}

function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length })
}

function floats(bits: 32 | 64): fc.Arbitrary<Plain> {
  return (bits === 32 ? fc.float() : fc.double()).map((value) =>
    bits === 32
      ? new Uint8Array(Float32Array.of(value).buffer)
      : new Uint8Array(Float64Array.of(value).buffer),
  )
}

/** Tables of any schema; `maxRows` at most. */
export function anyTable(maxRows = 40): fc.Arbitrary<PlainTable> {
  return fc
    .array(anyType, { minLength: 1, maxLength: 5 })
    .map(
      (types): Schema => ({
        fields: types.map((type, i) => ({ name: i === 0 ? 'naïve, "name"' : `c${i}`, type, nullable: true })),
      }),
    )
    .chain((schema) =>
      fc
        .array(fc.tuple(...schema.fields.map((field) => valuesOf(field.type))), { maxLength: maxRows })
        .map((rows) => ({
          schema,
          rows: rows.length,
          columns: schema.fields.map((_, c) => rows.map((row) => row[c] as Plain)),
        })),
    )
}

/** The table as a batch. With `dirt`, every byte that no value uses is not zero, and null lists have items. */
export function batchOf(table: PlainTable, dirt: boolean): Batch {
  return {
    schema: table.schema,
    rows: table.rows,
    columns: table.schema.fields.map((field, i) => columnOf(field.type, table.columns[i] ?? [], dirt)),
  }
}

function columnOf(type: DataType, values: readonly Plain[], dirt: boolean): Column {
  const length = values.length
  const nullCount = values.filter((value) => value === null).length
  const fill = dirt ? 0xa7 : 0
  const validity =
    nullCount > 0 || dirt ? new Uint8Array(Math.ceil(length / 8) + (dirt ? 3 : 0)).fill(fill) : null
  values.forEach((value, i) => {
    if (validity) putBit(validity, i, value !== null)
  })
  const base = { type, length, nullCount, validity, offsets: null, values: new Uint8Array(0), children: [] }
  switch (type.kind) {
    case 'null':
      return { ...base, validity: null }
    case 'bool': {
      const bits = new Uint8Array(Math.ceil(length / 8) + (dirt ? 2 : 0)).fill(fill)
      values.forEach((value, i) => {
        if (value !== null) putBit(bits, i, value === true)
      })
      return { ...base, values: bits }
    }
    case 'utf8':
    case 'binary': {
      const parts = values.map((value) =>
        value === null ? (dirt ? 'dirt' : '') : (value as string | Uint8Array),
      )
      const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
      return {
        ...base,
        offsets: offsetsOf(bytes),
        values: Buffer.concat([...bytes, Buffer.alloc(dirt ? 5 : 0, 9)]),
      }
    }
    case 'list':
    case 'map': {
      const children = type.kind === 'list' ? [type.item] : [type.key, type.value]
      const ghost = children.length === 1 ? [null, null] : [[dirtyKey((children[0] as Field).type), null]]
      const lists = values.map((value) =>
        value === null ? (dirt ? ghost : []) : (value as readonly Plain[]),
      )
      const items = lists.flat()
      const extra = dirt ? ghost : []
      const child = (i: number): Plain[] =>
        [...items, ...extra].map(
          (item) => (children.length === 1 ? item : (item as readonly Plain[])[i]) as Plain,
        )
      return {
        ...base,
        offsets: offsetsOf(lists),
        children: children.map((field, i) => columnOf(field.type, child(i), dirt)),
      }
    }
    case 'struct': {
      const child = (field: Field, i: number): Column => {
        const inside = values.map((value) =>
          value === null ? ghostOf(field.type, dirt) : (value as readonly Plain[])[i],
        )
        return columnOf(field.type, inside as Plain[], dirt)
      }
      return { ...base, children: type.fields.map(child) }
    }
    default: {
      const width = widthOf(values, type)
      const bytes = new Uint8Array(length * width + (dirt ? 8 : 0)).fill(fill)
      values.forEach((value, i) => {
        if (value !== null) bytes.set(value as Uint8Array, i * width)
      })
      return { ...base, values: bytes }
    }
  }
}

function ghostOf(type: DataType, dirt: boolean): Plain {
  return dirt && type.kind === 'utf8' ? 'ghost' : null
}

function dirtyKey(type: DataType): Plain {
  return type.kind === 'utf8' ? 'ghost' : littleEndian(7n, 4)
}

function widthOf(values: readonly Plain[], type: DataType): number {
  const one = values.find((value) => value !== null) as Uint8Array | undefined
  if (one) return one.length
  if (type.kind === 'fixed') return type.bytes
  return 'bits' in type ? type.bits / 8 : type.kind === 'date' ? 4 : 8
}

function offsetsOf(parts: readonly { readonly length: number }[]): Int32Array {
  const offsets = new Int32Array(parts.length + 1)
  parts.forEach((part, i) => {
    offsets[i + 1] = (offsets[i] as number) + part.length
  })
  return offsets
}

function putBit(bits: Uint8Array, i: number, isSet: boolean): void {
  const byte = bits[i >> 3] as number
  bits[i >> 3] = isSet ? byte | (1 << (i & 7)) : byte & ~(1 << (i & 7))
}
