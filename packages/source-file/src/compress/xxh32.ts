// XXH32, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
const P1 = 0x9e3779b1 | 0
const P2 = 0x85ebca77 | 0
const P3 = 0xc2b2ae3d | 0
const P4 = 0x27d4eb2f
const P5 = 0x165667b1

/** A running XXH32 with seed 0. */
export interface Xxh32 {
  update(bytes: Uint8Array): void
  /** Unsigned. */
  digest(): number
}

export function createXxh32(): Xxh32 {
  let a = (P1 + P2) | 0
  let b = P2
  let c = 0
  let d = -P1 | 0
  let total = 0
  const rest = new Uint8Array(16)
  let held = 0
  const stripes = (bytes: Uint8Array, from: number, to: number): void => {
    let [v1, v2, v3, v4] = [a, b, c, d]
    for (let at = from; at < to; at += 16) {
      v1 = round(v1, word(bytes, at))
      v2 = round(v2, word(bytes, at + 4))
      v3 = round(v3, word(bytes, at + 8))
      v4 = round(v4, word(bytes, at + 12))
    }
    a = v1
    b = v2
    c = v3
    d = v4
  }
  return {
    update(bytes) {
      total += bytes.length
      let at = 0
      if (held > 0) {
        at = Math.min(16 - held, bytes.length)
        rest.set(bytes.subarray(0, at), held)
        held += at
        if (held < 16) return
        stripes(rest, 0, 16)
        held = 0
      }
      const end = bytes.length - ((bytes.length - at) & 15)
      stripes(bytes, at, end)
      rest.set(bytes.subarray(end))
      held = bytes.length - end
    },
    digest() {
      let hash = total >= 16 ? (turn(a, 1) + turn(b, 7) + turn(c, 12) + turn(d, 18)) | 0 : P5
      hash = (hash + total) | 0
      let at = 0
      for (; at + 4 <= held; at += 4)
        hash = Math.imul(turn((hash + Math.imul(word(rest, at), P3)) | 0, 17), P4)
      for (; at < held; at++) hash = Math.imul(turn((hash + Math.imul(rest[at]!, P5)) | 0, 11), P1)
      hash = Math.imul(hash ^ (hash >>> 15), P2)
      hash = Math.imul(hash ^ (hash >>> 13), P3)
      return (hash ^ (hash >>> 16)) >>> 0
    },
  }
}

/** XXH32 of some bytes, with seed 0. */
export function xxh32(bytes: Uint8Array): number {
  const hash = createXxh32()
  hash.update(bytes)
  return hash.digest()
}

function round(lane: number, input: number): number {
  return Math.imul(turn((lane + Math.imul(input, P2)) | 0, 13), P1)
}

function turn(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}
