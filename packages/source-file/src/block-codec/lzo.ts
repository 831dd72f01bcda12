import { copyMatch } from '../compress/lz4-block.ts'

/** Distance 16,384 of the longest kind of match marks the end. */
const END_DISTANCE = 16_384

/** LZO1X; https://docs.kernel.org/staging/lzo.html */
export function decodeLzo(block: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const out = new Uint8Array(maxBytes)
  let at = 0
  let end = 0
  /** Literals after the last instruction: 0 to 3, or 4 for a longer run. It decides what a small byte means. */
  let state = 0

  const literals = (count: number): boolean => {
    if (at + count > block.length || end + count > maxBytes) return false
    for (let i = 0; i < count; i++) out[end + i] = block[at + i] as number
    at += count
    end += count
    return true
  }
  /** A length that does not fit its instruction: zeros stand for 255 each. */
  const longer = (base: number): number => {
    let length = base
    while (block[at] === 0) {
      at++
      length += 255
    }
    return at < block.length ? length + (block[at++] as number) : Number.POSITIVE_INFINITY
  }

  const first = block[0] ?? 0
  if (first > 17) {
    at = 1
    if (!literals(first - 17)) return undefined
    state = Math.min(4, first - 17)
  }
  while (at < block.length) {
    const code = block[at++] as number
    if (code < 16 && state === 0) {
      if (!literals(code === 0 ? longer(15) + 3 : code + 3)) return undefined
      state = 4
      continue
    }
    let length: number
    let distance: number
    let after: number
    if (code >= 64 || code < 16) {
      const high = block[at++]
      if (high === undefined) return undefined
      after = code & 3
      if (code >= 64) {
        length = (code >> 5) + 1
        distance = (high << 3) + ((code >> 2) & 7) + 1
      } else {
        length = state === 4 ? 3 : 2
        distance = (high << 2) + (code >> 2) + (state === 4 ? 2049 : 1)
      }
    } else {
      const mask = code >= 32 ? 31 : 7
      length = ((code & mask) === 0 ? longer(mask) : code & mask) + 2
      if (at + 2 > block.length) return undefined
      const word = (block[at] as number) | ((block[at + 1] as number) << 8)
      at += 2
      after = word & 3
      distance = (word >> 2) + (code >= 32 ? 1 : END_DISTANCE + ((code & 8) << 11))
      if (code < 32 && distance === END_DISTANCE) return at === block.length ? out.slice(0, end) : undefined
    }
    if (distance > end || end + length > maxBytes) return undefined
    copyMatch(out, end, distance, length)
    end += length
    state = after
    if (!literals(after)) return undefined
  }
  return undefined
}
