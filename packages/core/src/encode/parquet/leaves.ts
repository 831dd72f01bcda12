import { type DataType, type Field, fault, type Schema } from '@omni/spec'
import { bool, i8, i32, string, struct, type ThriftValue } from './thrift.ts'

/** Physical types, https://parquet.apache.org/docs/file-format/types/. */
export const PHYSICAL = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, bytes: 6, fixed: 7 } as const
export type Physical = keyof typeof PHYSICAL

/** How one column of ours without children lies in the file. */
export interface Storage {
  readonly physical: Physical
  /** Bytes of a value for `fixed`. */
  readonly length?: number
  readonly converted?: number
  readonly scale?: number
  readonly precision?: number
  readonly logical?: ThriftValue
}

/** One column of the file. */
export interface Leaf {
  readonly path: readonly string[]
  readonly type: DataType
  readonly storage: Storage
  readonly maxDef: number
  readonly maxRep: number
}

/** The schema as the file says it. */
export interface FileSchema {
  readonly leaves: readonly Leaf[]
  /** `SchemaElement`s, depth first, root included. */
  readonly elements: readonly ThriftValue[]
}

const REQUIRED = 0
const OPTIONAL = 1
const REPEATED = 2
const EMPTY: ThriftValue = struct()
const LOGICAL = {
  string: struct([1, EMPTY]),
  map: struct([2, EMPTY]),
  list: struct([3, EMPTY]),
  date: struct([6, EMPTY]),
  unknown: struct([11, EMPTY]),
  float16: struct([15, EMPTY]),
} as const
const MAX_DIGITS = 76
const UNITS = { s: 1, ms: 1, us: 2, ns: 3 } as const

/**
 * Maps our schema to Parquet's. Every value is optional there, save the keys of a map, so that a column that
 * was said to have no nulls can never be written wrongly; lists have three levels.
 */
export function fileSchema(schema: Schema): FileSchema {
  const leaves: Leaf[] = []
  const elements: ThriftValue[] = []
  const group = (name: string, repetition: number | null, children: number, kind?: 'list' | 'map'): void => {
    elements.push(
      struct(
        [3, repetition === null ? undefined : i32(repetition)],
        [4, string(name)],
        [5, i32(children)],
        [6, kind && i32(kind === 'map' ? 1 : 3)],
        [10, kind && LOGICAL[kind]],
      ),
    )
  }
  const visit = (
    type: DataType,
    name: string,
    parent: readonly string[],
    def: number,
    rep: number,
    isKey: boolean,
  ): void => {
    const path = [...parent, name]
    const repetition = isKey ? REQUIRED : OPTIONAL
    const maxDef = isKey ? def : def + 1
    if (type.kind === 'struct' && type.fields.length > 0) {
      group(name, repetition, type.fields.length)
      for (const field of type.fields) visit(field.type, field.name, path, maxDef, rep, false)
    } else if (type.kind === 'list') {
      group(name, repetition, 1, 'list')
      group('list', REPEATED, 1)
      visit(type.item.type, 'element', [...path, 'list'], maxDef + 1, rep + 1, false)
    } else if (type.kind === 'map') {
      group(name, repetition, 1, 'map')
      group('key_value', REPEATED, 2)
      const inner = [...path, 'key_value']
      visit(type.key.type, 'key', inner, maxDef + 1, rep + 1, true)
      visit(type.value.type, 'value', inner, maxDef + 1, rep + 1, false)
    } else {
      const storage = storageOf(type)
      leaves.push({ path, type, storage, maxDef, maxRep: rep })
      elements.push(
        struct(
          [1, i32(PHYSICAL[storage.physical])],
          [2, storage.length === undefined ? undefined : i32(storage.length)],
          [3, i32(repetition)],
          [4, string(name)],
          [6, storage.converted === undefined ? undefined : i32(storage.converted)],
          [7, storage.scale === undefined ? undefined : i32(storage.scale)],
          [8, storage.precision === undefined ? undefined : i32(storage.precision)],
          [10, storage.logical],
        ),
      )
    }
  }
  group('schema', null, schema.fields.length)
  for (const field of schema.fields) visit(field.type, field.name, [], 0, 0, false)
  return { leaves, elements }
}

