/**
 * Values below 2^bitWidth as the RLE and bit-packing hybrid of Parquet, without a length; `bitWidth` at most 24.
 * Runs of eight equal values and more become runs, everything else is packed.
 */
export function hybrid(values: ArrayLike<number>, count: number, bitWidth: number): Uint8Array {
  const out: number[] = []
  let literal = 0
  let at = 0
  while (at < count) {
    const value = values[at]!
    let end = at + 1
    while (end < count && values[end] === value) end++
    // Packed values come in eights, so a run first fills up the pending ones.
    const fill = (8 - ((at - literal) & 7)) & 7
    if (end - at >= fill + 8) {
      packed(values, literal, at + fill, bitWidth, out)
      varint((end - at - fill) * 2, out)
      for (let shift = 0; shift < bitWidth; shift += 8) out.push((value >>> shift) & 255)
      literal = end
    }
    at = end
  }
  packed(values, literal, count, bitWidth, out)
  return Uint8Array.from(out)
}

function packed(values: ArrayLike<number>, from: number, to: number, bitWidth: number, out: number[]): void {
  if (from === to) return
  const groups = (to - from + 7) >> 3
  varint(groups * 2 + 1, out)
  const end = out.length + groups * bitWidth
  let buffer = 0
  let bits = 0
  for (let i = from; i < to; i++) {
    buffer |= values[i]! << bits
    for (bits += bitWidth; bits >= 8; bits -= 8) {
      out.push(buffer & 255)
      buffer >>>= 8
    }
  }
  if (bits > 0) out.push(buffer & 255)
  while (out.length < end) out.push(0)
}

function varint(value: number, out: number[]): void {
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) out.push((rest & 0x7f) | 0x80)
  out.push(rest)
}
