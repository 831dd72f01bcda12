import { copyMatch } from './match.ts'

/** Literals shorter than this are copied by a loop: below it, a call into the runtime costs more. */
const SHORT = 16

/** Snappy's raw format; https://github.com/google/snappy/blob/main/format_description.txt */
export function decodeSnappy(block: Uint8Array, maxBytes: number): Uint8Array | undefined {
  let at = 0
  let size = 0
  for (let shift = 1; ; shift *= 128) {
    const byte = block[at++]
    if (byte === undefined || shift > 2 ** 28) return undefined
    size += (byte & 0x7f) * shift
    if (byte < 0x80) break
  }
  if (size > maxBytes) return undefined
  const out = new Uint8Array(size)
  let end = 0
  while (at < block.length) {
    const tag = block[at++] as number
    if ((tag & 3) === 0) {
      let length = (tag >> 2) + 1
      if (length > 60) {
        const bytes = length - 60
        if (at + bytes > block.length) return undefined
        length = 1
        for (let i = 0; i < bytes; i++) length += (block[at++] as number) * 2 ** (8 * i)
      }
      if (at + length > block.length || end + length > size) return undefined
      if (length < SHORT) for (let i = 0; i < length; i++) out[end + i] = block[at + i] as number
      else out.set(block.subarray(at, at + length), end)
      at += length
      end += length
      continue
    }
    const extra = (tag & 3) === 3 ? 4 : tag & 3
    if (at + extra > block.length) return undefined
    const isShort = extra === 1
    const length = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    let distance = block[at] as number
    if (isShort) distance |= (tag >> 5) << 8
    else for (let i = 1; i < extra; i++) distance += (block[at + i] as number) * 2 ** (8 * i)
    at += extra
    if (distance === 0 || distance > end || end + length > size) return undefined
    copyMatch(out, end, distance, length)
    end += length
  }
  return end === size ? out : undefined
}
