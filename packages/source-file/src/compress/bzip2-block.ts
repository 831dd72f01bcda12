import { fileFault } from '../errors.ts'
import type { BitReader } from './bits.ts'
import { createHuffmanCode, type HuffmanCode, MAX_CODE_BITS, readSymbol } from './bzip2-huffman.ts'

/** Symbols that one Huffman table is used for in a row. */
const GROUP = 50
/** Selectors that can be of use: 900,000 symbols and an end, in groups. Others are read and ignored, as bzip2 1.0.8 does. */
const USEFUL_SELECTORS = 18_002

/** CRC of bzip2: polynomial 0x04c11db7, the most significant bit first. */
function createCrcTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
    return crc
  })
}

/** Decodes blocks of bzip2, one after the other, in the same memory. */
export class Bzip2Block {
  /** The low byte of each is a byte of the block, the rest where its successor is. */
  readonly #links: Uint32Array
  readonly #crcTable = createCrcTable()
  #size = 0
  #left = 0
  #link = 0
  #crc = -1
  /** Equal bytes seen in a row, the byte, and how often it is still to be repeated. */
  #run = 0
  #byte = -1
  #repeat = 0

  /** `level` is the digit of the stream header: blocks of that many 100,000 bytes. */
  constructor(level: number) {
    this.#links = new Uint32Array(level * 100_000)
  }

  /** CRC of what {@link drain} gave since {@link load}. */
  get crc(): number {
    return ~this.#crc >>> 0
  }

  /** Reads a block that begins behind its magic and CRC. */
  load(bits: BitReader): void {
    if (bits.take(1) === 1) {
      throw fileFault(
        'file.compression',
        'The bzip2 data has randomised blocks, as bzip2 0.9.0 and older wrote.',
      )
    }
    const origin = bits.take(24)
    const { symbols, count } = readSymbolMap(bits)
    const tables = bits.take(3)
    if (count === 0 || tables < 2 || tables > 6) throw broken(bits)
    const selectors = readSelectors(bits, tables)
    const codes: HuffmanCode[] = []
    for (let i = 0; i < tables; i++) codes.push(readCode(bits, count + 2))
    const counts = this.#readBytes(bits, symbols, count, selectors, codes)
    if (origin >= this.#size) throw broken(bits)
    this.#linkUp(counts)
    this.#link = this.#links[origin]! >>> 8
    this.#left = this.#size
    this.#crc = -1
    this.#run = 0
    this.#byte = -1
    this.#repeat = 0
  }

  /** Undoes the Huffman, zero-run and move-to-front coding. Gives how often each byte is there. */
  #readBytes(
    bits: BitReader,
    symbols: Uint8Array,
    count: number,
    selectors: Uint8Array,
    codes: readonly HuffmanCode[],
  ): Int32Array {
    const links = this.#links
    const counts = new Int32Array(256)
    const end = count + 1
    let size = 0
    let group = 0
    let left = 0
    let code = codes[0] as HuffmanCode
    let run = 0
    let weight = 1
    while (true) {
      if (left === 0) {
        if (group >= selectors.length || bits.overrun) throw broken(bits)
        code = codes[selectors[group++]!] as HuffmanCode
        left = GROUP
      }
      left--
      const symbol = readSymbol(bits, code)
      if (symbol < 0) throw broken(bits)
      if (symbol <= 1) {
        // RUNA and RUNB: a number in bijective base 2.
        run += weight << symbol
        weight <<= 1
        if (run > links.length) throw broken(bits)
        continue
      }
      if (run > 0) {
        if (size + run > links.length) throw broken(bits)
        const byte = symbols[0]!
        links.fill(byte, size, size + run)
        counts[byte] = counts[byte]! + run
        size += run
        run = 0
        weight = 1
      }
      if (symbol === end) break
      if (size === links.length) throw broken(bits)
      let at = symbol - 1
      const byte = symbols[at]!
      for (; at > 0; at--) symbols[at] = symbols[at - 1]!
      symbols[0] = byte
      counts[byte] = counts[byte]! + 1
      links[size++] = byte
    }
    if (bits.overrun) throw cut()
    this.#size = size
    return counts
  }

