import { bitBytes, countOnes } from '@omni/arrow'
import type { ByteStream } from './byte-stream.ts'

/** Byte run length encoding; https://orc.apache.org/specification/ORCv1/#byte-run-length-encoding */
export class ByteRle {
  private readonly stream: ByteStream
  /** Values left of the run; of a run of one byte, which. */
  private left = 0
  private isRun = false
  private value = 0

  constructor(stream: ByteStream) {
    this.stream = stream
  }

  /** Writes the next `count` values. */
  read(target: Uint8Array, start: number, count: number): void {
    let at = start
    const end = start + count
    while (at < end) {
      if (this.left === 0) this.begin()
      const part = Math.min(this.left, end - at)
      if (this.isRun) target.fill(this.value, at, at + part)
      else this.stream.take(target, at, part)
      at += part
      this.left -= part
    }
  }

  private begin(): void {
    const control = this.stream.byte()
    this.isRun = control < 128
    this.left = this.isRun ? control + 3 : 256 - control
    if (this.isRun) this.value = this.stream.byte()
  }
}

/** Bits in a byte the other way round: ORC has the first value in the highest bit, Arrow in the lowest. */
function reversed(): Uint8Array {
  const table = new Uint8Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let turned = 0
    for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) turned |= 0x80 >> bit
    table[byte] = turned
  }
  return table
}

/** Boolean run length encoding: bytes of bits, which go on in the middle of a byte. */
export class BoolRle {
  private readonly bytes: ByteRle
  private readonly table: Uint8Array = reversed()
  /** Bits left of the last byte, lowest first. */
  private rest = 0
  private restBits = 0

  constructor(stream: ByteStream) {
    this.bytes = new ByteRle(stream)
  }

  /** The next `count` values as bits, least significant first, with zeros after them. */
  read(count: number): Uint8Array {
    const out = new Uint8Array(bitBytes(count))
    const fresh = Math.max(0, count - this.restBits)
    const needed = bitBytes(fresh)
    const raw = new Uint8Array(needed + 1)
    this.bytes.read(raw, 0, needed)
    const { table, restBits } = this
    for (let i = 0; i < needed; i++) raw[i] = table[raw[i] as number] as number
    if (restBits === 0) out.set(raw.subarray(0, out.length))
    else {
      let carry = this.rest
      for (let i = 0; i < out.length; i++) {
        const byte = (raw[i] as number) << restBits
        out[i] = carry | byte
        carry = byte >> 8
      }
    }
    if ((count & 7) !== 0) out[out.length - 1] = (out[out.length - 1] as number) & ((1 << (count & 7)) - 1)
    if (fresh === 0) {
      this.rest >>= count
      this.restBits -= count
    } else {
      this.restBits = needed * 8 - fresh
      this.rest = this.restBits === 0 ? 0 : (raw[needed - 1] as number) >> (8 - this.restBits)
    }
    return out
  }
}

/** Which of some values are there. */
export interface Presence {
  /** A bit each, or null where all are there. */
  readonly bits: Uint8Array | null
  /** How many are there. */
  readonly count: number
}

/** Presence of `length` values below a parent: its stream has a bit for each that the parent has. */
export function readPresence(stream: BoolRle | undefined, length: number, parent: Presence): Presence {
  if (!stream) return parent
  const own = stream.read(parent.count)
  const count = countOnes(own, 0, parent.count)
  if (count === parent.count) return parent
  if (parent.bits === null) return { bits: own, count }
  const bits = new Uint8Array(bitBytes(length))
  let from = 0
  for (let i = 0; i < length; i++) {
    if (((parent.bits[i >> 3] as number) >> (i & 7)) & 1) {
      if (((own[from >> 3] as number) >> (from & 7)) & 1)
        bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7))
      from++
    }
  }
  return { bits, count }
}
