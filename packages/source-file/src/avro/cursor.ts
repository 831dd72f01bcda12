import { Damage } from './errors.ts'

/** 2^32. */
const WORD = 4_294_967_296

/** The place in a block, and the primitive types of the binary encoding. Bytes behind the end are seen by `check`. */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  end = 0
  /** Halves of what `long` read. */
  lo = 0
  hi = 0
  /** Bytes of memory that items of lists take beyond those in the block. */
  weight = 0

  open(bytes: Uint8Array): void {
    this.bytes = bytes
    this.at = 0
    this.end = bytes.length
  }

  /** Fails where something was read behind the end. */
  check(): void {
    if (this.at > this.end) throw new Damage('a record goes beyond its block')
  }

  /** A zigzag varint of 32 bits. */
  int(): number {
    const byte = this.bytes[this.at] as number
    if (byte < 128) {
      this.at++
      return (byte >>> 1) ^ -(byte & 1)
    }
    this.long()
    if (this.lo >> 31 !== this.hi) throw new Damage('an int has more than 32 bits')
    return this.lo
  }

  /** A zigzag varint of 64 bits, into `lo` and `hi`. */
  long(): void {
    const { bytes } = this
    let at = this.at
    let byte = bytes[at++] as number
    let low = byte & 0x7f
    let high = 0
    for (let shift = 7; !(byte < 128); shift += 7) {
      if (shift > 63 || at >= this.end) throw new Damage('a number does not end')
      byte = bytes[at++] as number
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >> 4
      } else high |= bits << (shift - 32)
    }
    const sign = -(low & 1)
    this.lo = ((low >>> 1) | (high << 31)) ^ sign
    this.hi = (high >>> 1) ^ sign
    this.at = at
  }

  /** A long as a double, which is exact below 2^53. */
  double(): number {
    this.long()
    return this.hi * WORD + (this.lo >>> 0)
  }

  /** The length of bytes that must be in the block. */
  length(): number {
    const length = this.int()
    if (length < 0 || length > this.end - this.at) throw new Damage('a value goes beyond its block')
    return length
  }

  /**
   * Items of the next part of an array or map; 0 at its end. `minBytes` is what an item takes in the block at least, and
   * `itemBytes` in memory.
   */
  items(minBytes: number, itemBytes: number): number {
    let count = this.double()
    if (count < 0) {
      count = -count
      // The size of the part, for readers that skip it.
      this.long()
    }
    if (count * minBytes > this.end - this.at) throw new Damage('a list goes beyond its block')
    if (minBytes === 0 && count > MAX_EMPTY_ITEMS)
      throw new Damage('a list has too many items', 'file.avro.size')
    this.weight += count * Math.max(1, itemBytes)
    if (this.weight > MAX_WEIGHT)
      throw new Damage('the lists of a record have too many items', 'file.avro.size')
    return count
  }
}

/** Bytes that lists of one batch may take. */
const MAX_WEIGHT = 1024 ** 3
/** Items without bytes (nulls) of one list part: nothing else bounds them. */
const MAX_EMPTY_ITEMS = 1 << 24
