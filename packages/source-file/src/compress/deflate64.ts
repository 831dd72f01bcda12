import { fileFault } from '../errors.ts'
import { createWindow } from './window.ts'

/** Input that is decoded at once; a dynamic header has less than 400 bytes. */
const INPUT_BYTES = 1 << 16
const MARGIN_BYTES = 400
const HISTORY_BYTES = 1 << 16
/** Output after which there is a pause, and the longest match. */
const OUTPUT_BYTES = 1 << 19
const MAX_MATCH = 65_538

// Lengths and distances from their codes, RFC 1951 section 3.2.5, with what Deflate64 has beyond: 285 has 16 bits, and
// there are two more distances.
const LENGTH_BASE = Uint32Array.of(
  ...[
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227, 3,
  ],
)
const LENGTH_BITS = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16],
)
/** The order in which lengths of the code for code lengths come. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const

/** Decompresses Deflate64 as Windows packs large files, method 9 of zip; the format is that of RFC 1951 with wider tables. */
export async function* inflate64(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  const decoder = new Inflate64()
  try {
    while (!decoder.isDone) {
      const bytes = await window.peek(INPUT_BYTES)
      const used = decoder.run(bytes, bytes.length < INPUT_BYTES)
      await window.take(used)
      const output = decoder.takeOutput()
      if (output.length > 0) yield output
    }
    if ((await window.peek(1)).length > 0) {
      throw fileFault('file.trailing', 'Something else follows the end of the deflate64 data.')
    }
  } finally {
    await window.close()
  }
}

/** Codes by their bits as they come, the lowest first: `symbol << 4 | length`; 0 is no code. */
interface Code {
  readonly table: Uint16Array
  readonly bits: number
}

class Inflate64 {
  isDone = false
  readonly #output = new Uint8Array(HISTORY_BYTES + OUTPUT_BYTES + MAX_MATCH)
  #size = 0
  /** Output that was taken already. */
  #taken = 0
  #input: Uint8Array = new Uint8Array(0)
  /** The next bit of the input. */
  #at = 0
  #state: 'header' | 'stored' | 'codes' = 'header'
  #isLastBlock = false
  #stored = 0
  #literals: Code = { table: new Uint16Array(1), bits: 0 }
  #distances: Code = { table: new Uint16Array(1), bits: 0 }

