/** What kind of number a text is. */
export const NUMBER = {
  /** No number. */
  none: 0,
  /** Whole, in 64 bits and exact in a double too. */
  int: 1,
  /** Whole, in 64 bits, and not exact in a double. */
  bigInt: 2,
  /** Exact in a double, as every number that Excel writes (at most 17 digits). */
  double: 3,
  /** More digits than a double holds. */
  wide: 4,
} as const

/** Powers of ten that are exact in a double. */
const POWERS: readonly number[] = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
/** Digits that a double always tells apart, and that it needs at most. */
const SAFE_DIGITS = 15
const DOUBLE_DIGITS = 17

const ZERO = 0x30
const DOT = 0x2e
const MINUS = 0x2d
const PLUS = 0x2b

/** Reads numbers (xsd:double without NaN and INF) from bytes, without a string where the digits are few. */
export class NumberScan {
  /** The double nearest to the number; exact unless the kind is `wide` or `bigInt`. */
  value = 0
  /** Digits before and after the decimal point, for `wide` and `bigInt`; -1 where there is an exponent. */
  scale = 0
  whole = 0
  /** All digits but leading zeros. */
  digits = 0

  /** The {@link NUMBER} kind of the bytes. */
  scan(bytes: Uint8Array, from: number, to: number): number {
    let start = from
    let end = to
    while (start < end && bytes[start]! <= 0x20) start++
    while (end > start && bytes[end - 1]! <= 0x20) end--
    let at = start
    const isNegative = bytes[at] === MINUS
    if (isNegative || bytes[at] === PLUS) at++
    let mantissa = 0
    let digits = 0
    let significant = 0
    let zeros = 0
    let scale = 0
    let isFraction = false
    const first = at
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO
      if (digit >= 0 && digit <= 9) {
        if (digits > 0 || digit > 0) {
          digits++
          if (digits <= SAFE_DIGITS) mantissa = mantissa * 10 + digit
          if (digit === 0) zeros++
          else {
            significant += zeros + 1
            zeros = 0
          }
        }
        if (isFraction) scale++
      } else if (bytes[at] === DOT && !isFraction) isFraction = true
      else break
    }
    if (at - first - (isFraction ? 1 : 0) < 1) return NUMBER.none
    this.digits = digits
    if (at === end && !isFraction)
      return this.integer(bytes, start, end, isNegative, mantissa, digits, significant)
    let exponent = 0
    if (at < end) {
      if ((bytes[at]! | 0x20) !== 0x65) return NUMBER.none
      at++
      const isDown = bytes[at] === MINUS
      if (isDown || bytes[at] === PLUS) at++
      if (at === end || end - at > 5) return NUMBER.none
      for (; at < end; at++) {
        const digit = bytes[at]! - ZERO
        if (digit < 0 || digit > 9) return NUMBER.none
        exponent = exponent * 10 + digit
      }
      if (isDown) exponent = -exponent
      this.scale = -1
    } else {
      this.scale = scale
      this.whole = Math.max(0, digits - scale)
    }
    const power = exponent - scale
    if (digits <= SAFE_DIGITS && power >= -22 && power <= 22) {
      const size = power < 0 ? mantissa / POWERS[-power]! : mantissa * POWERS[power]!
      this.value = isNegative ? -size : size
      return NUMBER.double
    }
    this.value = Number(textOf(bytes, start, end))
    if (!Number.isFinite(this.value)) return NUMBER.none
    return significant <= DOUBLE_DIGITS ? NUMBER.double : NUMBER.wide
  }

  private integer(
    bytes: Uint8Array,
    start: number,
    end: number,
    isNegative: boolean,
    mantissa: number,
    digits: number,
    significant: number,
  ): number {
    this.scale = 0
    this.whole = digits
    if (digits <= SAFE_DIGITS) {
      this.value = isNegative ? -mantissa : mantissa
      // A whole number type has no negative zero.
      return isNegative && mantissa === 0 ? NUMBER.double : NUMBER.int
    }
    const text = textOf(bytes, start, end)
    this.value = Number(text)
    if (digits <= 19) {
      const exact = BigInt(text.startsWith('+') ? text.slice(1) : text)
      if (BigInt.asIntN(64, exact) === exact) {
        return BigInt(this.value) === exact ? NUMBER.int : NUMBER.bigInt
      }
    }
    if (!Number.isFinite(this.value)) return NUMBER.none
    return significant <= DOUBLE_DIGITS ? NUMBER.double : NUMBER.wide
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}
