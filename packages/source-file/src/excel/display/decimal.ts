/** Digits that Excel keeps of a number: it rounds what it shows from these, not from the double. */
const DIGITS = 15

/** A positive decimal number as text: `digits` with a point before index `point`, which may lie outside. */
export interface Decimal {
  readonly digits: string
  readonly point: number
}

/** The 15 digits that Excel sees of a number, without its sign and without zeros at the end. */
export function decimalOf(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  const [mantissa = '', exponent = '0'] = Math.abs(value)
    .toExponential(DIGITS - 1)
    .split('e')
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), point: Number(exponent) + 1 }
}

/** The number times ten to the power. */
export function shift({ digits, point }: Decimal, power: number): Decimal {
  return { digits, point: point + power }
}

/** Digits before the point, without leading zeros, and exactly `places` after it, rounded half away from zero. */
export function roundTo({ digits, point }: Decimal, places: number): { whole: string; fraction: string } {
  const keep = point + places
  let kept = digits.slice(0, Math.max(0, keep)).padEnd(Math.max(0, keep), '0')
  if (keep >= 0 && keep < digits.length && digits.charCodeAt(keep) >= 0x35) kept = increment(kept)
  // A carry makes the text one digit longer; a number below one lacks the zeros before its first digit.
  kept = kept.padStart(places, '0')
  const cut = kept.length - places
  return { whole: kept.slice(0, cut).replace(/^0+/, ''), fraction: kept.slice(cut) }
}

function increment(digits: string): string {
  let at = digits.length - 1
  while (at >= 0 && digits[at] === '9') at--
  const zeros = '0'.repeat(digits.length - 1 - at)
  return at < 0 ? `1${zeros}` : `${digits.slice(0, at)}${Number(digits[at]) + 1}${zeros}`
}
