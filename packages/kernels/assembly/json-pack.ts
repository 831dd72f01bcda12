// Columns as they leave: bits for truth and presence, ends for offsets.

/** Times a word of eight bytes of 0 or 1: its highest byte has them as bits. */
const GATHER: u64 = ((<u64>0x01020408) << 32) | 0x10204080

/** Packs `n` bytes of 0 or 1 as bits at `out`, LSB first; returns how many are 1. Reads up to 7 bytes past them. */
export function jsonPack(bytes: usize, n: u32, out: usize): u32 {
  let ones: u32 = 0
  for (let i: u32 = 0; i < n; i += 8) {
    let word = load<u64>(bytes + i)
    if (n - i < 8) word &= ((<u64>1) << ((n - i) << 3)) - 1
    const bits = <u32>((word * GATHER) >> 56)
    store<u8>(out + (i >> 3), <u8>bits)
    ones += popcnt(bits)
  }
  return ones
}

/** Adds `base` to `n` ends, which makes them offsets into a longer column. */
export function jsonShift(ends: usize, n: u32, base: u32): void {
  const by = i32x4.splat(base)
  for (let i: u32 = 0; i < n; i += 4) {
    const at = ends + ((<usize>i) << 2)
    v128.store(at, i32x4.add(v128.load(at), by))
  }
}

/** 1 where one of `n` 64-bit integers is none that a double surely holds. */
export function jsonIsWide(values: usize, n: u32): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const value = load<i64>(values + ((<usize>i) << 3))
    if (<u64>(value + 9007199254740991) > 18014398509481982) return 1
  }
  return 0
}
