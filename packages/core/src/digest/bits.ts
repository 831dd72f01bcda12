import type { Arena } from './arena.ts'

/** Bytes that hold `count` bits. */
export function bitBytes(count: number): number {
  return (count + 7) >> 3
}

/** The first `count` bits with padding zero; the input itself where that is already so. */
export function packBits(bits: Uint8Array, count: number, arena: Arena): Uint8Array {
  const bytes = bits.subarray(0, bitBytes(count))
  const tail = count & 7
  const last = bytes.length - 1
  if (tail === 0 || last < 0 || (bytes[last] as number) >> tail === 0) return bytes
  const copy = arena.bytes(bytes.length)
  copy.set(bytes)
  copy[last] = (copy[last] as number) & ((1 << tail) - 1)
  return copy
}

/** Bitwise and of the first `count` bits, padding zero. */
export function andBits(left: Uint8Array, right: Uint8Array, count: number, arena: Arena): Uint8Array {
  const out = arena.bytes(bitBytes(count))
  for (let i = 0; i < out.length; i++) out[i] = (left[i] as number) & (right[i] as number)
  const tail = count & 7
  const last = out.length - 1
  if (tail !== 0) out[last] = (out[last] as number) & ((1 << tail) - 1)
  return out
}

/** `count` ones, padding zero. */
export function onesOf(count: number, arena: Arena): Uint8Array {
  const out = arena.bytes(bitBytes(count)).fill(0xff)
  if (count & 7) out[out.length - 1] = (1 << (count & 7)) - 1
  return out
}

/** A copy of fixed-width values with zeros where the bit is 0. `width` in bytes. */
export function zeroNulls(
  values: Uint8Array,
  width: number,
  present: Uint8Array,
  count: number,
  arena: Arena,
): Uint8Array {
  const out = arena.bytes(values.length)
  out.set(values)
  for (let byte = 0; byte * 8 < count; byte++) {
    const bits = present[byte] as number
    if (bits === 0xff) continue
    const from = byte * 8 * width
    if (bits === 0) {
      out.fill(0, from, from + 8 * width)
      continue
    }
    for (let bit = 0; bit < 8; bit++) {
      if ((bits & (1 << bit)) === 0) out.fill(0, from + bit * width, from + (bit + 1) * width)
    }
  }
  return out
}
