import type { DataType, Field, TimeUnit } from '@omni/spec'
import { decimalOf, sameType } from './types.ts'

const UTF8: DataType = { kind: 'utf8' }
const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns']
const MAX_DIGITS = 76

/**
 * The least type that holds every value of both without change, with utf8 (the canonical text) at the top:
 * int64 with float64 is utf8, since a double cannot hold every int64. Timestamps of two zones meet in UTC (the
 * instants stay), of two units in the finer one (a builder still refuses what overflows it).
 */
export function widenType(a: DataType, b: DataType): DataType {
  if (sameType(a, b)) return a
  if (a.kind === 'null') return b
  if (b.kind === 'null') return a
  switch (a.kind) {
    case 'int':
      return b.kind === 'int' ? widenInts(a, b) : widenNumbers(a, b)
    case 'float':
      return b.kind === 'float'
        ? { kind: 'float', bits: a.bits === 64 || b.bits === 64 ? 64 : 32 }
        : widenNumbers(a, b)
    case 'decimal':
      return widenNumbers(a, b)
    case 'fixed':
    case 'binary':
      return b.kind === 'fixed' || b.kind === 'binary' ? { kind: 'binary' } : UTF8
    case 'time':
    case 'duration':
      return b.kind === a.kind ? { kind: a.kind, unit: finer(a.unit, b.unit) } : UTF8
    case 'timestamp':
      return b.kind === 'timestamp' ? widenTimestamps(a, b) : UTF8
    case 'list':
      return b.kind === 'list' ? { kind: 'list', item: widenField(a.item, b.item) } : UTF8
    case 'map':
      if (b.kind !== 'map') return UTF8
      return { kind: 'map', key: widenField(a.key, b.key), value: widenField(a.value, b.value) }
    case 'struct':
      return b.kind === 'struct' ? { kind: 'struct', fields: widenFields(a.fields, b.fields) } : UTF8
    default:
      return UTF8
  }
}

/** The fields of both in the order of their first appearance; one that either lacks is nullable. */
export function widenFields(a: readonly Field[], b: readonly Field[]): readonly Field[] {
  const others = new Map(b.map((field) => [field.name, field]))
  const widened = a.map((field) => {
    const other = others.get(field.name)
    others.delete(field.name)
    return other === undefined ? { ...field, nullable: true } : widenField(field, other)
  })
  return [...widened, ...[...others.values()].map((field) => ({ ...field, nullable: true }))]
}

function widenField(a: Field, b: Field): Field {
  const nullable = a.nullable || b.nullable || a.type.kind === 'null' || b.type.kind === 'null'
  return { ...a, type: widenType(a.type, b.type), nullable }
}

type IntType = Extract<DataType, { kind: 'int' }>

function widenInts(a: IntType, b: IntType): DataType {
  if (a.signed === b.signed) return a.bits > b.bits ? a : b
  const [signed, unsigned] = a.signed ? [a, b] : [b, a]
  if (signed.bits > unsigned.bits) return signed
  if (unsigned.bits === 64) return decimalOf(20, 0)
  return { kind: 'int', bits: (unsigned.bits * 2) as 16 | 32 | 64, signed: true }
}

/** Digits of the greatest value of an integer type. */
function digitsOf(type: IntType): number {
  if (type.bits === 64) return type.signed ? 19 : 20
  return type.bits === 32 ? 10 : type.bits === 16 ? 5 : 3
}

function widenNumbers(a: DataType, b: DataType): DataType {
  if (a.kind === 'float' || b.kind === 'float') {
    const [float, other] = a.kind === 'float' ? [a, b] : [b, a]
    return other.kind === 'int' && float.kind === 'float' ? widenToFloat(float.bits, other) : UTF8
  }
  const left = asDecimal(a)
  const right = asDecimal(b)
  if (left === undefined || right === undefined) return UTF8
  const scale = Math.max(left.scale, right.scale)
  const precision = Math.max(left.precision - left.scale, right.precision - right.scale) + scale
  return precision > MAX_DIGITS ? UTF8 : decimalOf(precision, scale)
}

function widenToFloat(bits: 16 | 32 | 64, int: IntType): DataType {
  // Integers of n bits need a significand of n bits, one less for the sign.
  const needed = int.bits - (int.signed ? 1 : 0)
  if (needed <= 11) return { kind: 'float', bits }
  if (needed <= 24) return { kind: 'float', bits: bits === 64 ? 64 : 32 }
  return needed <= 53 ? { kind: 'float', bits: 64 } : UTF8
}

function asDecimal(type: DataType): { readonly precision: number; readonly scale: number } | undefined {
  if (type.kind === 'decimal') return type
  return type.kind === 'int' ? { precision: digitsOf(type), scale: 0 } : undefined
}

function widenTimestamps(
  a: Extract<DataType, { kind: 'timestamp' }>,
  b: Extract<DataType, { kind: 'timestamp' }>,
): DataType {
  // A wall clock and an instant are different things.
  if ((a.zone === null) !== (b.zone === null)) return UTF8
  return { kind: 'timestamp', unit: finer(a.unit, b.unit), zone: a.zone === b.zone ? a.zone : 'UTC' }
}

function finer(a: TimeUnit, b: TimeUnit): TimeUnit {
  return UNITS.indexOf(a) > UNITS.indexOf(b) ? a : b
}
