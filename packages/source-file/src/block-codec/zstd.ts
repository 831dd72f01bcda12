import { zstdDecompressSync } from 'node:zlib'

/** RFC 8878, section 3.1.1. */
const FRAME_MAGIC = 0xfd2fb528
/** Skippable frames, section 3.1.2: 16 magic numbers. */
const SKIPPABLE_MAGIC = 0x184d2a50

/** Zstandard of any number of frames: node:zlib decodes only the first, in silence, so they are cut apart here. */
export function decodeZstd(block: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const parts: Uint8Array[] = []
  let left = maxBytes
  let isFrame = false
  for (let at = 0; at < block.length; ) {
    const end = frameEnd(block, at)
    if (end === undefined) return undefined
    if ((readU32(block, at) & 0xfffffff0) >>> 0 !== SKIPPABLE_MAGIC) {
      try {
        const part = zstdDecompressSync(block.subarray(at, end), { maxOutputLength: Math.max(1, left) })
        left -= part.length
        parts.push(part)
      } catch {
        return undefined
      }
      isFrame = true
    }
    at = end
  }
  if (!isFrame || left < 0) return undefined
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}

/** Where the frame at `at` ends, section 3.1.1; undefined where it does not end within the bytes. */
function frameEnd(bytes: Uint8Array, at: number): number | undefined {
  if (at + 8 > bytes.length) return undefined
  const magic = readU32(bytes, at)
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
    const end = at + 8 + readU32(bytes, at + 4)
    return end <= bytes.length ? end : undefined
  }
  if (magic !== FRAME_MAGIC) return undefined
  const descriptor = bytes[at + 4] as number
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number
  let end = at + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
  for (let isLast = false; !isLast; ) {
    if (end + 3 > bytes.length) return undefined
    const header =
      (bytes[end] as number) | ((bytes[end + 1] as number) << 8) | ((bytes[end + 2] as number) << 16)
    isLast = (header & 1) === 1
    // Type 1 repeats one byte; type 3 is reserved, and the decompressor refuses it.
    end += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3)
  }
  if ((descriptor & 4) !== 0) end += 4
  return end <= bytes.length ? end : undefined
}

function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  )
}
