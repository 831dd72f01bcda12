import { damaged } from '../damaged.ts'

/**
 * Reads `count` values of `width` bits in the RLE and bit-packing hybrid from `bytes[start, end)`.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3
 */
export function readHybrid<Values extends Uint8Array | Int32Array>(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
  into: Values,
): Values {
  const count = into.length
  let at = start
  let done = 0
  while (done < count) {
    if (at >= end) throw damaged()
    let head = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++] as number
      head += (byte & 0x7f) * scale
      if (byte < 0x80) break
      if (at >= end) throw damaged()
    }
    if (head % 2 === 0) {
      let value = 0
      for (let shift = 0; shift < width; shift += 8) value |= (bytes[at++] as number) << shift
      const run = Math.min(head / 2, count - done)
      into.fill(value, done, done + run)
      done += run
      if (run === 0) throw damaged()
      continue
    }
    const packed = Math.min(((head - 1) / 2) * 8, count - done)
    const size = ((head - 1) / 2) * width
    if (packed === 0 || at + size > end) throw damaged()
    const mask = 2 ** width - 1
    let buffer = 0
    let bits = 0
    let from = at
    for (let i = 0; i < packed; i++) {
      while (bits < width) {
        buffer |= (bytes[from++] as number) << bits
        bits += 8
      }
      into[done++] = buffer & mask
      buffer >>>= width
      bits -= width
    }
    at += size
  }
  return into
}
