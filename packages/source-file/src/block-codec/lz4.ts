import { copyMatch } from './match.ts'

/** One LZ4 block, not a frame; https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
export function decodeLz4(block: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const out = new Uint8Array(maxBytes)
  let at = 0
  let end = 0
  while (at < block.length) {
    const token = block[at++] as number
    let literals = token >> 4
    if (literals === 15) {
      let byte: number | undefined
      do {
        byte = block[at++]
        if (byte === undefined) return undefined
        literals += byte
      } while (byte === 255)
    }
    if (at + literals > block.length || end + literals > maxBytes) return undefined
    if (literals < 16) for (let i = 0; i < literals; i++) out[end + i] = block[at + i] as number
    else out.set(block.subarray(at, at + literals), end)
    at += literals
    end += literals
    // The last sequence is literals alone.
    if (at === block.length) return out.slice(0, end)
    if (at + 2 > block.length) return undefined
    const distance = (block[at] as number) | ((block[at + 1] as number) << 8)
    at += 2
    let length = (token & 15) + 4
    if (length === 19) {
      let byte: number | undefined
      do {
        byte = block[at++]
        if (byte === undefined) return undefined
        length += byte
      } while (byte === 255)
    }
    if (distance === 0 || distance > end || end + length > maxBytes) return undefined
    copyMatch(out, end, distance, length)
    end += length
  }
  return undefined
}
