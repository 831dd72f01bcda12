// Bit strings, least significant bit first (Arrow Columnar Format, "Validity bitmaps").

/** Bytes for `bits` bits. */
export function bitBytes(bits: number): number {
  return (bits + 7) >> 3
}

/** True where bit `i` is 1. */
export function bitAt(bits: Uint8Array, i: number): boolean {
  return (((bits[i >> 3] as number) >> (i & 7)) & 1) === 1
}

/** Sets bit `i`. */
export function setBit(bits: Uint8Array, i: number): void {
  bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7))
}

/** Clears bit `i`. */
export function clearBit(bits: Uint8Array, i: number): void {
  bits[i >> 3] = (bits[i >> 3] as number) & ~(1 << (i & 7))
}

/** Sets `count` bits from bit `at`. */
export function fillBits(bits: Uint8Array, at: number, count: number): void {
  let i = at
  const end = at + count
  while (i < end && (i & 7) !== 0) setBit(bits, i++)
  const whole = (end - i) >> 3
  bits.fill(0xff, i >> 3, (i >> 3) + whole)
  i += whole << 3
  while (i < end) setBit(bits, i++)
}

/** Copies `count` bits; the target bits must be zero. */
export function copyBits(
  from: Uint8Array,
  fromBit: number,
  to: Uint8Array,
  toBit: number,
  count: number,
): void {
  let i = 0
  while (i < count && ((toBit + i) & 7) !== 0) copyBit(from, fromBit + i, to, toBit + i++)
  const shift = (fromBit + i) & 7
  const whole = (count - i) >> 3
  const source = (fromBit + i) >> 3
  const target = (toBit + i) >> 3
  if (shift === 0) {
    to.set(from.subarray(source, source + whole), target)
  } else {
    for (let b = 0; b < whole; b++) {
      to[target + b] =
        ((from[source + b] as number) >> shift) | ((from[source + b + 1] as number) << (8 - shift))
    }
  }
  i += whole << 3
  for (; i < count; i++) copyBit(from, fromBit + i, to, toBit + i)
}

function copyBit(from: Uint8Array, i: number, to: Uint8Array, j: number): void {
  if (bitAt(from, i)) setBit(to, j)
}

/** Bits `start` to `end` with zero padding: shared where that already holds, else copied. */
export function sliceBits(bits: Uint8Array, start: number, end: number): Uint8Array {
  const count = end - start
  const bytes = bitBytes(count)
  if ((start & 7) === 0) {
    const view = bits.subarray(start >> 3, (start >> 3) + bytes)
    const rest = count & 7
    if (rest === 0 || (view[bytes - 1] as number) >> rest === 0) return view
  }
  const copy = new Uint8Array(bytes)
  copyBits(bits, start, copy, 0, count)
  return copy
}

/** How many of the bits `start` to `end` are 1. */
export function countOnes(bits: Uint8Array, start: number, end: number): number {
  let count = 0
  let i = start
  for (; i < end && (i & 7) !== 0; i++) if (bitAt(bits, i)) count++
  for (; i + 8 <= end; i += 8) count += ones(bits[i >> 3] as number)
  for (; i < end; i++) if (bitAt(bits, i)) count++
  return count
}

function ones(byte: number): number {
  let v = byte - ((byte >> 1) & 0x55)
  v = (v & 0x33) + ((v >> 2) & 0x33)
  return (v + (v >> 4)) & 0x0f
}
