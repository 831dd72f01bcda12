import type { BitReader } from './bits.ts'

/** Longest code of bzip2, in bits. */
export const MAX_CODE_BITS = 20
/** Codes up to here are found by one look-up. */
const FAST_BITS = 10

/** A canonical Huffman code: `fast` for short codes (`symbol << 4 | bits`), the limits of each length for the rest. */
export interface HuffmanCode {
  readonly fast: Uint16Array
  readonly limit: Int32Array
  readonly base: Int32Array
  readonly symbols: Uint16Array
}

/** The code with these lengths, or undefined when there can be none: too many codes for their lengths. */
export function createHuffmanCode(lengths: Uint8Array): HuffmanCode | undefined {
  const counts = new Int32Array(MAX_CODE_BITS + 1)
  for (const length of lengths) counts[length] = counts[length]! + 1
  const limit = new Int32Array(MAX_CODE_BITS + 1).fill(-1)
  const base = new Int32Array(MAX_CODE_BITS + 1)
  const starts = new Int32Array(MAX_CODE_BITS + 1)
  let code = 0
  let index = 0
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    code <<= 1
    starts[bits] = index
    base[bits] = index - code
    code += counts[bits]!
    if (code > 1 << bits) return undefined
    index += counts[bits]!
    // The largest code of this length; -1 where shorter ones leave none.
    if (counts[bits]! > 0) limit[bits] = code - 1
  }
  const symbols = new Uint16Array(lengths.length)
  const next = starts.slice()
  const fast = new Uint16Array(1 << FAST_BITS)
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const bits = lengths[symbol]!
    const at = next[bits]!
    next[bits] = at + 1
    symbols[at] = symbol
    if (bits > FAST_BITS) continue
    const first = (at - base[bits]!) << (FAST_BITS - bits)
    fast.fill((symbol << 4) | bits, first, first + (1 << (FAST_BITS - bits)))
  }
  return { fast, limit, base, symbols }
}

/** The next symbol, or -1 where the bits are no code. */
export function readSymbol(bits: BitReader, code: HuffmanCode): number {
  const entry = code.fast[bits.peek(FAST_BITS)]!
  if (entry !== 0) {
    bits.skip(entry & 15)
    return entry >> 4
  }
  return readLongSymbol(bits, code)
}

function readLongSymbol(bits: BitReader, code: HuffmanCode): number {
  for (let length = FAST_BITS + 1; length <= MAX_CODE_BITS; length++) {
    const value = bits.peek(length)
    if (value > code.limit[length]!) continue
    bits.skip(length)
    return code.symbols[value + code.base[length]!]!
  }
  return -1
}
