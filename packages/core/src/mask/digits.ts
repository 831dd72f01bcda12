import { codeAt, hexAt, isDashCode, isSpaceCode, isZeroWidth, widthOf, zeroWidthAt } from './bytes.ts'
import { percentByte } from './escapes.ts'

/** Bytes of the decimal digit at `at`, or 0. ASCII, fullwidth, Arabic-Indic, Persian, Indic and Thai digits. */
export function digitWidth(b: Uint8Array, at: number, to: number): number {
  const c = b[at]!
  if (c < 0x80) return c >= 0x30 && c <= 0x39 ? 1 : c === 0x5c && escapedDigit(b, at, to) >= 0 ? 6 : 0
  if (c === 0xd9) return at + 1 < to && b[at + 1]! >= 0xa0 && b[at + 1]! <= 0xa9 ? 2 : 0
  if (c === 0xdb) return at + 1 < to && b[at + 1]! >= 0xb0 && b[at + 1]! <= 0xb9 ? 2 : 0
  if (at + 2 >= to) return 0
  const d = b[at + 1]!
  const e = b[at + 2]!
  if (c === 0xef) return d === 0xbc && e >= 0x90 && e <= 0x99 ? 3 : 0
  if (c !== 0xe0) return 0
  // U+0966, U+09E6 … U+0D66 are at A6 of every second row from A5 to B5; Thai is U+0E50.
  if (d >= 0xa5 && d <= 0xb5 && (d & 1) === 1) return e >= 0xa6 && e <= 0xaf ? 3 : 0
  return d === 0xb9 && e >= 0x90 && e <= 0x99 ? 3 : 0
}

/** The value of a digit of another script that JSON escapes, `\uff15` or `\u0665`, or -1. */
function escapedDigit(b: Uint8Array, at: number, to: number): number {
  if (at + 6 > to || b[at + 1] !== 0x75) return -1
  const code = hexAt(b, at + 2, to, 4)
  for (const zero of [0xff10, 0x660, 0x6f0, 0x966]) if (code >= zero && code < zero + 10) return code - zero
  return -1
}

/** The value of the digit of `width` bytes at `at`. */
export function digitValue(b: Uint8Array, at: number, width: number): number {
  const last = b[at + width - 1]!
  if (width === 1) return last - 0x30
  if (width === 6) return escapedDigit(b, at, at + 6)
  const c = b[at]!
  if (c === 0xd9) return last - 0xa0
  if (c === 0xdb) return last - 0xb0
  return c === 0xe0 && b[at + 1] !== 0xb9 ? last - 0xa6 : last - 0x90
}

/** What stands between two groups of digits, as bits. */
export const SEP = { space: 1, dash: 2, dot: 4, slash: 8, paren: 16 } as const

const SPACE = 1
const DASH = 2
const DOT = 3
const SLASH = 4
const OPEN = 5
const CLOSE = 6

/** Sequences of the units above that join two groups, read as base-8 numbers, and their bits. */
const JOINS: ReadonlyMap<number, number> = new Map(
  (
    [
      [[SPACE], SEP.space],
      [[SPACE, SPACE], SEP.space],
      [[DASH], SEP.dash],
      [[DOT], SEP.dot],
      [[SLASH], SEP.slash],
      [[SPACE, DASH, SPACE], SEP.space | SEP.dash],
      [[SPACE, SLASH, SPACE], SEP.space | SEP.slash],
      [[DOT, SPACE], SEP.space | SEP.dot],
      [[DASH, SPACE], SEP.space | SEP.dash],
      [[CLOSE], SEP.paren],
      [[CLOSE, SPACE], SEP.paren],
      [[CLOSE, SPACE, SPACE], SEP.paren],
      [[CLOSE, DASH], SEP.paren],
      [[CLOSE, DOT], SEP.paren],
      [[CLOSE, SLASH], SEP.paren],
      [[CLOSE, SPACE, DASH, SPACE], SEP.paren],
      [[OPEN], SEP.paren],
      [[SPACE, OPEN], SEP.paren],
      [[DASH, OPEN], SEP.paren],
      [[DOT, OPEN], SEP.paren],
      [[CLOSE, OPEN], SEP.paren],
      [[CLOSE, SPACE, OPEN], SEP.paren],
    ] as const
  ).map(([units, bits]) => [units.reduce((sum: number, unit) => sum * 8 + unit, 0), bits]),
)

/** Bits of one unit alone, by its number. */
const SINGLE: readonly number[] = [0, SEP.space, SEP.dash, SEP.dot, SEP.slash, SEP.paren, SEP.paren]

/** The bits of the separator at `at` in the low byte and its length above; 0 when no group follows. */
export function separatorAt(b: Uint8Array, at: number, to: number): number {
  const c = b[at]!
  if (c < 0x80) {
    const unit = asciiUnit(c)
    if (unit === 0 && c !== 0x25 && c !== 0x26 && c !== 0x5c) return 0
    const next = at + 1 < to ? b[at + 1]! : 0
    if (unit !== 0 && next >= 0x30 && next <= 0x39) return (1 << 8) | SINGLE[unit]!
    // A letter ends the chain whatever came before it.
    if (unit !== 0 && (next | 0x20) >= 0x61 && (next | 0x20) <= 0x7a) return 0
  }
  let i = at
  let code = 0
  for (let units = 0; units < 4 && i < to; units++) {
    const found = unitAt(b, i, to)
    if (found === 0) break
    code = code * 8 + (found & 7)
    i += found >> 3
    if (i < to && digitWidth(b, i, to) > 0) {
      const bits = JOINS.get(code)
      return bits === undefined ? 0 : ((i - at) << 8) | bits
    }
  }
  return 0
}