  /** Decodes what it can; gives how many whole bytes are used. Bits of the next byte stay used. */
  run(input: Uint8Array, isLast: boolean): number {
    this.#input = input
    this.#at &= 7
    const safe = (isLast ? input.length : input.length - MARGIN_BYTES) * 8
    while (!this.isDone && this.#at < safe && this.#size - this.#taken < OUTPUT_BYTES) {
      if (this.#state === 'header') this.#readHeader()
      else if (this.#state === 'stored') this.#copyStored()
      else this.#decode(safe)
    }
    if (
      this.#at > input.length * 8 ||
      (isLast && !this.isDone && this.#at >= safe && this.#size === this.#taken)
    ) {
      throw fileFault('file.truncated', 'The deflate64 data ends in the middle.')
    }
    return this.isDone ? (this.#at + 7) >> 3 : this.#at >> 3
  }

  takeOutput(): Uint8Array {
    const output = this.#output.slice(this.#taken, this.#size)
    const keep = Math.min(HISTORY_BYTES, this.#size)
    this.#output.copyWithin(0, this.#size - keep, this.#size)
    this.#size = this.#taken = keep
    return output
  }

  /** Up to 24 bits, left in place. Past the end come zeros. */
  #peek(bits: number): number {
    const input = this.#input
    const byte = this.#at >> 3
    const word = (input[byte] ?? 0) | ((input[byte + 1] ?? 0) << 8) | ((input[byte + 2] ?? 0) << 16)
    return ((word | ((input[byte + 3] ?? 0) << 24)) >>> (this.#at & 7)) & ((1 << bits) - 1)
  }

  #take(bits: number): number {
    const value = this.#peek(bits)
    this.#at += bits
    return value
  }

  #symbol({ table, bits }: Code): number {
    const entry = table[this.#peek(bits)]!
    if (entry === 0) throw this.#broken()
    this.#at += entry & 15
    return entry >> 4
  }

  #readHeader(): void {
    this.#isLastBlock = this.#take(1) === 1
    const type = this.#take(2)
    if (type === 0) {
      this.#at = (this.#at + 7) & ~7
      this.#stored = this.#take(16)
      if ((this.#take(16) ^ this.#stored) !== 0xffff) throw this.#broken()
      this.#state = 'stored'
      if (this.#stored === 0) this.#endBlock()
      return
    }
    if (type === 3) throw this.#broken()
    if (type === 1) {
      const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280)
      this.#literals = this.#code(lengths)
      this.#distances = this.#code(new Uint8Array(32).fill(5))
    } else this.#readCodes()
    this.#state = 'codes'
  }

  /** Dynamic codes, section 3.2.7. */
  #readCodes(): void {
    const literals = this.#take(5) + 257
    const distances = this.#take(5) + 1
    const count = this.#take(4) + 4
    const own = new Uint8Array(19)
    for (let i = 0; i < count; i++) own[ORDER[i]!] = this.#take(3)
    const code = this.#code(own)
    const lengths = new Uint8Array(literals + distances)
    for (let i = 0; i < lengths.length; ) {
      const symbol = this.#symbol(code)
      if (symbol < 16) {
        lengths[i++] = symbol
        continue
      }
      if (symbol === 16 && i === 0) throw this.#broken()
      const repeat =
        symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7)
      if (i + repeat > lengths.length) throw this.#broken()
      lengths.fill(symbol === 16 ? lengths[i - 1]! : 0, i, i + repeat)
      i += repeat
    }
    this.#literals = this.#code(lengths.subarray(0, literals))
    this.#distances = this.#code(lengths.subarray(literals))
  }

  /** A canonical code as a table over its longest length. */
  #code(lengths: Uint8Array): Code {
    const bits = Math.max(1, ...lengths)
    const table = new Uint16Array(1 << bits)
    let next = 0
    for (let length = 1; length <= bits; length++) {
      next <<= 1
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue
        if (next >= 1 << length) throw this.#broken()
        let reversed = 0
        for (let i = 0; i < length; i++) reversed |= ((next >> i) & 1) << (length - 1 - i)
        for (let at = reversed; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length
        next++
      }
    }
    return { table, bits }
  }

  #copyStored(): void {
    const byte = this.#at >> 3
    const room = OUTPUT_BYTES - (this.#size - this.#taken)
    const count = Math.min(this.#stored, this.#input.length - byte, room)
    this.#output.set(this.#input.subarray(byte, byte + count), this.#size)
    this.#size += count
    this.#at += count * 8
    this.#stored -= count
    if (this.#stored === 0) this.#endBlock()
  }

  #endBlock(): void {
    this.#state = 'header'
    this.isDone = this.#isLastBlock
  }

  #decode(safe: number): void {
    const output = this.#output
    while (this.#at < safe && this.#size - this.#taken < OUTPUT_BYTES) {
      const symbol = this.#symbol(this.#literals)
      if (symbol < 256) {
        output[this.#size++] = symbol
        continue
      }
      if (symbol === 256) {
        this.#endBlock()
        return
      }
      if (symbol > 285) throw this.#broken()
      const length = LENGTH_BASE[symbol - 257]! + this.#take(LENGTH_BITS[symbol - 257]!)
      const code = this.#symbol(this.#distances)
      const extra = Math.max(0, (code >> 1) - 1)
      const distance = code < 2 ? code + 1 : ((2 | (code & 1)) << extra) + 1 + this.#take(extra)
      if (distance > this.#size) throw this.#broken()
      let from = this.#size - distance
      for (const end = this.#size + length; this.#size < end; ) output[this.#size++] = output[from++]!
    }
  }

  /** What does not fit was made up of the zeros behind the end, or is damage. */
  #broken(): Error {
    return this.#at > this.#input.length * 8
      ? fileFault('file.truncated', 'The deflate64 data ends in the middle.')
      : fileFault('file.corrupt', 'The deflate64 data is damaged.')
  }
}
