import type { ByteWriter } from '../byte-writer.ts'

/** Bits that hold the values 0 to `max`. */
export function bitWidth(max: number): number {
  return 32 - Math.clz32(max)
}

/**
 * Appends values below 2^width as the RLE and bit-packing hybrid, without a length.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3
 * Runs of eight equal values and more become runs, everything else is packed. `width` at most 24.
 */
export function writeHybrid(
  values: Uint8Array | Uint16Array | Int32Array,
  count: number,
  width: number,
  out: ByteWriter,
): void {
  let literal = 0
  let at = 0
  while (at < count) {
    const value = values[at] as number
    let end = at + 1
    while (end < count && values[end] === value) end++
    // Packed values come in eights, so a run first fills up the pending ones.
    const fill = (8 - ((at - literal) & 7)) & 7
    if (end - at >= fill + 8) {
      writePacked(values, literal, at + fill, width, out)
      writeRun(value, end - at - fill, width, out)
      literal = end
    }
    at = end
  }
  writePacked(values, literal, count, width, out)
}

/** Appends one run of `count` equal values. */
export function writeRun(value: number, count: number, width: number, out: ByteWriter): void {
  if (count === 0) return
  writeVarint(count * 2, out)
  const bytes = out.reserve(4)
  for (let shift = 0; shift < width; shift += 8) bytes[out.length++] = value >>> shift
}

function writePacked(
  values: Uint8Array | Uint16Array | Int32Array,
  from: number,
  to: number,
  width: number,
  out: ByteWriter,
): void {
  if (from === to) return
  const groups = (to - from + 7) >> 3
  writeVarint(groups * 2 + 1, out)
  const start = out.length
  const size = groups * width
  const bytes = out.reserve(size + 4)
  let at = start
  let buffer = 0
  let bits = 0
  for (let i = from; i < to; i++) {
    buffer |= (values[i] as number) << bits
    bits += width
    while (bits >= 8) {
      bytes[at++] = buffer
      buffer >>>= 8
      bits -= 8
    }
  }
  if (bits > 0) bytes[at++] = buffer
  bytes.fill(0, at, start + size)
  out.length = start + size
}

/** Appends an unsigned LEB128 number below 2^53. */
export function writeVarint(value: number, out: ByteWriter): void {
  const bytes = out.reserve(8)
  let rest = value
  while (rest >= 0x80) {
    bytes[out.length++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  bytes[out.length++] = rest
}