/** One separator character, plain or coded, as `length * 8 + unit`; 0 when it is none. */
function unitAt(b: Uint8Array, at: number, to: number): number {
  let unit = asciiUnit(b[at]!)
  let end = at + 1
  const c = b[at]!
  if (unit === 0) {
    if (c === 0x25) {
      unit = asciiUnit(percentByte(b, at, to))
      end = at + 3
    } else if (c === 0x26 && startsWith(b, at, to, '&nbsp;')) {
      unit = SPACE
      end = at + 6
    } else if (c === 0x5c && b[at + 1] === 0x75) {
      unit = unicodeUnit(hexAt(b, at + 2, to, 4))
      end = at + 6
    } else if (c >= 0xc2) {
      const code = codeAt(b, at, to)
      if (code < 0) return 0
      unit = unicodeUnit(code)
      end = at + widthOf(code)
    }
    if (unit === 0) return 0
  }
  while (end < to && end - at <= 24) {
    const zero = invisibleAt(b, end, to)
    if (zero === 0) break
    end += zero
  }
  return (end - at) * 8 + unit
}

/** Bytes of a zero-width character at `at`, plain or as a JSON escape, or 0. */
function invisibleAt(b: Uint8Array, at: number, to: number): number {
  if (b[at] !== 0x5c) return zeroWidthAt(b, at, to)
  return b[at + 1] === 0x75 && isZeroWidth(hexAt(b, at + 2, to, 4)) ? 6 : 0
}

function asciiUnit(c: number): number {
  switch (c) {
    case 0x20:
      return SPACE
    case 0x2d:
      return DASH
    case 0x2e:
      return DOT
    case 0x2f:
      return SLASH
    case 0x28:
      return OPEN
    case 0x29:
      return CLOSE
    default:
      return 0
  }
}

function unicodeUnit(code: number): number {
  if (isSpaceCode(code)) return SPACE
  if (isDashCode(code)) return DASH
  if (code === 0xff0e || code === 0xb7) return DOT
  if (code === 0xff0f) return SLASH
  if (code === 0xff08) return OPEN
  return code === 0xff09 ? CLOSE : 0
}

function startsWith(b: Uint8Array, at: number, to: number, text: string): boolean {
  if (at + text.length > to) return false
  for (let i = 0; i < text.length; i++) if (b[at + i] !== text.charCodeAt(i)) return false
  return true
}

/** Groups of digits joined by separators, with each digit's value. Reused from one chain to the next. */
export interface Chain {
  count: number
  /** First byte of a group; end of a group (exclusive). */
  start: Int32Array
  end: Int32Array
  /** Digits in a group, and where its first 20 values are in `values`. */
  digits: Int32Array
  first: Int32Array
  /** Bits of the separator before a group; 0 before the first. */
  sep: Uint8Array
  values: Uint8Array
  total: number
}

/** An empty chain. */
export function createChain(): Chain {
  return {
    count: 0,
    start: new Int32Array(16),
    end: new Int32Array(16),
    digits: new Int32Array(16),
    first: new Int32Array(16),
    sep: new Uint8Array(16),
    values: new Uint8Array(512),
    total: 0,
  }
}

/** Reads the longest chain from the digit at `at` and returns its end. */
export function readChain(b: Uint8Array, at: number, to: number, chain: Chain): number {
  chain.count = 0
  chain.total = 0
  let used = 0
  let sep = 0
  let i = at
  while (true) {
    if (chain.count === chain.start.length || used + 24 > chain.values.length) grow(chain)
    const g = chain.count++
    chain.start[g] = i
    chain.first[g] = used
    chain.sep[g] = sep
    let digits = 0
    while (i < to) {
      const c = b[i]!
      if (c >= 0x30 && c <= 0x39) {
        if (digits < 20) chain.values[used++] = c - 0x30
        digits++
        i++
        continue
      }
      if (c < 0x80 && c !== 0x5c) break
      let width = digitWidth(b, i, to)
      if (width === 0) {
        const zero = invisibleAt(b, i, to)
        if (zero === 0 || i + zero >= to) break
        width = digitWidth(b, i + zero, to)
        if (width === 0) break
        i += zero
      }
      if (digits < 20) chain.values[used++] = digitValue(b, i, width)
      digits++
      i += width
    }
    chain.end[g] = i
    chain.digits[g] = digits
    chain.total += digits
    const found = i < to ? separatorAt(b, i, to) : 0
    if (found === 0) return i
    sep = found & 0xff
    i += found >> 8
  }
}

function grow(chain: Chain): void {
  const more = (old: Int32Array): Int32Array => {
    const wide = new Int32Array(old.length * 2)
    wide.set(old)
    return wide
  }
  chain.start = more(chain.start)
  chain.end = more(chain.end)
  chain.digits = more(chain.digits)
  chain.first = more(chain.first)
  const sep = new Uint8Array(chain.sep.length * 2)
  sep.set(chain.sep)
  chain.sep = sep
  const values = new Uint8Array(chain.values.length * 2)
  values.set(chain.values)
  chain.values = values
}
