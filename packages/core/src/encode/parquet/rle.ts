import type { ByteWriter } from '../byte-writer.ts'

/** Bits that hold the values 0 to `max`. */
export function bitWidth(max: number): number {
  return 32 - Math.clz32(max)
}

/**
 * Appends one run of `count` equal values of the RLE and bit-packing hybrid.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3
 */
export function writeRun(value: number, count: number, width: number, out: ByteWriter): void {
  if (count === 0) return
  writeVarint(count * 2, out)
  const bytes = out.reserve(4)
  for (let shift = 0; shift < width; shift += 8) bytes[out.length++] = value >>> shift
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
