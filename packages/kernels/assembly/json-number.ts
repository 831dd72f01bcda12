// JSON numbers (RFC 8259, section 6) into columns that hold them exactly. Each function reads a number at `at`, writes
// its value at `out`, and returns where it ends, or 0 where the column cannot surely hold it.

/** Set by {@link readFloat64}: only a comparison with ECMA-262 `Number::toString` tells whether a double holds it. */
export let isDoubtful: bool = false

/** Digits that a double always keeps (IEEE 754 binary64). */
const SAFE_DIGITS: u32 = 15
/** Exponents from here on are not told apart. */
const MOST_POWER: i32 = 100000

// Powers of ten that a double holds exactly.
const POWERS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
])

// The same byte in all eight of a word. Written in halves, since a linter reads them as numbers of JavaScript.
const EIGHT_ZEROS: u64 = ((<u64>0x30303030) << 32) | 0x30303030
const EIGHT_SIXES: u64 = ((<u64>0x06060606) << 32) | 0x06060606
const HIGH_NIBBLES: u64 = ((<u64>0xf0f0f0f0) << 32) | 0xf0f0f0f0

function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 48 < 10
}

function areDigits(word: u64): bool {
  return (word & HIGH_NIBBLES) === EIGHT_ZEROS && ((word + EIGHT_SIXES) & HIGH_NIBBLES) === EIGHT_ZEROS
}

