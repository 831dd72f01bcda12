import { type Codec, readChunk } from './codec.ts'
import { damaged } from './errors.ts'

const NO_BYTES = new Uint8Array(0)

/** One stream of a stripe, unpacked chunk by chunk as it is read. */
export class ByteStream {
  private bytes: Uint8Array
  private at = 0
  private next = 0
  private readonly packed: Uint8Array
  private readonly codec: Codec

  constructor(packed: Uint8Array, codec: Codec) {
    this.packed = packed
    this.codec = codec
    this.bytes = NO_BYTES
  }

  /** The next byte; a fault at the end. */
  byte(): number {
    while (this.at === this.bytes.length) this.refill()
    return this.bytes[this.at++] as number
  }

  /** Copies the next `count` bytes to `target`. */
  take(target: Uint8Array, start: number, count: number): void {
    let to = start
    const end = start + count
    while (to < end) {
      if (this.at === this.bytes.length) this.refill()
      const part = Math.min(end - to, this.bytes.length - this.at)
      if (part < 16) for (let i = 0; i < part; i++) target[to + i] = this.bytes[this.at + i] as number
      else target.set(this.bytes.subarray(this.at, this.at + part), to)
      to += part
      this.at += part
    }
  }

  private refill(): void {
    if (this.next >= this.packed.length) throw damaged('a stream ends too early')
    const { decode } = this.codec
    if (decode) {
      const { bytes, next } = readChunk(this.packed, this.next, this.codec, decode)
      this.bytes = bytes
      this.next = next
    } else {
      this.bytes = this.packed
      this.next = this.packed.length
    }
    this.at = 0
  }
}
