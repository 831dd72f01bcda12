import type { DataType, TimeUnit } from '@omni/spec'
import { inexact, wrongKind } from './faults.ts'

// Proleptic Gregorian calendar as in ISO 8601; every function is exact over the whole range of its integers.

/** Units in a second. */
export const PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  s: 1n,
  ms: 1_000n,
  us: 1_000_000n,
  ns: 1_000_000_000n,
}

const FRACTION_DIGITS: Readonly<Record<TimeUnit, number>> = { s: 0, ms: 3, us: 6, ns: 9 }

/** `YYYY-MM-DD` of a day since 1970-01-01; years outside 0 to 9999 with a sign and at least six digits. */
export function dateText(days: number): string {
  // Days to civil: eras of 400 years from 0000-03-01.
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthShifted = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthShifted + 2) / 5) + 1
  const month = monthShifted < 10 ? monthShifted + 3 : monthShifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${yearText(year)}-${two(month)}-${two(day)}`
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0')
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n)
}

/** Days since 1970-01-01 of a civil date, or undefined where there is no such day. */
export function daysOf(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > monthDays(year, month)) return undefined
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function monthDays(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** ISO 8601 of a timestamp, with exactly the unit's digits; `Z` where the column has a zone. */
export function timestampText(value: bigint, unit: TimeUnit, zoned: boolean): string {
  const count = Number(value)
  if (Number.isSafeInteger(count)) return safeTimestampText(count, unit, zoned)
  const perDay = PER_SECOND[unit] * 86_400n
  let days = value / perDay
  let rest = value - days * perDay
  if (rest < 0n) {
    days -= 1n
    rest += perDay
  }
  return `${dateText(Number(days))}T${clockText(rest, unit)}${zoned ? 'Z' : ''}`
}

/** {@link timestampText} of a count that a double holds, in doubles: four times as fast. */
function safeTimestampText(count: number, unit: TimeUnit, zoned: boolean): string {
  const digits = FRACTION_DIGITS[unit]
  const perSecond = 10 ** digits
  const seconds = Math.floor(count / perSecond)
  const days = Math.floor(seconds / 86_400)
  const clock = seconds - days * 86_400
  const hours = Math.floor(clock / 3600)
  const minutes = Math.floor((clock - hours * 3600) / 60)
  const fraction = digits === 0 ? '' : `.${String(count - seconds * perSecond).padStart(digits, '0')}`
  const text = `${dateText(days)}T${two(hours)}:${two(minutes)}:${two(clock - hours * 3600 - minutes * 60)}`
  return `${text}${fraction}${zoned ? 'Z' : ''}`
}

/** `HH:MM:SS.ffffff` with exactly the unit's digits; a value outside a day keeps its sign and its hours. */
export function clockText(value: bigint, unit: TimeUnit): string {
  if (value < 0n) return `-${clockText(-value, unit)}`
  const perSecond = PER_SECOND[unit]
  const seconds = value / perSecond
  const hours = seconds / 3600n
  const inHour = Number(seconds - hours * 3600n)
  const clock = `${hours < 10n ? '0' : ''}${hours}:${two(Math.floor(inHour / 60))}:${two(inHour % 60)}`
  return clock + fractionText(value - seconds * perSecond, unit)
}

/** ISO 8601 duration in seconds, `-PT90061.500S`, with exactly the unit's digits. */
export function durationText(value: bigint, unit: TimeUnit): string {
  if (value < 0n) return `-${durationText(-value, unit)}`
  const perSecond = PER_SECOND[unit]
  const seconds = value / perSecond
  return `PT${seconds}${fractionText(value - seconds * perSecond, unit)}S`
}

function fractionText(part: bigint, unit: TimeUnit): string {
  return unit === 's' ? '' : `.${part.toString().padStart(FRACTION_DIGITS[unit], '0')}`
}

const DATE = /^([+-]\d{6,12}|\d{4})-(\d\d)-(\d\d)$/
const CLOCK = /^(-?)(\d{2,16}):([0-5]\d):([0-5]\d)(?:\.(\d+))?$/
const TIMESTAMP =
  /^((?:[+-]\d{6,12}|\d{4})-\d\d-\d\d)[T ](\d\d):([0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?[0-5]\d)?)?$/
const DURATION = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?$/

/** Days since 1970-01-01 of `YYYY-MM-DD`, a Date at midnight UTC, or a count of days. */
export function toDays(value: unknown, type: DataType): number {
  if (typeof value === 'string') {
    const days = parseDate(value)
    if (days === undefined || days < -0x80000000 || days > 0x7fffffff) throw inexact(type)
    return days
  }
  if (value instanceof Date) {
    const days = value.getTime() / 86_400_000
    if (!Number.isInteger(days)) throw inexact(type)
    return days
  }
  return Number(toCount(value, type, 32))
}

function parseDate(text: string): number | undefined {
  const match = DATE.exec(text)
  if (match === null || match[1] === '-000000') return undefined
  return daysOf(Number(match[1]), Number(match[2]), Number(match[3]))
}

/** Units since midnight, of `HH:MM:SS.fff` or a count. */
export function toTimeOfDay(value: unknown, type: Extract<DataType, { kind: 'time' }>): bigint {
  const bits = type.unit === 's' || type.unit === 'ms' ? 32 : 64
  if (typeof value !== 'string') return toCount(value, type, bits)
  const match = CLOCK.exec(value)
  if (match === null) throw inexact(type)
  const seconds = BigInt(match[2] as string) * 3600n + BigInt(Number(match[3]) * 60 + Number(match[4]))
  return toCount(signed(match[1], inUnits(seconds, match[5], type.unit, type)), type, bits)
}

/**
 * Units since the epoch, of an ISO 8601 text, a Date, or a count of units. A zoned column needs `Z` or an offset in
 * the text, one without a zone must not have it: either would be a guess.
 */
export function toInstant(value: unknown, type: Extract<DataType, { kind: 'timestamp' }>): bigint {
  if (value instanceof Date) return instantOfDate(value, type)
  if (typeof value !== 'string') return toCount(value, type, 64)
  const match = TIMESTAMP.exec(value)
  const days = match === null ? undefined : parseDate(match[1] as string)
  if (match === null || days === undefined || (match[6] === undefined) !== (type.zone === null))
    throw inexact(type)
  const hours = Number(match[2])
  if (hours > 23) throw inexact(type)
  const clock = hours * 3600 + Number(match[3]) * 60 + Number(match[4] ?? '0')
  const seconds = BigInt(days) * 86_400n + BigInt(clock - offsetSeconds(match[6]))
  return toCount(inUnits(seconds, match[5], type.unit, type), type, 64)
}

function instantOfDate(date: Date, type: Extract<DataType, { kind: 'timestamp' }>): bigint {
  const ms = date.getTime()
  if (!Number.isInteger(ms)) throw inexact(type)
  if (type.unit !== 's') return toCount(BigInt(ms) * (PER_SECOND[type.unit] / 1000n), type, 64)
  if (ms % 1000 !== 0) throw inexact(type)
  return BigInt(ms / 1000)
}

function offsetSeconds(offset: string | undefined): number {
  if (offset === undefined || offset === 'Z') return 0
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', ''))
  return (offset.startsWith('-') ? -60 : 60) * minutes
}

/** Units of a duration, of ISO 8601 text with days, hours, minutes and seconds, or a count. */
export function toDuration(value: unknown, type: Extract<DataType, { kind: 'duration' }>): bigint {
  if (typeof value !== 'string') return toCount(value, type, 64)
  const match = DURATION.exec(value)
  if (match === null || !/\d/.test(value) || value.endsWith('T') || value.length > 80) throw inexact(type)
  const seconds =
    BigInt(match[2] ?? '0') * 86_400n +
    BigInt(match[3] ?? '0') * 3600n +
    BigInt(match[4] ?? '0') * 60n +
    BigInt(match[5] ?? '0')
  return toCount(signed(match[1], inUnits(seconds, match[6], type.unit, type)), type, 64)
}

function signed(sign: string | undefined, value: bigint): bigint {
  return sign === '-' ? -value : value
}

function inUnits(seconds: bigint, fraction: string | undefined, unit: TimeUnit, type: DataType): bigint {
  const digits = FRACTION_DIGITS[unit]
  const text = (fraction ?? '').replace(/0+$/, '')
  if (text.length > digits) throw inexact(type)
  return seconds * PER_SECOND[unit] + (digits === 0 ? 0n : BigInt(text.padEnd(digits, '0')))
}

function toCount(value: unknown, type: DataType, bits: 32 | 64): bigint {
  if (typeof value !== 'bigint' && typeof value !== 'number') throw wrongKind(type, value)
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0))) throw inexact(type)
  const count = BigInt(value)
  if (BigInt.asIntN(bits, count) !== count) throw inexact(type)
  return count
}