/** The value of eight digits, the first in the lowest byte: pairs, fours, and all, with three multiplications. */
function eightDigits(word: u64): u64 {
  let w = word - EIGHT_ZEROS
  w = w * 10 + (w >> 8)
  return (
    ((w & 0x000000ff000000ff) * 0x000f424000000064 + ((w >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >>
    32
  )
}

/** True where a point or an exponent goes on after an integer. */
function goesOn(at: usize): bool {
  const byte = load<u8>(at)
  return byte === 46 || (byte | 32) === 101
}

/** The end of `.000` after an integer of so many digits, which says the same integer; 0 where more than that follows. */
function skipZeros(at: usize, digits: u32): usize {
  if (load<u8>(at) !== 46) return 0
  const point = ++at
  while (load<u8>(at) === 48) at++
  const zeros = <u32>(at - point)
  if (zeros === 0 || isDigit(at) || goesOn(at) || digits + zeros > SAFE_DIGITS) return 0
  return at
}

/** An integer of 64 bits. Not `-0`, which is a double, and no exponent. */
export function readInt64(at: usize, out: usize): usize {
  const negative = load<u8>(at) === 45
  if (negative) at++
  const first = at
  let value: u64 = 0
  for (let word = load<u64>(at); areDigits(word) && at - first < 16; word = load<u64>(at)) {
    value = value * 100000000 + eightDigits(word)
    at += 8
  }
  for (let digit = <u32>load<u8>(at) - 48; digit < 10; digit = <u32>load<u8>(at) - 48) {
    if (at - first > 18) return 0
    value = value * 10 + digit
    at++
  }
  const digits = <u32>(at - first)
  if (digits === 0 || (load<u8>(first) === 48 && digits > 1)) return 0
  if (digits === 19 && value > <u64>i64.MAX_VALUE + (negative ? 1 : 0)) return 0
  if (negative && value === 0) return 0
  store<i64>(out, negative ? -(<i64>value) : <i64>value)
  return goesOn(at) ? skipZeros(at, digits) : at
}

/** An integer of at most 38 digits, as 128-bit two's complement. */
export function readDecimal(at: usize, out: usize): usize {
  const negative = load<u8>(at) === 45
  if (negative) at++
  const first = at
  let low: u64 = 0
  let high: u64 = 0
  for (let digit = <u32>load<u8>(at) - 48; digit < 10; digit = <u32>load<u8>(at) - 48) {
    if (at - first > 37) return 0
    // 128 by 4 bits, in halves of the low word.
    const a = (low & 0xffffffff) * 10 + digit
    const b = (low >> 32) * 10 + (a >> 32)
    low = (b << 32) | (a & 0xffffffff)
    high = high * 10 + (b >> 32)
    at++
  }
  const digits = <u32>(at - first)
  if (digits === 0 || (load<u8>(first) === 48 && digits > 1)) return 0
  if (negative) {
    if ((low | high) === 0) return 0
    low = ~low + 1
    high = ~high + (low === 0 ? 1 : 0)
  }
  store<u64>(out, low)
  store<u64>(out, high, 8)
  return goesOn(at) ? skipZeros(at, digits) : at
}

/** A double. Of more than 15 digits, or far from 1, its value is not written, and {@link isDoubtful} says so. */
export function readFloat64(at: usize, out: usize): usize {
  isDoubtful = false
  const negative = load<u8>(at) === 45
  if (negative) at++
  const first = at
  let mantissa: u64 = 0
  let significant: u32 = 0
  for (let digit = <u32>load<u8>(at) - 48; digit < 10; digit = <u32>load<u8>(at) - 48) {
    if ((significant | digit) !== 0) significant++
    if (significant <= SAFE_DIGITS) mantissa = mantissa * 10 + digit
    at++
  }
  const digits = <u32>(at - first)
  if (digits === 0 || (load<u8>(first) === 48 && digits > 1)) return 0
  let exponent: i32 = 0
  if (load<u8>(at) === 46) {
    const point = ++at
    for (let digit = <u32>load<u8>(at) - 48; digit < 10; digit = <u32>load<u8>(at) - 48) {
      if ((significant | digit) !== 0) significant++
      if (significant <= SAFE_DIGITS) mantissa = mantissa * 10 + digit
      at++
    }
    if (at === point) return 0
    exponent = -(<i32>(at - point))
  }
  if ((load<u8>(at) | 32) === 101) {
    at++
    const minus = load<u8>(at) === 45
    if (minus || load<u8>(at) === 43) at++
    const start = at
    let power: i32 = 0
    for (let digit = <u32>load<u8>(at) - 48; digit < 10; digit = <u32>load<u8>(at) - 48) {
      if (power < MOST_POWER) power = power * 10 + digit
      at++
    }
    if (at === start) return 0
    if (power >= MOST_POWER) significant = SAFE_DIGITS + 1
    exponent += minus ? -power : power
  }
  let value: f64 = 0
  if (mantissa === 0 && significant === 0) {
    // Zero, whatever the exponent.
  } else if (significant > SAFE_DIGITS || exponent < -22 || exponent > 22) {
    isDoubtful = true
    return at
  } else {
    // Up to 15 digits and a power of ten are both exact, so one operation rounds correctly.
    value = <f64>mantissa
    if (exponent < 0) value /= load<f64>(POWERS + ((<usize>-exponent) << 3))
    else value *= load<f64>(POWERS + ((<usize>exponent) << 3))
  }
  store<f64>(out, negative ? -value : value)
  return at
}

/**
 * The end of a number of at most 15 digits that ECMA-262 `Number::toString` prints as it is: an integer, or a fraction
 * from 0.000001 on without a zero at its end; not `-0`, no exponent, 16 bytes at most. 0 for every other.
 */
export function plainNumberEnd(at: usize): usize {
  const start = at
  const negative = load<u8>(at) === 45
  if (negative) at++
  const first = at
  while (isDigit(at)) at++
  let digits = <u32>(at - first)
  const isZero = load<u8>(first) === 48
  if (digits === 0 || (isZero && digits > 1)) return 0
  if (load<u8>(at) === 46) {
    const point = ++at
    while (load<u8>(at) === 48) at++
    if (isZero && at - point > 5) return 0
    while (isDigit(at)) at++
    digits += <u32>(at - point)
    if (at === point || load<u8>(at - 1) === 48) return 0
  } else if (isZero && negative) return 0
  return digits > SAFE_DIGITS || at - start > 16 || goesOn(at) ? 0 : at
}