  /** The inverse of the Burrows-Wheeler transform, as links from each byte to the next. */
  #linkUp(counts: Int32Array): void {
    const links = this.#links
    const next = new Int32Array(256)
    for (let byte = 0, sum = 0; byte < 256; byte++) {
      next[byte] = sum
      sum += counts[byte]!
    }
    for (let i = 0; i < this.#size; i++) {
      const byte = links[i]! & 0xff
      const at = next[byte]!
      next[byte] = at + 1
      links[at] = links[at]! | (i << 8)
    }
  }

  /** Fills `output` with the next bytes of the block; fewer only at its end. */
  drain(output: Uint8Array): number {
    const links = this.#links
    const table = this.#crcTable
    let link = this.#link
    let left = this.#left
    let crc = this.#crc
    let run = this.#run
    let byte = this.#byte
    let repeat = this.#repeat
    let at = 0
    while (at < output.length) {
      if (repeat > 0) {
        repeat--
      } else {
        if (left === 0) break
        left--
        const entry = links[link]!
        const next = entry & 0xff
        link = entry >>> 8
        if (run === 4) {
          // After four equal bytes comes how often the byte follows yet.
          run = 0
          repeat = next
          continue
        }
        run = next === byte ? run + 1 : 1
        byte = next
      }
      crc = (crc << 8) ^ table[(crc >>> 24) ^ byte]!
      output[at++] = byte
    }
    this.#link = link
    this.#left = left
    this.#crc = crc
    this.#run = run
    this.#byte = byte
    this.#repeat = repeat
    return at
  }
}

/** The bytes that occur, and how many: 16 bits for ranges of 16, then 16 for each. */
function readSymbolMap(bits: BitReader): { readonly symbols: Uint8Array; readonly count: number } {
  const symbols = new Uint8Array(256)
  const ranges = bits.take(16)
  let count = 0
  for (let range = 0; range < 16; range++) {
    if (((ranges >> (15 - range)) & 1) === 0) continue
    const used = bits.take(16)
    for (let i = 0; i < 16; i++) if (((used >> (15 - i)) & 1) === 1) symbols[count++] = range * 16 + i
  }
  return { symbols, count }
}

/** Which table each group of symbols uses, coded by move-to-front. */
function readSelectors(bits: BitReader, tables: number): Uint8Array {
  const count = bits.take(15)
  if (count === 0) throw broken(bits)
  const order = [0, 1, 2, 3, 4, 5]
  const selectors = new Uint8Array(Math.min(count, USEFUL_SELECTORS))
  for (let i = 0; i < count; i++) {
    let at = 0
    while (bits.take(1) === 1) if (++at >= tables) throw broken(bits)
    if (bits.overrun) throw cut()
    const [table] = order.splice(at, 1) as [number]
    order.unshift(table)
    if (i < selectors.length) selectors[i] = table
  }
  return selectors
}

/** Code lengths, each as steps from the one before. */
function readCode(bits: BitReader, symbols: number): HuffmanCode {
  const lengths = new Uint8Array(symbols)
  let length = bits.take(5)
  for (let i = 0; i < symbols; i++) {
    while (true) {
      if (length < 1 || length > MAX_CODE_BITS) throw broken(bits)
      if (bits.take(1) === 0) break
      length += bits.take(1) === 0 ? 1 : -1
    }
    lengths[i] = length
  }
  const code = createHuffmanCode(lengths)
  if (!code) throw broken(bits)
  return code
}

/** What does not fit was made up of the zeros behind the end, or is damage. */
function broken(bits: BitReader): Error {
  return bits.overrun ? cut() : fileFault('file.corrupt', 'The bzip2 data is damaged.')
}

function cut(): Error {
  return fileFault('file.truncated', 'The bzip2 data ends in the middle of a block.')
}