/** https://github.com/apache/parquet-format/blob/master/LogicalTypes.md */
function storageOf(type: DataType): Storage {
  switch (type.kind) {
    case 'null':
      return { physical: 'int32', logical: LOGICAL.unknown }
    case 'bool':
      return { physical: 'boolean' }
    // A group must have a member; the value of this one says no more than that the struct is there.
    case 'struct':
      return { physical: 'boolean' }
    case 'int': {
      const { bits, signed } = type
      const physical = bits === 64 ? 'int64' : 'int32'
      if (signed && bits >= 32) return { physical }
      return {
        physical,
        converted: (signed ? 15 : 11) + Math.log2(bits / 8),
        logical: struct([10, struct([1, i8(bits)], [2, bool(signed)])]),
      }
    }
    case 'float':
      if (type.bits === 16) return { physical: 'fixed', length: 2, logical: LOGICAL.float16 }
      return { physical: type.bits === 32 ? 'float' : 'double' }
    case 'decimal':
      return decimalStorage(type.precision, type.scale)
    case 'utf8':
      return { physical: 'bytes', converted: 0, logical: LOGICAL.string }
    case 'binary':
      return { physical: 'bytes' }
    case 'fixed':
      return type.bytes === 0 ? { physical: 'bytes' } : { physical: 'fixed', length: type.bytes }
    case 'date':
      return { physical: 'int32', converted: 6, logical: LOGICAL.date }
    case 'time':
      return {
        physical: type.unit === 's' || type.unit === 'ms' ? 'int32' : 'int64',
        logical: struct([7, temporal(UNITS[type.unit], false)]),
      }
    case 'timestamp': {
      const unit = UNITS[type.unit]
      const utc = type.zone !== null
      return {
        physical: 'int64',
        // The old annotations mean UTC, and know no nanoseconds.
        ...(utc && unit !== 3 ? { converted: unit === 1 ? 9 : 10 } : {}),
        logical: struct([8, temporal(unit, utc)]),
      }
    }
    case 'duration':
      return { physical: 'int64' }
    default:
      throw fault({
        kind: 'bug',
        code: 'parquet.leaf',
        why: `Type ${type.kind} is not a leaf.`,
        fix: 'Report this.',
      })
  }
}

function temporal(unit: 1 | 2 | 3, utc: boolean): ThriftValue {
  return struct([1, bool(utc)], [2, struct([unit, EMPTY])])
}

function decimalStorage(digits: number, scale: number): Storage {
  // 0.001 may be said to have one digit, Parquet counts the zeros too; 1200 with a scale of -2 is a whole number.
  const precision = scale < 0 ? digits - scale : Math.max(digits, scale)
  if (precision > MAX_DIGITS) {
    throw fault({
      kind: 'unsupported',
      code: 'parquet.decimal.scale',
      why: `Parquet cannot hold decimal(${digits},${scale}): that is more than ${MAX_DIGITS} digits.`,
      fix: 'Cast the column in the source, or write with --format csv or ndjson.',
    })
  }
  const annotation = {
    converted: 5,
    scale: Math.max(0, scale),
    precision,
    logical: struct([5, struct([1, i32(Math.max(0, scale))], [2, i32(precision)])]),
  }
  if (precision <= 9) return { physical: 'int32', ...annotation }
  if (precision <= 18) return { physical: 'int64', ...annotation }
  return { physical: 'fixed', length: decimalBytes(precision), ...annotation }
}

/** Least bytes whose two's complement holds this many decimal digits. */
function decimalBytes(precision: number): number {
  return Math.ceil(((10n ** BigInt(precision) - 1n).toString(2).length + 1) / 8)
}

/** For the reader: the fields of a struct, list or map, in the order of their leaves. */
export function childFields(type: DataType): readonly Field[] {
  if (type.kind === 'struct') return type.fields
  if (type.kind === 'list') return [type.item]
  return type.kind === 'map' ? [type.key, type.value] : []
}
