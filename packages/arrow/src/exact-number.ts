import { fault } from '@omni/spec'

const BRAND: unique symbol = Symbol.for('omni.exact-number') as never

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * A number by its source text (JSON grammar, RFC 8259 section 6), for what a double cannot hold: `9007199254740993`,
 * `0.12345678901234567890`. JSON sources put it in rows; every builder takes it as exact decimal text.
 */
export class ExactNumber {
  /** Marks instances, also those of another installed copy of this package. */
  static readonly brand: symbol = BRAND
  readonly text: string

  constructor(text: string) {
    if (!NUMBER.test(text)) {
      throw fault({
        kind: 'data',
        code: 'arrow.value.type',
        why: 'The text of an exact number is not a JSON number.',
        fix: 'Pass it as a string.',
      })
    }
    this.text = text
    Object.defineProperty(this, BRAND, { value: true })
  }

  toString(): string {
    return this.text
  }

  /** `JSON.stringify` writes the source text as it is. */
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.text)
  }
}

/** True for an {@link ExactNumber}, whichever copy of this package made it. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return typeof value === 'object' && value !== null && BRAND in value
}

/** The number of a JSON token: a double when its shortest text says the same, else an {@link ExactNumber}. */
export function numberOfToken(token: string): number | ExactNumber {
  const value = Number(token)
  // A large plain integer stays exact even where a double happens to hold it: its neighbours in the column may not be.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.eE]/.test(token))
    return new ExactNumber(token)
  return doubleSays(value, token) ? value : new ExactNumber(token)
}

/** True where `value` printed the shortest way is the number that `token` says. */
export function doubleSays(value: number, token: string): boolean {
  if (!Number.isFinite(value)) return false
  if (String(value) === token) return true
  return sameDecimal(Object.is(value, -0) ? '-0' : String(value), token)
}

/** True where two decimal texts say the same number, with the same sign of zero. */
export function sameDecimal(a: string, b: string): boolean {
  const x = splitDecimal(a)
  const y = splitDecimal(b)
  return (
    x !== undefined &&
    y !== undefined &&
    x.negative === y.negative &&
    x.digits === y.digits &&
    x.exponent === y.exponent
  )
}

/** `digits` x 10^`exponent`, without leading or trailing zeros; zero is `''` x 10^0. */
export interface SplitDecimal {
  readonly negative: boolean
  readonly digits: string
  readonly exponent: number
}

const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** Takes decimal text apart, or undefined where it is none (or its leading zeros would be lost). */
export function splitDecimal(text: string): SplitDecimal | undefined {
  const match = PARTS.exec(text)
  if (match === null) return undefined
  const whole = match[2] as string
  if (whole.length > 1 && whole.charCodeAt(0) === 48) return undefined
  const fraction = match[3] ?? ''
  const all = whole + fraction
  let start = 0
  while (start < all.length && all.charCodeAt(start) === 48) start++
  let end = all.length
  while (end > start && all.charCodeAt(end - 1) === 48) end--
  const digits = all.slice(start, end)
  const exponent = Number(match[4] ?? '0') - fraction.length + (all.length - end)
  return { negative: match[1] === '-', digits, exponent: digits === '' ? 0 : exponent }
}
