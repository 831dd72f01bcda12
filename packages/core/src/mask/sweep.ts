/** Positions, relative to `from`, of bytes in [from, to) whose class is not zero. Valid until the next call. */
export type Sweep = (bytes: Uint8Array, from: number, to: number, byteClass: Uint8Array) => Uint32Array

/**
 * Bytes that may begin something personal: digits and the at sign, the lead bytes of both in other scripts,
 * and `&` for `&commat;`. The other coded at signs contain a digit.
 */
export const CANDIDATES: Uint8Array = candidates()

function candidates(): Uint8Array {
  const table = new Uint8Array(256)
  for (const c of '0123456789@&') table[c.charCodeAt(0)] = 1
  for (const lead of [0xd9, 0xdb, 0xe0, 0xef]) table[lead] = 1
  return table
}

/** A sweep in plain TypeScript, for texts too short to be worth a copy into WebAssembly. */
export function createPlainSweep(): Sweep {
  let found = new Uint32Array(64)
  return (bytes, from, to, byteClass) => {
    let count = 0
    for (let i = from; i < to; i++) {
      if (byteClass[bytes[i]!] === 0) continue
      if (count === found.length) {
        const wide = new Uint32Array(count * 2)
        wide.set(found)
        found = wide
      }
      found[count++] = i - from
    }
    return found.subarray(0, count)
  }
}
