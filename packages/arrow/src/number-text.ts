import type { DataType } from '@omni/spec'
import { isExactNumber, sameDecimal, splitDecimal } from './exact-number.ts'
import { inexact, wrongKind } from './faults.ts'
import { float16ToNumber, numberToFloat16 } from './float16.ts'

type IntType = Extract<DataType, { kind: 'int' }>
type FloatType = Extract<DataType, { kind: 'float' }>
type DecimalType = Extract<DataType, { kind: 'decimal' }>

const INTEGER = /^-?(?:0|[1-9]\d*)$/

/** The integer that a value is, as a bigint, or a fault. Text with leading zeros is no integer: they would be lost. */
export function toInteger(value: unknown, type: DataType): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw inexact(type)
    return BigInt(value)
  }
  if (typeof value === 'string') {
    if (!INTEGER.test(value) || value === '-0' || value.length > 80) throw inexact(type)
    return BigInt(value)
  }
  if (isExactNumber(value)) return toUnscaled(value.text, 80, 0, type)
  throw wrongKind(type, value)
}

/** Least and greatest value of an integer type. */
export function integerRange(type: IntType): readonly [bigint, bigint] {
  const size = 1n << BigInt(type.bits)
  return type.signed ? [-(size >> 1n), (size >> 1n) - 1n] : [0n, size - 1n]
}

/** The double that goes into a float column without change, or a fault. */
export function toFloat(value: unknown, type: FloatType): number {
  if (typeof value === 'number') {
    if (type.bits === 64 || sameDouble(roundTo(type.bits, value), value)) return value
    throw inexact(type)
  }
  if (typeof value === 'bigint') {
    const double = roundTo(type.bits, Number(value))
    if (!Number.isFinite(double) || BigInt(double) !== value) throw inexact(type)
    return double
  }
  if (typeof value === 'string') return parseFloatText(value, type)
  if (isExactNumber(value)) return parseFloatText(value.text, type)
  throw wrongKind(type, value)
}

/**
 * The float whose shortest text says the same number as `text`, or a fault. `NaN`, `Infinity` and `-Infinity` are
 * taken by these names.
 */
export function parseFloatText(text: string, type: FloatType): number {
  if (text === 'NaN') return Number.NaN
  if (text === 'Infinity') return Number.POSITIVE_INFINITY
  if (text === '-Infinity') return Number.NEGATIVE_INFINITY
  if (splitDecimal(text) === undefined) throw inexact(type)
  const value = roundTo(type.bits, Number(text))
  if (Number.isFinite(value)) {
    const shortest = floatText(value, type.bits)
    if (shortest === text || sameDecimal(shortest, text)) return value
    if (Number.isInteger(value) && sameDecimal(BigInt(value).toString(), text)) return value
  }
  throw inexact(type)
}

/**
 * The shortest decimal text that reads back as the same float; `-0`, `NaN`, `Infinity`, `-Infinity`. Whole numbers of
 * narrow floats keep all digits: 65504 is shortest as 65500 in float16, and no reader would expect that.
 */
export function floatText(value: number, bits: 16 | 32 | 64): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  if (bits === 64 || !Number.isFinite(value) || Number.isSafeInteger(value)) return String(value)
  const digits = bits === 32 ? 9 : 5
  for (let n = 1; n < digits; n++) {
    const text = value.toPrecision(n)
    if (roundTo(bits, Number(text)) === value) return String(Number(text))
  }
  return String(Number(value.toPrecision(digits)))
}

function roundTo(bits: 16 | 32 | 64, value: number): number {
  if (bits === 64) return value
  return bits === 32 ? Math.fround(value) : float16ToNumber(numberToFloat16(value))
}

function sameDouble(a: number, b: number): boolean {
  return Object.is(a, b)
}

/**
 * The unscaled integer of a value in a decimal column, or a fault. A bigint is a whole number, not an unscaled one;
 * a number counts by its shortest text, so that reading the decimal back as a double gives the same double.
 */
export function toDecimal(value: unknown, type: DecimalType): bigint {
  if (typeof value === 'string') return toUnscaled(value, type.precision, type.scale, type)
  if (typeof value === 'bigint') return toUnscaled(value.toString(), type.precision, type.scale, type)
  if (typeof value === 'number')
    return toUnscaled(floatText(value, 64).replace('+', ''), type.precision, type.scale, type)
  if (isExactNumber(value)) return toUnscaled(value.text, type.precision, type.scale, type)
  throw wrongKind(type, value)
}

/** `text` x 10^`scale` where that is an integer of at most `precision` digits, else a fault for `type`. */
export function toUnscaled(text: string, precision: number, scale: number, type: DataType): bigint {
  const parts = splitDecimal(text)
  if (parts === undefined) throw inexact(type)
  if (parts.digits === '') {
    if (parts.negative) throw inexact(type)
    return 0n
  }
  const zeros = parts.exponent + scale
  if (zeros < 0 || parts.digits.length + zeros > precision) throw inexact(type)
  const unscaled = BigInt(parts.digits + '0'.repeat(zeros))
  return parts.negative ? -unscaled : unscaled
}

/** Decimal text with exactly `scale` digits after the point; zeros before it for a negative scale. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return unscaled === 0n ? '0' : unscaled.toString() + '0'.repeat(-scale)
  const negative = unscaled < 0n
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
}
