/** Adaptive probabilities have 11 bits, and move by a 32nd. */
const HALF = 1024
const STATES = 12
/** Lengths share probabilities by up to 16 alignments of the position. */
const POSITIONS = 16

// Where each kind of probability is, in one array.
const IS_MATCH = 0
const IS_REP = IS_MATCH + STATES * POSITIONS
const IS_REP_0 = IS_REP + STATES
const IS_REP_1 = IS_REP_0 + STATES
const IS_REP_2 = IS_REP_1 + STATES
const IS_LONG_REP_0 = IS_REP_2 + STATES
const DISTANCE_SLOT = IS_LONG_REP_0 + STATES * POSITIONS
const DISTANCE_LOW = DISTANCE_SLOT + 4 * 64
const DISTANCE_ALIGN = DISTANCE_LOW + 128
const LENGTH = DISTANCE_ALIGN + 16
/** Two choices, then 8 lengths for each position, 8 more, and 256. */
const LENGTH_MID = 2 + POSITIONS * 8
const LENGTH_HIGH = LENGTH_MID + POSITIONS * 8
const REP_LENGTH = LENGTH + LENGTH_HIGH + 256
const LITERAL = REP_LENGTH + LENGTH_HIGH + 256
const LITERAL_SIZE = 0x300

/** Input that one symbol can use, at most: 20 bytes and what is read ahead. */
export const SYMBOL_BYTES = 24

/** How literals and positions are modelled: literal context bits, literal position bits, position bits. */
export interface LzmaProperties {
  readonly lc: number
  readonly lp: number
  readonly pb: number
}

/** The property byte of an LZMA header, or undefined where it is none. */
export function readProperties(byte: number): LzmaProperties | undefined {
  if (byte >= 225) return undefined
  return { lc: byte % 9, lp: Math.floor(byte / 9) % 5, pb: Math.floor(byte / 45) }
}

/** Why decoding paused. */
export type LzmaPause = 'output' | 'input' | 'end' | 'damaged'

/**
 * The LZMA decoder, over a sliding dictionary. LZMA specification in the LZMA SDK (lzma-specification.txt), 7-zip.org/sdk.html.
 * Input is given with `feed`, at least {@link SYMBOL_BYTES} zeros behind it; output lies in `window` until `slide`.
 */
export class LzmaDecoder {
  /** Dictionary, and room for output behind it. */
  window: Uint8Array
  /** Where the next byte of output goes. */
  position = 0
  /** Bytes of input that are used, since `feed`. */
  used = 0
  readonly #dictionary: number
  #probabilities = new Uint16Array(0)
  #properties: LzmaProperties = { lc: 0, lp: 0, pb: 0 }
  #input: Uint8Array = new Uint8Array(0)
  #range = -1
  #code = 0
  #state = 0
  #rep0 = 0
  #rep1 = 0
  #rep2 = 0
  #rep3 = 0
  /** Bytes of a match that did not fit. */
  #pending = 0
  /** Position in the uncompressed data, for the alignment; 2^32 and beyond do not matter. */
  #total = 0
  /** Bytes that a distance may reach back. */
  #reach = 0

