import { fileFault } from '../errors.ts'
import { createWindow, takeAll } from './window.ts'

const CLEAR = 256
/** Input that is decoded at once. */
const INPUT_BYTES = 1 << 16

/**
 * Decompresses `.Z` files of compress(1): LZW with codes of 9 to 16 bits, in groups of eight.
 * The format has neither an end mark nor a checksum, so a file cut between codes cannot be told from a whole one.
 */
export async function* uncompressLzw(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  try {
    const header = await takeAll(window, 3, 'compress (.Z)')
    const flags = header[2] as number
    const maxBits = flags & 0x1f
    if (header[0] !== 0x1f || header[1] !== 0x9d || (flags & 0x60) !== 0 || maxBits < 9 || maxBits > 16) {
      throw damaged()
    }
    const decoder = new LzwDecoder(maxBits, (flags & 0x80) !== 0)
    while (true) {
      const bytes = await window.peek(INPUT_BYTES)
      if (bytes.length === 0) return
      const isLast = bytes.length < INPUT_BYTES
      let used = 0
      while (used < bytes.length) {
        const size = Math.min(decoder.bits, bytes.length - used)
        if (size < decoder.bits && !isLast) break
        decoder.group(bytes.subarray(used, used + size))
        used += size
      }
      await window.take(used)
      const output = decoder.takeOutput()
      if (output.length > 0) yield output
    }
  } finally {
    await window.close()
  }
}

class LzwDecoder {
  /** Width of the codes of the next group, and so its bytes. */
  bits = 9
  readonly #maxBits: number
  readonly #isBlock: boolean
  readonly #prefix: Uint16Array
  readonly #suffix: Uint8Array
  readonly #length: Uint32Array
  #free: number
  #before = -1
  #first = 0
  #output = new Uint8Array(1 << 20)
  #size = 0

  constructor(maxBits: number, isBlock: boolean) {
    this.#maxBits = maxBits
    this.#isBlock = isBlock
    this.#free = isBlock ? 257 : 256
    this.#prefix = new Uint16Array(1 << maxBits)
    this.#suffix = Uint8Array.from({ length: 1 << maxBits }, (_, code) => code)
    this.#length = new Uint32Array(1 << maxBits).fill(1)
  }

  /** Eight codes, or fewer: a clear and a change of the width end a group, and the rest of it is padding. */
  group(bytes: Uint8Array): void {
    const { bits } = this
    let buffer = 0
    let held = 0
    for (const byte of bytes) {
      buffer |= byte << held
      held += 8
      if (held < bits) continue
      if (this.#code(buffer & ((1 << bits) - 1))) return
      buffer >>>= bits
      held -= bits
    }
  }

  takeOutput(): Uint8Array {
    const output = this.#output.slice(0, this.#size)
    this.#size = 0
    return output
  }

  /** Takes one code; true when it ends its group. */
  #code(code: number): boolean {
    if (code === CLEAR && this.#isBlock) {
      this.#free = 257
      this.#before = -1
      this.bits = 9
      return true
    }
    const before = this.#before
    const free = this.#free
    const isFull = free >= 1 << this.#maxBits
    const isKnown = code < free && !(code === CLEAR && this.#isBlock)
    if (!isKnown && (before < 0 || isFull || code > free)) throw damaged()
    if (!isFull && before >= 0) {
      this.#prefix[free] = before
      this.#length[free] = this.#length[before]! + 1
      // The one code that is used before it is known: what came before, and its first byte again.
      this.#suffix[free] = this.#first
      this.#free++
    }
    this.#first = this.#write(code)
    if (!isFull && before >= 0) this.#suffix[free] = this.#first
    this.#before = code
    // With 9 bits at most, all programs go on with 10 when the table is full: none looks at the first width.
    if (this.#free >= 1 << this.bits && (this.bits < this.#maxBits || this.bits === 9)) {
      this.bits++
      return true
    }
    return false
  }

  /** Writes what a code stands for, from its end, and gives its first byte. */
  #write(code: number): number {
    const end = this.#size + this.#length[code]!
    if (end > this.#output.length) {
      const wider = new Uint8Array(Math.max(end, this.#output.length * 2))
      wider.set(this.#output)
      this.#output = wider
    }
    const output = this.#output
    let at = end
    let rest = code
    while (at > this.#size + 1) {
      output[--at] = this.#suffix[rest]!
      rest = this.#prefix[rest]!
    }
    output[this.#size] = rest
    this.#size = end
    return rest
  }
}

function damaged(): Error {
  return fileFault('file.corrupt', 'The compress (.Z) data is damaged.')
}
