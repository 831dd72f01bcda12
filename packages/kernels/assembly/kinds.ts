// What a text is, judged by whether its type would print the very same text again. The bits are those of
// src/csv.ts.
const TEXT: u32 = 1 << 0
const INT_SMALL: u32 = 1 << 1
const INT_BIG: u32 = 1 << 2
const INT_HUGE: u32 = 1 << 3
const FRACTION_FAST: u32 = 1 << 4
const FRACTION_DECIMAL: u32 = 1 << 5
const FRACTION_SLOW: u32 = 1 << 6
const EXPONENT: u32 = 1 << 7
const DATE: u32 = 1 << 8
const BOOL: u32 = 9
const STAMP: u32 = 12

/** Digits after the point of the number that was seen last; 0 for none. */
export let scale: u32 = 0
/** Days, or units since the epoch, of the date or timestamp that was seen last. */
export let instant: i64 = 0

function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 48 < 10
}

/** The value of `n` digits, or -1. */
function digits(at: usize, n: u32): i32 {
  let value = 0
  for (let i: u32 = 0; i < n; i++) {
    const digit = <u32>load<u8>(at + i) - 48
    if (digit > 9) return -1
    value = value * 10 + <i32>digit
  }
  return value
}

/** Days since 1970-01-01 (http://howardhinnant.github.io/date_algorithms.html#days_from_civil). */
function days(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year
  const era = y / 400
  const yearOfEra = y - era * 400
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
}

function monthDays(year: i32, month: i32): i32 {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** DATE, a STAMP bit or TEXT of at least ten bytes; sets `instant`. Years 0001 to 9999. */
export function stampKind(a: usize, b: usize): u32 {
  const n = <u32>(b - a)
  if (n > 30 || load<u8>(a, 4) !== 45 || load<u8>(a, 7) !== 45) return TEXT
  const year = digits(a, 4)
  const month = digits(a + 5, 2)
  const day = digits(a + 8, 2)
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > monthDays(year, month)) return TEXT
  const date = days(year, month, day)
  instant = date
  if (n === 10) return DATE
  if (n < 19) return TEXT
  const separator = load<u8>(a, 10)
  if ((separator !== 84 && separator !== 32) || load<u8>(a, 13) !== 58 || load<u8>(a, 16) !== 58) return TEXT
  const hour = digits(a + 11, 2)
  const minute = digits(a + 14, 2)
  const second = digits(a + 17, 2)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return TEXT
  const zoned = load<u8>(b - 1) === 90
  const rest = n - 19 - (zoned ? 1 : 0)
  let unit: u32 = 0
  let perSecond: i64 = 1
  let fraction = 0
  if (rest !== 0) {
    if (load<u8>(a, 19) !== 46) return TEXT
    if (rest === 4) {
      unit = 1
      perSecond = 1000
    } else if (rest === 7) {
      unit = 2
      perSecond = 1000000
    } else if (rest === 10 && year >= 1678 && year <= 2261) {
      // 64 bits of nanoseconds hold no more than these whole years.
      unit = 3
      perSecond = 1000000000
    } else return TEXT
    fraction = digits(a + 20, rest - 1)
    if (fraction < 0) return TEXT
  }
  instant = ((<i64>date * 24 + hour) * 60 + minute) * 60 + second
  instant = instant * perSecond + fraction
  return 1 << (STAMP + (separator === 84 ? 0 : 8) + unit * 2 + (zoned ? 1 : 0))
}

function boolKind(a: usize, n: u32): u32 {
  if (n === 4) {
    const word = load<u32>(a)
    if (word === 0x65757274) return 1 << BOOL
    if (word === 0x65757254) return 1 << (BOOL + 1)
    if (word === 0x45555254) return 1 << (BOOL + 2)
  } else if (n === 5) {
    const word = load<u32>(a)
    const last = load<u8>(a, 4)
    if (word === 0x736c6166 && last === 101) return 1 << BOOL
    if (word === 0x736c6146 && last === 101) return 1 << (BOOL + 1)
    if (word === 0x534c4146 && last === 69) return 1 << (BOOL + 2)
  }
  return TEXT
}

function fitsInt64(at: usize, negative: bool): bool {
  let value: u64 = 0
  for (let i = 0; i < 19; i++) value = value * 10 + (load<u8>(at + i) - 48)
  return value <= <u64>i64.MAX_VALUE + (negative ? 1 : 0)
}

/** The kind of a number as ECMA-262 `Number::toString`, an integer or a plain decimal prints it. */
export function numberKind(a: usize, b: usize): u32 {
  scale = 0
  const negative = load<u8>(a) === 45
  const first = negative ? a + 1 : a
  let at = first
  while (at < b && isDigit(at)) at++
  const whole = <u32>(at - first)
  if (whole === 0) return TEXT
  const zero = load<u8>(first) === 48
  if (zero && whole > 1) return TEXT
  if (at === b) {
    if (zero) return negative ? TEXT : INT_SMALL
    if (whole <= 15) return INT_SMALL
    if (whole < 19 || (whole === 19 && fitsInt64(first, negative))) return INT_BIG
    return whole <= 38 ? INT_HUGE : TEXT
  }
  if (load<u8>(at) === 46) {
    const point = ++at
    while (at < b && isDigit(at)) at++
    const fraction = <u32>(at - point)
    if (fraction === 0) return TEXT
    if (at === b) {
      let leading: u32 = 0
      if (zero) while (leading < fraction && load<u8>(point + leading) === 48) leading++
      const significant = zero ? fraction - leading : whole + fraction
      if (negative && significant === 0) return TEXT
      if ((zero ? 0 : whole) + fraction > 38) return TEXT
      scale = fraction
      // A double prints no trailing zero, at most 17 digits, and an exponent below 0.000001.
      if (load<u8>(b - 1) === 48 || significant > 17 || leading > 5) return FRACTION_DECIMAL
      return significant <= 15 ? FRACTION_FAST : FRACTION_SLOW
    }
  }
  if (b - a > 25 || load<u8>(at) !== 101 || at + 2 >= b) return TEXT
  const sign = load<u8>(at, 1)
  if (sign !== 43 && sign !== 45) return TEXT
  at += 2
  while (at < b && isDigit(at)) at++
  return at === b ? EXPONENT : TEXT
}

/** The kind of any text. */
export function kindOf(a: usize, b: usize): u32 {
  const n = <u32>(b - a)
  if (n === 0) return TEXT
  const first = load<u8>(a)
  if (<u32>first - 48 < 10 || first === 45) {
    return n >= 10 && load<u8>(a, 4) === 45 ? stampKind(a, b) : numberKind(a, b)
  }
  return n === 4 || n === 5 ? boolKind(a, n) : TEXT
}

/** True for the kinds that only a comparison with `Number::toString` can confirm to be a double. */
export function isSlow(kind: u32): bool {
  return (kind & (FRACTION_SLOW | EXPONENT)) !== 0
}

/** True for the kinds that are a double for sure. */
export function isFast(kind: u32): bool {
  return (kind & (INT_SMALL | FRACTION_FAST)) !== 0
}

/** True for fractions, which have a `scale`. */
export function isFraction(kind: u32): bool {
  return (kind & (FRACTION_FAST | FRACTION_DECIMAL | FRACTION_SLOW)) !== 0
}

/** True for integers of up to 38 digits; with `narrow`, of 64 bits. */
export function isInteger(kind: u32, narrow: bool): bool {
  return (kind & (narrow ? INT_SMALL | INT_BIG : INT_SMALL | INT_BIG | INT_HUGE)) !== 0
}
