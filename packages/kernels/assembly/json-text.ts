// JSON strings (RFC 8259, section 7) as UTF-8.

/** Where the copy ended, after {@link copyString}. */
export let copied: usize = 0
/** The copy did not fit, after {@link copyString} gave 0. */
export let isFull: bool = false

/** The value of four hexadecimal digits, or -1. */
function hex4(at: usize): i32 {
  let value: i32 = 0
  for (let i: usize = 0; i < 4; i++) {
    const byte = <i32>load<u8>(at + i)
    const letter = (byte | 32) - 97
    const digit = byte - 48
    const nibble = <u32>digit < 10 ? digit : <u32>letter < 6 ? letter + 10 : -1
    if (nibble < 0) return -1
    value = (value << 4) | nibble
  }
  return value
}

/** Writes a code point as UTF-8; returns the end. */
function putCodePoint(code: u32, out: usize): usize {
  if (code < 0x80) {
    store<u8>(out, <u8>code)
    return out + 1
  }
  if (code < 0x800) {
    store<u8>(out, <u8>(0xc0 | (code >> 6)))
    store<u8>(out, <u8>(0x80 | (code & 63)), 1)
    return out + 2
  }
  if (code < 0x10000) {
    store<u8>(out, <u8>(0xe0 | (code >> 12)))
    store<u8>(out, <u8>(0x80 | ((code >> 6) & 63)), 1)
    store<u8>(out, <u8>(0x80 | (code & 63)), 2)
    return out + 3
  }
  store<u8>(out, <u8>(0xf0 | (code >> 18)))
  store<u8>(out, <u8>(0x80 | ((code >> 12) & 63)), 1)
  store<u8>(out, <u8>(0x80 | ((code >> 6) & 63)), 2)
  store<u8>(out, <u8>(0x80 | (code & 63)), 3)
  return out + 4
}

/** What a one-letter escape stands for, or 0. */
function shortEscape(kind: u32): u32 {
  if (kind === 34 || kind === 92 || kind === 47) return kind
  if (kind === 110) return 10
  if (kind === 116) return 9
  if (kind === 114) return 13
  if (kind === 98) return 8
  return kind === 102 ? 12 : 0
}

/**
 * Copies the string whose first byte after the quote is at `at` to `out`, and returns the byte after its closing
 * quote, or 0: a control character, an escape that JSON does not have, half of a surrogate pair, or no room below
 * `limit`. It writes up to 16 bytes past the copy.
 */
export function copyString(at: usize, out: usize, limit: usize): usize {
  isFull = false
  const quote = i8x16.splat(34)
  const backslash = i8x16.splat(92)
  const space = i8x16.splat(32)
  while (true) {
    if (out + 16 > limit) {
      isFull = true
      return 0
    }
    const bytes = v128.load(at)
    v128.store(out, bytes)
    const mask = <u32>(
      i8x16.bitmask(
        v128.or(v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash)), i8x16.lt_u(bytes, space)),
      )
    )
    if (mask === 0) {
      at += 16
      out += 16
      continue
    }
    const clear = <usize>ctz(mask)
    at += clear
    out += clear
    const byte = load<u8>(at)
    if (byte === 34) {
      copied = out
      return at + 1
    }
    if (byte !== 92) return 0
    const kind = <u32>load<u8>(at, 1)
    if (kind !== 117) {
      const plain = shortEscape(kind)
      if (plain === 0) return 0
      store<u8>(out++, <u8>plain)
      at += 2
      continue
    }
    let code = hex4(at + 2)
    if (code < 0) return 0
    at += 6
    if ((code & 0xf800) === 0xd800) {
      if (code >= 0xdc00 || load<u8>(at) !== 92 || load<u8>(at, 1) !== 117) return 0
      const low = hex4(at + 2)
      if ((low & 0xfc00) !== 0xdc00) return 0
      code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff)
      at += 6
    }
    out = putCodePoint(<u32>code, out)
  }
}

/** The closing quote of the string whose first byte after the quote is at `at`; 0 where a control character is. */
export function stringEnd(at: usize): usize {
  while (true) {
    const byte = load<u8>(at)
    if (byte === 34) return at
    if (byte < 32) return 0
    if (byte === 92 && load<u8>(++at) < 32) return 0
    at++
  }
}
