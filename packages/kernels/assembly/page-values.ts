// PLAIN, dictionary and hybrid encoding of the values of a Parquet column chunk.
// https://parquet.apache.org/docs/file-format/data-pages/encodings/
// `index` 0: the first `n` values, else where the n present ones lie. Copies write up to 15 bytes past their end.

/** Copies at most a few words, 16 bytes at a time. */
export function copy(from: usize, to: usize, length: usize): void {
  if (length > 256) {
    memory.copy(to, from, length)
    return
  }
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i))
}

function placeAt(index: usize, i: u32): usize {
  return index === 0 ? <usize>i : <usize>load<u32>(index + ((<usize>i) << 2))
}

/** Byte arrays, each with its length before it; returns the bytes written. */
export function pagesBytes(values: usize, offsets: usize, index: usize, n: u32, out: usize): usize {
  let o = out
  for (let i: u32 = 0; i < n; i++) {
    const at = offsets + (placeAt(index, i) << 2)
    const start = load<u32>(at)
    const length = load<u32>(at, 4) - start
    store<u32>(o, length)
    copy(values + start, o + 4, length)
    o += 4 + length
  }
  return o - out
}

/** Values of `width` bytes. */
export function pagesWords(values: usize, width: u32, index: usize, n: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    const at = values + placeAt(index, i) * width
    const to = out + <usize>i * width
    if (width === 8) store<u64>(to, load<u64>(at))
    else if (width === 4) store<u32>(to, load<u32>(at))
    else copy(at, to, width)
  }
}

/** Whether the bytes from `from` to `to` only repeat the sign of a number. */
function isSign(at: usize, from: u32, to: u32, sign: u8): bool {
  for (let j = from; j < to; j++) if (load<u8>(at + j) !== sign) return false
  return true
}

/**
 * Little-endian two's complement of `width` bytes as `size` bytes, little-endian or big-endian; returns 0 when a value
 * does not fit.
 */
export function pagesDecimals(
  values: usize,
  width: u32,
  size: u32,
  isBig: bool,
  index: usize,
  n: u32,
  out: usize,
): u32 {
  const held = min(size, width)
  for (let i: u32 = 0, to = out; i < n; i++, to += size) {
    const at = values + placeAt(index, i) * width
    if (width === 16 && size === 16 && isBig) {
      store<u64>(to, bswap<u64>(load<u64>(at, 8)))
      store<u64>(to, bswap<u64>(load<u64>(at)), 8)
      continue
    }
    if (width === 16 && size === 8 && !isBig) {
      const value = load<i64>(at)
      if (load<i64>(at, 8) !== value >> 63) return 0
      store<i64>(to, value)
      continue
    }
    const sign: u8 = (load<u8>(at + held - 1) & 0x80) !== 0 ? 0xff : 0
    if (!isSign(at, held, width, sign)) return 0
    for (let j: u32 = 0; j < size; j++) {
      store<u8>(to + (isBig ? size - 1 - j : j), j < width ? load<u8>(at + j) : sign)
    }
  }
  return 1
}
