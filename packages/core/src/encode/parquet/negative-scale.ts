// Parquet has no decimals with a negative scale (as of numeric(3,-2)); they are written as whole numbers.

/** Two's complement, little-endian, of `width` bytes at `at`. */
function integerAt(bytes: Uint8Array, at: number, width: number): bigint {
  let value = 0n
  for (let j = width - 1; j >= 0; j--) value = (value << 8n) | BigInt(bytes[at + j] as number)
  return BigInt.asIntN(width * 8, value)
}

function putInteger(value: bigint, bytes: Uint8Array, at: number, width: number): void {
  let rest = value
  for (let j = 0; j < width; j++) {
    bytes[at + j] = Number(rest & 0xffn)
    rest >>= 8n
  }
}

/** `present` values of `width` bytes, times 10^-scale, as 32 bytes each. */
export function toWhole(
  values: Uint8Array,
  width: number,
  index: Int32Array | null,
  present: number,
  scale: number,
): Uint8Array {
  const factor = 10n ** BigInt(-scale)
  const out = new Uint8Array(present * WIDE)
  for (let i = 0; i < present; i++) {
    const at = (index ? (index[i] as number) : i) * width
    putInteger(integerAt(values, at, width) * factor, out, i * WIDE, WIDE)
  }
  return out
}

/** The inverse of {@link toWhole}, into values of `width` bytes. */
export function fromWhole(values: Uint8Array, width: number, count: number, scale: number): Uint8Array {
  const factor = 10n ** BigInt(-scale)
  const out = new Uint8Array(count * width)
  for (let i = 0; i < count; i++)
    putInteger(integerAt(values, i * WIDE, WIDE) / factor, out, i * width, width)
  return out
}

/** Bytes of a whole number here: those of 76 digits. */
export const WIDE = 32
