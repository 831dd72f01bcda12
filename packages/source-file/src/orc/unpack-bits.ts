/**
 * Unpacks big-endian values of `width` bits into halves, as unsigned numbers; true where `hi` was written, else every
 * value is below 2^31. `packed` has four bytes of room behind the values.
 */
export function unpackBits(
  packed: Uint8Array,
  width: number,
  count: number,
  lo: Int32Array,
  hi: Int32Array,
): boolean {
  if (width === 8) for (let i = 0; i < count; i++) lo[i] = packed[i] as number
  else if (width <= 24) unpackWindow(packed, width, count, lo)
  else if (width < 32) unpackLongWindow(packed, width, count, lo)
  else {
    unpackBytes(packed, width >> 3, count, lo, hi)
    return true
  }
  return false
}

/** A value lies within the 32 bits from its first byte on. */
function unpackWindow(packed: Uint8Array, width: number, count: number, lo: Int32Array): void {
  const drop = 32 - width
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const at = bit >> 3
    const word =
      ((packed[at] as number) << 24) |
      ((packed[at + 1] as number) << 16) |
      ((packed[at + 2] as number) << 8) |
      (packed[at + 3] as number)
    lo[i] = (word << (bit & 7)) >>> drop
  }
}

/** A value lies within 40 bits. */
function unpackLongWindow(packed: Uint8Array, width: number, count: number, lo: Int32Array): void {
  const drop = 32 - width
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const at = bit >> 3
    const shift = bit & 7
    const word =
      ((packed[at] as number) << 24) |
      ((packed[at + 1] as number) << 16) |
      ((packed[at + 2] as number) << 8) |
      (packed[at + 3] as number)
    lo[i] = ((word << shift) | ((packed[at + 4] as number) >> (8 - shift))) >>> drop
  }
}

/** Whole bytes, 4 to 8. */
function unpackBytes(packed: Uint8Array, bytes: number, count: number, lo: Int32Array, hi: Int32Array): void {
  for (let i = 0, at = 0; i < count; i++, at += bytes) {
    let high = 0
    for (let b = 0; b < bytes - 4; b++) high = (high << 8) | (packed[at + b] as number)
    const from = at + bytes - 4
    hi[i] = high
    lo[i] =
      ((packed[from] as number) << 24) |
      ((packed[from + 1] as number) << 16) |
      ((packed[from + 2] as number) << 8) |
      (packed[from + 3] as number)
  }
}
