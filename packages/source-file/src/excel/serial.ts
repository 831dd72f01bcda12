/** Milliseconds of a day. */
export const DAY_MS = 86_400_000
/** Microseconds of a day. */
export const DAY_US = 86_400_000_000
/** Days from the epoch to the day before 1900-01-01, and to 1904-01-01. */
const DAY_ZERO_1900 = -25_568
const DAY_ZERO_1904 = -24_107
/** Serial of 1900-02-29, a day that never was and that Excel counts. */
const LEAP_DAY = 60
/** Microseconds that a double of a day count of today cannot tell from a whole millisecond. */
const NOISE_US = 2

/** Days since 1970-01-01 of a whole serial, or undefined where it names no day. */
export function dayOfSerial(serial: number, is1904: boolean): number | undefined {
  if (is1904) return serial >= 0 && serial <= 2_957_003 ? serial + DAY_ZERO_1904 : undefined
  if (serial < 1 || serial > 2_958_465 || serial === LEAP_DAY) return undefined
  return serial + DAY_ZERO_1900 + (serial > LEAP_DAY ? -1 : 0)
}

/**
 * Microseconds of a part of a day. Serials are doubles with about that resolution, so what is within its noise of a
 * whole millisecond is that millisecond.
 */
export function microsOf(days: number): number {
  const exact = days * DAY_US
  const wholeMs = Math.round(exact / 1000) * 1000
  return Math.abs(exact - wholeMs) <= NOISE_US ? wholeMs : Math.round(exact)
}

/** `YYYY-MM-DD` of days since the epoch. */
export function dateText(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10)
}

/** `YYYY-MM-DDThh:mm:ss` of a day and the microseconds in it, with a fraction only where there is one. */
export function momentText(days: number, micros: number): string {
  return `${dateText(days)}T${clockText(micros)}`
}

/** `hh:mm:ss` of microseconds, hours without an end, with a fraction only where there is one. */
export function clockText(micros: number): string {
  const sign = micros < 0 ? '-' : ''
  const all = Math.abs(micros)
  const seconds = Math.floor(all / 1_000_000)
  const two = (n: number): string => String(n).padStart(2, '0')
  const fraction = String(all % 1_000_000)
    .padStart(6, '0')
    .replace(/0{1,6}$/, '')
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${sign}${clock}${fraction === '' ? '' : `.${fraction}`}`
}
