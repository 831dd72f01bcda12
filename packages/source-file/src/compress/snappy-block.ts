import { copyMatch } from './lz4-block.ts'

/**
 * One raw Snappy block of at most `maxBytes` unpacked; undefined where it is damaged or larger.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyBlock(input: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const header = readLength(input)
  if (!header || header.size > maxBytes) return undefined
  // An element of 3 bytes gives 64 at most, so a header that claims more lies.
  if (header.size > input.length * 22) return undefined
  const output = new Uint8Array(header.size)
  const inputEnd = input.length
  let from = header.end
  let to = 0
  while (from < inputEnd) {
    const tag = input[from++]!
    const kind = tag & 3
    if (kind === 0) {
      let length = tag >> 2
      if (length >= 60) {
        const bytes = length - 59
        if (inputEnd - from < bytes) return undefined
        length = readLittle(input, from, bytes)
        from += bytes
      }
      length++
      if (length > inputEnd - from || length > output.length - to) return undefined
      if (length > 32) {
        output.set(input.subarray(from, from + length), to)
        to += length
        from += length
      } else for (const end = from + length; from < end; ) output[to++] = input[from++]!
      continue
    }
    const bytes = kind === 3 ? 4 : kind
    if (inputEnd - from < bytes) return undefined
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const distance = kind === 1 ? ((tag >> 5) << 8) | input[from]! : readLittle(input, from, bytes)
    from += bytes
    if (distance === 0 || distance > to || length > output.length - to) return undefined
    copyMatch(output, to, distance, length)
    to += length
  }
  return to === output.length ? output : undefined
}

/** The uncompressed size in front, as a varint of 32 bits. */
function readLength(input: Uint8Array): { readonly size: number; readonly end: number } | undefined {
  let size = 0
  for (let at = 0; at < 5 && at < input.length; at++) {
    size += (input[at]! & 0x7f) * 2 ** (7 * at)
    if (input[at]! < 0x80) return size > 0xffffffff ? undefined : { size, end: at + 1 }
  }
  return undefined
}

function readLittle(input: Uint8Array, at: number, bytes: number): number {
  let value = 0
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + input[at + i]!
  return value
}