  /** `dictionary` in bytes; memory grows up to a quarter more, as the output does. */
  constructor(dictionary: number) {
    this.#dictionary = Math.max(dictionary, 4096)
    this.window = new Uint8Array(Math.min(this.#capacity, 1 << 20))
  }

  get #capacity(): number {
    return this.#dictionary + Math.max(this.#dictionary >> 2, 1 << 19)
  }

  /** Forgets what was learned; with properties, those too. */
  resetState(properties?: LzmaProperties): void {
    if (properties) {
      this.#properties = properties
      this.#probabilities = new Uint16Array(LITERAL + (LITERAL_SIZE << (properties.lc + properties.lp)))
    }
    this.#probabilities.fill(HALF)
    this.#state = 0
    this.#rep0 = this.#rep1 = this.#rep2 = this.#rep3 = 0
    this.#pending = 0
  }

  /** No distance reaches behind this point. */
  resetDictionary(): void {
    this.#reach = 0
    this.#total = 0
  }

  /** The input from here on. */
  feed(input: Uint8Array): void {
    this.#input = input
    this.used = 0
  }

  /** Begins the range coder with the next five input bytes; false when they cannot be its beginning. */
  startRange(): boolean {
    const at = this.used
    this.#range = -1
    this.#code = new DataView(this.#input.buffer, this.#input.byteOffset + at).getInt32(1)
    this.used = at + 5
    return this.#input[at] === 0
  }

  /** True when the range coder has used all it was given, as it has at the end of a chunk. */
  get isFinished(): boolean {
    return this.#code === 0
  }

  /** Makes room for output: at least `bytes`, at most what `window` then has behind `position`. */
  slide(bytes: number): void {
    if (this.window.length - this.position >= bytes) return
    const keep = Math.min(this.position, this.#dictionary)
    const needed = keep + bytes
    const source = this.window.subarray(this.position - keep, this.position)
    const size = Math.max(needed, Math.min(this.#capacity, this.window.length * 2))
    if (size > this.window.length) {
      const wider = new Uint8Array(size)
      wider.set(source)
      this.window = wider
    } else this.window.copyWithin(0, this.position - keep, this.position)
    this.position = keep
  }

  /** Takes bytes as they are, as of an uncompressed chunk of LZMA2; room must be there. */
  copy(bytes: Uint8Array): void {
    this.window.set(bytes, this.position)
    this.#advance(bytes.length)
  }

  #advance(bytes: number): void {
    this.position += bytes
    this.#total = (this.#total + bytes) | 0
    this.#reach = Math.min(this.#reach + bytes, this.#dictionary)
  }

  /** Decodes until `position` is `limit`, fewer than a symbol's bytes are before `inputEnd`, or the end marker comes. */
  decode(limit: number, inputEnd: number): LzmaPause {
    if (this.#pending > 0 && !this.#repeat(limit)) return 'output'
    const p = this.#probabilities
    const { pb } = this.#properties
    const mask = (1 << pb) - 1
    while (this.position < limit) {
      if (this.used > inputEnd) return 'input'
      const place = this.#total & mask
      const state = this.#state
      if (this.#bit(p, IS_MATCH + state * POSITIONS + place) === 0) {
        this.#literal(p)
        continue
      }
      let length: number
      if (this.#bit(p, IS_REP + state) === 0) {
        length = this.#length(p, LENGTH, place)
        this.#rep3 = this.#rep2
        this.#rep2 = this.#rep1
        this.#rep1 = this.#rep0
        this.#rep0 = this.#distance(p, length)
        this.#state = state < 7 ? 7 : 10
        if (this.#rep0 === -1) return 'end'
      } else {
        if (this.#bit(p, IS_REP_0 + state) !== 0) {
          let distance = this.#rep1
          if (this.#bit(p, IS_REP_1 + state) !== 0) {
            distance = this.#rep2
            if (this.#bit(p, IS_REP_2 + state) !== 0) {
              distance = this.#rep3
              this.#rep3 = this.#rep2
            }
            this.#rep2 = this.#rep1
          }
          this.#rep1 = this.#rep0
          this.#rep0 = distance
        } else if (this.#bit(p, IS_LONG_REP_0 + state * POSITIONS + place) === 0) {
          this.#state = state < 7 ? 9 : 11
          if (this.#rep0 >>> 0 >= this.#reach) return 'damaged'
          this.window[this.position] = this.window[this.position - this.#rep0 - 1]!
          this.#advance(1)
          continue
        }
        length = this.#length(p, REP_LENGTH, place)
        this.#state = state < 7 ? 8 : 11
      }
      if (this.#rep0 >>> 0 >= this.#reach) return 'damaged'
      this.#pending = length
      if (!this.#repeat(limit)) return 'output'
    }
    return 'output'
  }

  /** True when a match is not copied whole yet. */
  get isInMatch(): boolean {
    return this.#pending > 0
  }

  /** Copies the pending match as far as the limit; true when it is done. */
  #repeat(limit: number): boolean {
    const window = this.window
    const count = Math.min(this.#pending, limit - this.position)
    const to = this.position + count
    const back = this.#rep0 + 1
    // Overlapping on purpose: a match may repeat what it writes.
    for (let at = this.position; at < to; at++) window[at] = window[at - back]!
    this.#advance(count)
    this.#pending -= count
    return this.#pending === 0
  }

  #bit(p: Uint16Array, index: number): number {
    const probability = p[index]!
    const bound = Math.imul(this.#range >>> 11, probability)
    let range: number
    let code = this.#code
    let bit: number
    if (code >>> 0 < bound >>> 0) {
      range = bound
      p[index] = probability + ((2048 - probability) >> 5)
      bit = 0
    } else {
      range = (this.#range - bound) | 0
      code = (code - bound) | 0
      p[index] = probability - (probability >> 5)
      bit = 1
    }
    if ((range & 0xff000000) === 0) {
      range <<= 8
      code = (code << 8) | this.#input[this.used++]!
    }
    this.#range = range
    this.#code = code
    return bit
  }

  /** A literal; after a match, coded with the byte that the match would have gone on with. */
  #literal(p: Uint16Array): void {
    const { lc, lp } = this.#properties
    const before = this.#reach > 0 ? this.window[this.position - 1]! : 0
    const context = ((this.#total & ((1 << lp) - 1)) << lc) + (before >> (8 - lc))
    const base = LITERAL + LITERAL_SIZE * context
    const state = this.#state
    let symbol = 1
    if (state >= 7) {
      let match = this.window[this.position - this.#rep0 - 1]!
      do {
        const matchBit = (match >> 7) & 1
        match <<= 1
        const bit = this.#bit(p, base + ((1 + matchBit) << 8) + symbol)
        symbol = (symbol << 1) | bit
        if (matchBit !== bit) break
      } while (symbol < 0x100)
    }
    this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6
    this.window[this.position] = this.#tree(p, base, symbol, 0x100)
    this.#advance(1)
  }

  /** Bits from the most significant on, until the symbol reaches `limit`. Local copies: this is half of all the work. */
  #tree(p: Uint16Array, base: number, from: number, limit: number): number {
    const input = this.#input
    let range = this.#range
    let code = this.#code
    let used = this.used
    let symbol = from
    while (symbol < limit) {
      const index = base + symbol
      const probability = p[index]!
      const bound = Math.imul(range >>> 11, probability)
      if (code >>> 0 < bound >>> 0) {
        range = bound
        p[index] = probability + ((2048 - probability) >> 5)
        symbol <<= 1
      } else {
        range = (range - bound) | 0
        code = (code - bound) | 0
        p[index] = probability - (probability >> 5)
        symbol = (symbol << 1) | 1
      }
      if ((range & 0xff000000) === 0) {
        range <<= 8
        code = (code << 8) | input[used++]!
      }
    }
    this.#range = range
    this.#code = code
    this.used = used
    return symbol - limit
  }

  #length(p: Uint16Array, base: number, place: number): number {
    if (this.#bit(p, base) === 0) return 2 + this.#tree(p, base + 2 + place * 8, 1, 8)
    if (this.#bit(p, base + 1) === 0) return 10 + this.#tree(p, base + LENGTH_MID + place * 8, 1, 8)
    return 18 + this.#tree(p, base + LENGTH_HIGH, 1, 256)
  }

  /** One less than the distance; -1 is the end marker. */
  #distance(p: Uint16Array, length: number): number {
    const slot = this.#tree(p, DISTANCE_SLOT + Math.min(length - 2, 3) * 64, 1, 64)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const high = (2 | (slot & 1)) << bits
    if (slot < 14) return high + this.#reverse(p, DISTANCE_LOW + high - slot, bits)
    return (high + (this.#direct(bits - 4) << 4) + this.#reverse(p, DISTANCE_ALIGN, 4)) | 0
  }

  #reverse(p: Uint16Array, base: number, bits: number): number {
    let index = 1
    let value = 0
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(p, base + index)
      index = (index << 1) | bit
      value |= bit << i
    }
    return value
  }

  /** Bits of equal probability. */
  #direct(bits: number): number {
    let value = 0
    for (let i = 0; i < bits; i++) {
      this.#range >>>= 1
      let bit = 0
      if (this.#code >>> 0 >= this.#range >>> 0) {
        this.#code = (this.#code - this.#range) | 0
        bit = 1
      }
      value = (value << 1) | bit
      if ((this.#range & 0xff000000) === 0) {
        this.#range <<= 8
        this.#code = (this.#code << 8) | this.#input[this.used++]!
      }
    }
    return value
  }
}
