import { codeAt, hexAt, isAlnum, isDotCode, isNameCode } from './bytes.ts'

// Characters that stand in text in a coded form: JSON \u00fc, HTML &#252; and &uuml;, URL %C3%BC.

/** Named HTML entities that are letters end in one of these (HTML Living Standard, section 13.5). */
const LETTER_ENTITY =
  /^(?:[A-Za-z]{1,2}(?:uml|acute|grave|circ|tilde|cedil|ring|slash|lig|caron)|szlig|eth|thorn|oslash)$/
/** Named entities of characters that RFC 5321 allows in a local part, and of the dot. */
const ATOM_ENTITY: Readonly<Record<string, number>> = {
  period: 0x2e,
  plus: 0x2b,
  lowbar: 0x5f,
  hyphen: 0x2d,
  dash: 0x2d,
  apos: 0x27,
  shy: 0xad,
  zwnj: 0x200c,
}

/** RFC 5322 section 3.2.3 `atext`, and the dot. */
export const ATOM: Uint8Array = atomTable()

function atomTable(): Uint8Array {
  const table = new Uint8Array(256)
  for (let c = 0; c < 128; c++) if (isAlnum(c)) table[c] = 1
  for (const c of "!#$%&'*+-/=?^_`{|}~.") table[c.charCodeAt(0)] = 1
  return table
}

/** True when a decoded character may stand inside a local part. */
export function isLocalCode(code: number): boolean {
  return code < 0x80 ? ATOM[code] === 1 : (code >= 0xd800 && code <= 0xdfff) || isNameCode(code)
}

/** True when a decoded character may stand inside a domain; the dots too. */
export function isDomainCode(code: number): boolean {
  if (code < 0x80) return isAlnum(code) || code === 0x2d || code === 0x2e || code === 0x5f
  return isDotCode(code) || (code !== 0x2019 && isNameCode(code))
}

/** The code point of the entity `&…;` in [at, end), or -1 when it is none or not known. */
export function entityCode(b: Uint8Array, at: number, end: number): number {
  const text = String.fromCharCode(...b.subarray(at + 1, end - 1))
  const numeric = /^#(?:[xX]([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(text)
  if (numeric) return numeric[1] ? Number.parseInt(numeric[1], 16) : Number(numeric[2])
  if (LETTER_ENTITY.test(text)) return 0xe0
  return Object.hasOwn(ATOM_ENTITY, text) ? ATOM_ENTITY[text]! : -1
}

/** Where the entity starts that ends with the `;` before `end`, or -1. Looks back twelve bytes at most. */
export function entityStart(b: Uint8Array, from: number, end: number): number {
  const floor = Math.max(from, end - 12)
  for (let i = end - 2; i >= floor; i--) {
    const c = b[i]!
    if (c === 0x26) return i
    if (!isAlnum(c) && c !== 0x23) return -1
  }
  return -1
}

/** The end of the entity that starts with the `&` at `at`, or -1. Looks ahead twelve bytes at most. */
export function entityEnd(b: Uint8Array, at: number, to: number): number {
  const limit = Math.min(to, at + 12)
  for (let i = at + 1; i < limit; i++) {
    const c = b[i]!
    if (c === 0x3b) return i + 1
    if (!isAlnum(c) && c !== 0x23) return -1
  }
  return -1
}

/** The value of `\uXXXX` whose `u` is at `at`, or -1. */
export function unicodeEscape(b: Uint8Array, at: number, to: number): number {
  return b[at] === 0x75 || b[at] === 0x55 ? hexAt(b, at + 1, to, 4) : -1
}

/** The value of the byte `%XX` at `at`, or -1. */
export function percentByte(b: Uint8Array, at: number, to: number): number {
  return b[at] === 0x25 ? hexAt(b, at + 1, to, 2) : -1
}

/** Bytes of an at sign, plain or coded, at the candidate `p`; `before` is set to how far left it begins. */
export interface AtSign {
  start: number
  end: number
  percent: boolean
}

/** Recognises `@ ＠ ﹫ %40 %2540 \u0040 \uff20 \x40 &#64; &#x40; &commat;` by the candidate byte inside it. */
export function atSignAt(b: Uint8Array, from: number, to: number, p: number, out: AtSign): boolean {
  const c = b[p]!
  out.percent = false
  if (c === 0x40) return set(out, p, p + 1)
  if (c === 0xef) {
    const code = codeAt(b, p, to)
    return (code === 0xff20 || code === 0xfe6b) && set(out, p, p + 3)
  }
  if (c === 0x26) return hasText(b, p, to, '&commat;') && set(out, p, p + 8)
  if (p === from) return false
  const before = b[p - 1]!
  if (c === 0x34 && before === 0x25 && hasText(b, p, to, '40')) return set(out, p - 1, p + 2, true)
  if (c === 0x32 && before === 0x25 && hasText(b, p, to, '2540')) return set(out, p - 1, p + 4, true)
  if (c === 0x30 && (before === 0x75 || before === 0x55) && hasText(b, p, to, '0040')) {
    let start = p - 1
    while (start > from && b[start - 1] === 0x5c) start--
    return start < p - 1 && set(out, start, p + 4)
  }
  // \\uff20 and \\ufe6b, the wide and the small one, as JSON escapes.
  if (p - 4 >= from && (c === 0x32 || c === 0x36) && b[p - 4] === 0x5c) {
    const code = unicodeEscape(b, p - 3, to)
    return (code === 0xff20 || code === 0xfe6b) && set(out, p - 4, p + 2)
  }
  if (before === 0x23 && p - 2 >= from && b[p - 2] === 0x26) {
    let i = p
    while (i < to && i < p + 6 && b[i] === 0x30) i++
    return hasText(b, i, to, '64;') && set(out, p - 2, i + 3)
  }
  if (before === 0x78 || before === 0x58) {
    let i = p
    while (i < to && i < p + 6 && b[i] === 0x30) i++
    if (p - 3 >= from && b[p - 2] === 0x23 && b[p - 3] === 0x26) {
      return hasText(b, i, to, '40;') && set(out, p - 3, i + 3)
    }
    return p - 2 >= from && b[p - 2] === 0x5c && hasText(b, p, to, '40') && set(out, p - 2, p + 2)
  }
  return false
}

/** True when an at sign, plain or coded, starts exactly at `at`. */
export function startsAtSign(b: Uint8Array, from: number, at: number, to: number): boolean {
  if (at >= to) return false
  const c = b[at]!
  if (c === 0x40) return true
  const skip = c === 0xef || c === 0x26 ? 0 : c === 0x25 ? 1 : c === 0x5c ? 2 : -1
  if (skip < 0) return false
  const probe: AtSign = { start: 0, end: 0, percent: false }
  if (atSignAt(b, from, to, at + skip, probe) && probe.start === at) return true
  return (
    c === 0x26 &&
    (hasText(b, at, to, '&#64;') || hasText(b, at, to, '&#x40;') || hasText(b, at, to, '&#X40;'))
  )
}

function set(out: AtSign, start: number, end: number, percent = false): true {
  out.start = start
  out.end = end
  out.percent = percent
  return true
}

function hasText(b: Uint8Array, at: number, to: number, text: string): boolean {
  if (at + text.length > to) return false
  for (let i = 0; i < text.length; i++) if (b[at + i] !== text.charCodeAt(i)) return false
  return true
}
