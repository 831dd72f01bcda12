import type { DataType } from '@omni/spec'
import { type CellValues, KIND } from './values.ts'

/** What is known of a column's values. */
export interface ColumnKinds {
  /** Bits of {@link KIND}. */
  kinds: number
  /** Of plain numbers, the most digits before and after the decimal point. */
  whole: number
  scale: number
  /** A number has an exponent, so that its digits are not counted. */
  hasExponent: boolean
}

export function noKinds(): ColumnKinds {
  return { kinds: 0, whole: 0, scale: 0, hasExponent: false }
}

/** Digits of a decimal. */
const MAX_DIGITS = 38

/** Adds a value's kind. */
export function addKind(column: ColumnKinds, kind: number, values: CellValues): void {
  column.kinds |= kind
  if ((kind & (KIND.int | KIND.bigInt | KIND.double | KIND.wide)) === 0) return
  const { whole, scale } = values.shape
  if (scale < 0) column.hasExponent = true
  else {
    if (whole > column.whole) column.whole = whole
    if (scale > column.scale) column.scale = scale
  }
}

/** Kinds of two parts of a column. */
export function joinKinds(a: ColumnKinds, b: ColumnKinds): ColumnKinds {
  return {
    kinds: a.kinds | b.kinds,
    whole: Math.max(a.whole, b.whole),
    scale: Math.max(a.scale, b.scale),
    hasExponent: a.hasExponent || b.hasExponent,
  }
}

const TEXT: DataType = { kind: 'utf8' }

/** The narrowest type that holds every value of these kinds as it is; else text. */
export function typeOf({ kinds, whole, scale, hasExponent }: ColumnKinds): DataType {
  const isOnly = (mask: number): boolean => kinds !== 0 && (kinds & ~mask) === 0
  const unit = (kinds & KIND.fine) === 0 ? 'ms' : 'us'
  if (isOnly(KIND.int | KIND.bigInt)) return { kind: 'int', bits: 64, signed: true }
  if (isOnly(KIND.int | KIND.double)) return { kind: 'float', bits: 64 }
  if (isOnly(KIND.int | KIND.bigInt | KIND.double | KIND.wide)) {
    if (hasExponent || whole + scale > MAX_DIGITS) return TEXT
    return { kind: 'decimal', bits: 128, precision: MAX_DIGITS, scale }
  }
  if (isOnly(KIND.bool)) return { kind: 'bool' }
  if (isOnly(KIND.date)) return { kind: 'date' }
  if (isOnly(KIND.date | KIND.moment | KIND.fine)) return { kind: 'timestamp', unit, zone: null }
  if (isOnly(KIND.time | KIND.fine)) return { kind: 'time', unit }
  if (isOnly(KIND.duration | KIND.fine)) return { kind: 'duration', unit }
  return TEXT
}

/** The kinds whose values a column of this type holds. */
export function kindsOf(type: DataType): number {
  switch (type.kind) {
    case 'int':
      return KIND.int | KIND.bigInt
    case 'float':
      return KIND.int | KIND.double
    case 'decimal':
      return KIND.int | KIND.bigInt | KIND.double | KIND.wide
    case 'bool':
      return KIND.bool
    case 'date':
      return KIND.date
    case 'timestamp':
      return KIND.date | KIND.moment | (type.unit === 'us' ? KIND.fine : 0)
    case 'time':
      return KIND.time | (type.unit === 'us' ? KIND.fine : 0)
    case 'duration':
      return KIND.duration | (type.unit === 'us' ? KIND.fine : 0)
    case 'null':
      return 0
    default:
      return -1
  }
}
