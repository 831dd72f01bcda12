/** Bits of a byte array, the most significant first. Past its end come zeros, which `overrun` tells. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at: number
  #buffer = 0
  #held = 0

  /** Begins at a bit, counted from the first byte. */
  constructor(bytes: Uint8Array, bit: number) {
    this.#bytes = bytes
    this.#at = bit >>> 3
    if ((bit & 7) !== 0) this.take(bit & 7)
  }

  /** The next `bits` (at most 24), left in place. */
  peek(bits: number): number {
    while (this.#held < bits) {
      const byte = this.#at < this.#bytes.length ? (this.#bytes[this.#at] as number) : 0
      this.#at++
      this.#buffer = (this.#buffer << 8) | byte
      this.#held += 8
    }
    return (this.#buffer >>> (this.#held - bits)) & ((1 << bits) - 1)
  }

  /** Goes on by as many bits as were peeked, or fewer. */
  skip(bits: number): void {
    this.#held -= bits
  }

  take(bits: number): number {
    const value = this.peek(bits)
    this.#held -= bits
    return value
  }

  /** Where the next bit is. */
  get position(): number {
    return this.#at * 8 - this.#held
  }

  get overrun(): boolean {
    return this.position > this.#bytes.length * 8
  }
}
