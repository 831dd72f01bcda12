// The RLE and bit-packing hybrid of Parquet, without a length.
// https://parquet.apache.org/docs/file-format/data-pages/encodings/

function varint(value: u32, out: usize): usize {
  while (value >= 0x80) {
    store<u8>(out++, (value & 0x7f) | 0x80)
    value >>= 7
  }
  store<u8>(out++, value)
  return out
}

function packed(values: usize, from: u32, to: u32, bitWidth: u32, out: usize): usize {
  if (from === to) return out
  const groups = (to - from + 7) >> 3
  let o = varint((groups << 1) | 1, out)
  const end = o + groups * bitWidth
  let buffer: u64 = 0
  let bits: u32 = 0
  for (let i = from; i < to; i++) {
    buffer |= (<u64>load<u32>(values + ((<usize>i) << 2))) << bits
    bits += bitWidth
    if (bits >= 32) {
      store<u32>(o, <u32>buffer)
      o += 4
      buffer >>= 32
      bits -= 32
    }
  }
  for (; bits > 0; bits = bits > 8 ? bits - 8 : 0) {
    store<u8>(o++, <u8>buffer)
    buffer >>= 8
  }
  memory.fill(o, 0, end - o)
  return end
}

/** `n` values below 2^bitWidth (32 bits each, `bitWidth` at most 24), runs of eight and more as runs; returns the bytes. */
export function pagesHybrid(values: usize, n: u32, bitWidth: u32, out: usize): usize {
  let o = out
  let literal: u32 = 0
  let at: u32 = 0
  while (at < n) {
    const value = load<u32>(values + ((<usize>at) << 2))
    let end = at + 1
    while (end < n && load<u32>(values + ((<usize>end) << 2)) === value) end++
    // Packed values come in eights, so a run first fills up the pending ones.
    const fill: u32 = (8 - ((at - literal) & 7)) & 7
    if (end - at >= fill + 8) {
      o = packed(values, literal, at + fill, bitWidth, o)
      o = varint((end - at - fill) << 1, o)
      for (let shift: u32 = 0; shift < bitWidth; shift += 8) store<u8>(o++, <u8>(value >> shift))
      literal = end
    }
    at = end
  }
  return packed(values, literal, n, bitWidth, o) - out
}
