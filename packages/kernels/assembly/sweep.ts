// Positions of interesting bytes, 64 at a time. `p` must be readable for 64 bytes past `length`.

/** Writes the set bits of `mask` as positions after `base`; returns where the next one goes. */
function emit(mask: u64, base: u32, out: usize): usize {
  while (mask !== 0) {
    store<u32>(out, base + <u32>ctz(mask))
    out += 4
    mask &= mask - 1
  }
  return out
}

/** The bits of a block of 64 bytes of which only `left` belong to the input. */
export function clip(mask: u64, left: u32): u64 {
  return left >= 64 ? mask : mask & (((<u64>1) << left) - 1)
}

// A set of 256 bytes as two rows of 16: bit (high nibble & 7) of row[low nibble], the first row for high
// nibbles 0-7, the second for 8-15. An index above 15 makes swizzle give 0, which chooses the row.
function match(x: v128, low: v128, high: v128, bits: v128): u64 {
  const nibble = i8x16.splat(<i8>0x8f)
  const row = v128.or(
    i8x16.swizzle(low, v128.and(x, nibble)),
    i8x16.swizzle(high, v128.and(v128.xor(x, i8x16.splat(<i8>0x80)), nibble)),
  )
  const bit = i8x16.swizzle(bits, v128.and(i8x16.shr_u(x, 4), i8x16.splat(7)))
  return <u64>(<u32>i8x16.bitmask(i8x16.ne(v128.and(row, bit), i8x16.splat(0))))
}

/** `tables`: 48 bytes, the two rows and the eight bit values. Returns the number of u32 positions at `out`. */
export function sweep(p: usize, length: u32, tables: usize, base: u32, out: usize): u32 {
  const low = v128.load(tables)
  const high = v128.load(tables, 16)
  const bits = v128.load(tables, 32)
  let o = out
  for (let i: u32 = 0; i < length; i += 64) {
    const at = p + i
    const mask =
      match(v128.load(at), low, high, bits) |
      (match(v128.load(at, 16), low, high, bits) << 16) |
      (match(v128.load(at, 32), low, high, bits) << 32) |
      (match(v128.load(at, 48), low, high, bits) << 48)
    o = emit(clip(mask, length - i), base + i, o)
  }
  return <u32>(o - out) >> 2
}

function structure(x: v128, d: v128, q: v128): u64 {
  return <u64>(
    (<u32>(
      i8x16.bitmask(
        v128.or(
          v128.or(i8x16.eq(x, d), i8x16.eq(x, q)),
          v128.or(i8x16.eq(x, i8x16.splat(10)), i8x16.eq(x, i8x16.splat(13))),
        ),
      )
    ))
  )
}

/** Bit i is set where byte i of the 64 at `at` is a delimiter, quote, LF or CR. */
export function structure64(at: usize, d: v128, q: v128): u64 {
  return (
    structure(v128.load(at), d, q) |
    (structure(v128.load(at, 16), d, q) << 16) |
    (structure(v128.load(at, 32), d, q) << 32) |
    (structure(v128.load(at, 48), d, q) << 48)
  )
}

/** {@link structure64}, and where a byte is the escape too. */
export function structureWith64(at: usize, d: v128, q: v128, e: v128): u64 {
  return (
    structure64(at, d, q) |
    <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), e))) |
    ((<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 16), e)))) << 16) |
    ((<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 32), e)))) << 32) |
    ((<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 48), e)))) << 48)
  )
}

/** Positions of delimiter, quote, LF and CR. Returns the number of u32 positions at `out`. */
export function indexCsv(p: usize, length: u32, delimiter: u8, quote: u8, base: u32, out: usize): u32 {
  const d = i8x16.splat(delimiter)
  const q = i8x16.splat(quote)
  let o = out
  for (let i: u32 = 0; i < length; i += 64) {
    o = emit(clip(structure64(p + i, d, q), length - i), base + i, o)
  }
  return <u32>(o - out) >> 2
}
