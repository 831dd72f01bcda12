// Reading UTF-8 bytes one character at a time, in both directions, without making strings.

/** Mutable span over bytes: `start` inclusive, `end` exclusive. Reused by callers to avoid garbage. */
export interface Span {
  start: number
  end: number
}

/** True for ASCII letters and digits. */
export function isAlnum(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a)
}

/** True for ASCII letters. */
export function isLetter(c: number): boolean {
  const l = c | 0x20
  return l >= 0x61 && l <= 0x7a
}

/** True for ASCII digits. */
export function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39
}

/** The value of an ASCII hex digit, or -1. */
export function hexValue(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30
  const l = c | 0x20
  return l >= 0x61 && l <= 0x66 ? l - 0x57 : -1
}

/** The value of `count` hex digits at `at`, or -1. */
export function hexAt(b: Uint8Array, at: number, to: number, count: number): number {
  if (at + count > to) return -1
  let value = 0
  for (let i = at; i < at + count; i++) {
    const h = hexValue(b[i]!)
    if (h < 0) return -1
    value = value * 16 + h
  }
  return value
}

/** The code point of the multi-byte character that starts at `at`, or -1 when it is not valid UTF-8. */
export function codeAt(b: Uint8Array, at: number, to: number): number {
  const c = b[at]!
  if (c >= 0xc2 && c <= 0xdf) {
    if (at + 1 >= to || (b[at + 1]! & 0xc0) !== 0x80) return -1
    return ((c & 0x1f) << 6) | (b[at + 1]! & 0x3f)
  }
  if (c >= 0xe0 && c <= 0xef) {
    if (at + 2 >= to || (b[at + 1]! & 0xc0) !== 0x80 || (b[at + 2]! & 0xc0) !== 0x80) return -1
    return ((c & 0x0f) << 12) | ((b[at + 1]! & 0x3f) << 6) | (b[at + 2]! & 0x3f)
  }
  if (c >= 0xf0 && c <= 0xf4) {
    if (at + 3 >= to) return -1
    for (let i = 1; i < 4; i++) if ((b[at + i]! & 0xc0) !== 0x80) return -1
    return ((c & 0x07) << 18) | ((b[at + 1]! & 0x3f) << 12) | ((b[at + 2]! & 0x3f) << 6) | (b[at + 3]! & 0x3f)
  }
  return -1
}

/** Bytes of the UTF-8 encoding of a code point. */
export function widthOf(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}

/** Where the character that ends before `end` starts (at least `from`), or -1 when it is not valid UTF-8. */
export function startBefore(b: Uint8Array, from: number, end: number): number {
  let i = end - 1
  const floor = Math.max(from, end - 4)
  while (i > floor && (b[i]! & 0xc0) === 0x80) i--
  const code = codeAt(b, i, end)
  return code >= 0 && i + widthOf(code) === end ? i : -1
}

/** Characters of no width that people and editors leave inside numbers and addresses. */
export function isZeroWidth(code: number): boolean {
  return (
    code === 0xad ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2064) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0xfeff
  )
}

/** Bytes of the zero-width character at `at`, or 0. */
export function zeroWidthAt(b: Uint8Array, at: number, to: number): number {
  const c = b[at]!
  if (c !== 0xc2 && c !== 0xe2 && c !== 0xef) return 0
  const code = codeAt(b, at, to)
  return code >= 0 && isZeroWidth(code) ? widthOf(code) : 0
}

/** Spaces of Unicode (category Zs), without ASCII. */
export function isSpaceCode(code: number): boolean {
  return (
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  )
}

/** Dashes of Unicode that people type for a hyphen, without ASCII. */
export function isDashCode(code: number): boolean {
  return (code >= 0x2010 && code <= 0x2015) || code === 0x2212 || code === 0xff0d || code === 0xfe63
}

/**
 * True when a non-ASCII character can be part of a name in an address: everything but spaces, quotes,
 * brackets and punctuation. RFC 6531 allows any UTF-8; these are the ones that end it in running text.
 */
export function isNameCode(code: number): boolean {
  if (code < 0xc0) return code === 0xaa || code === 0xad || code === 0xb5 || code === 0xba || code === 0xb7
  if (code === 0xd7 || code === 0xf7) return false
  if (isSpaceCode(code)) return false
  // U+2019 is the apostrophe of o’brien.
  if (code >= 0x2000 && code <= 0x206f) return isZeroWidth(code) || code === 0x2019
  if (code >= 0x3001 && code <= 0x3003) return false
  if (code >= 0x3008 && code <= 0x301f) return false
  if (code === 0x30fb || code === 0x060c || code === 0x061b || code === 0x061f || code === 0x06d4)
    return false
  if (code === 0x0964 || code === 0x0965 || code === 0x0589 || code === 0x05be) return false
  if (code >= 0x20a0 && code <= 0x20cf) return false
  if (code >= 0x2190 && code <= 0x2bff) return false
  if (code >= 0xfe10 && code <= 0xfe6b) return false
  if (code >= 0xff01 && code <= 0xff0f) return code === 0xff0b || code === 0xff0d || code === 0xff0e
  if (code >= 0xff1a && code <= 0xff20) return false
  if (code >= 0xff3b && code <= 0xff40) return code === 0xff3f
  if (code >= 0xff5b && code <= 0xff65) return false
  return true
}

/** Full stops that separate the labels of an internationalised domain (RFC 3490 section 3.1). */
export function isDotCode(code: number): boolean {
  return code === 0x3002 || code === 0xff0e || code === 0xff61
}

/** Ideographs, kana and hangul: scripts that run on without a space after a domain. */
export function isCjkCode(code: number): boolean {
  return (code >= 0x3040 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af)
}
