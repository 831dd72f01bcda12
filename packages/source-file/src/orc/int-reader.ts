import type { ByteStream } from './byte-stream.ts'
import { damaged } from './errors.ts'

/** Values of the longest run. */
export const MAX_RUN = 512

/** 2^32. */
export const WORD = 4_294_967_296

/**
 * Integers of a stream, run by run. A run is 64-bit values as halves: `lo`, and `hi` where `isWide`; else `hi` is the
 * sign of `lo`.
 */
export abstract class IntReader {
  protected readonly stream: ByteStream
  protected readonly lo: Int32Array = new Int32Array(MAX_RUN)
  protected readonly hi: Int32Array = new Int32Array(MAX_RUN)
  protected isWide = false
  protected count = 0
  private at = 0

  constructor(stream: ByteStream) {
    this.stream = stream
  }

  /** Decodes the next run into `lo`, `hi`, `isWide` and `count`. */
  protected abstract readRun(): void

  /** The next `count` values, which must have 32 bits. */
  read32(target: Int32Array, start: number, count: number): void {
    let to = start
    const end = start + count
    while (to < end) {
      const part = this.part(end - to)
      const { lo, hi, at } = this
      if (this.isWide) {
        for (let i = at; i < at + part; i++) {
          if ((lo[i] as number) >> 31 !== hi[i]) throw damaged('a number is larger than its type')
        }
      }
      if (part < 32) for (let i = 0; i < part; i++) target[to + i] = lo[at + i] as number
      else target.set(lo.subarray(at, at + part), to)
      to += part
      this.at += part
    }
  }

  /** The next `count` values as pairs of halves, the lower first, at pair `start`. */
  read64(target: Int32Array, start: number, count: number): void {
    let to = start
    const end = start + count
    while (to < end) {
      const part = this.part(end - to)
      const { lo, hi, at } = this
      let pair = to * 2
      if (this.isWide) {
        for (let i = at; i < at + part; i++) {
          target[pair++] = lo[i] as number
          target[pair++] = hi[i] as number
        }
      } else {
        for (let i = at; i < at + part; i++) {
          target[pair++] = lo[i] as number
          target[pair++] = (lo[i] as number) >> 31
        }
      }
      to += part
      this.at += part
    }
  }

  /** The next `count` values as doubles; those beyond 2^53 are the nearest. */
  readDoubles(target: Float64Array, count: number): void {
    for (let to = 0; to < count; ) {
      const part = this.part(count - to)
      const { lo, hi, at } = this
      for (let i = 0; i < part; i++) {
        const low = lo[at + i] as number
        target[to + i] = this.isWide ? (hi[at + i] as number) * WORD + (low >>> 0) : low
      }
      to += part
      this.at += part
    }
  }

  private part(wanted: number): number {
    if (this.at === this.count) {
      this.readRun()
      this.at = 0
    }
    return Math.min(wanted, this.count - this.at)
  }

  /** A base 128 varint of 64 bits into slot `i`; zigzag decoded where `isSigned`. Sets `isWide` where it must. */
  protected varint(i: number, isSigned: boolean): void {
    let low = 0
    let high = 0
    let byte = this.stream.byte()
    let shift = 0
    while (true) {
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >> 4
      } else if (shift < 64) high |= bits << (shift - 32)
      else throw damaged('a number has more than 64 bits')
      if (byte < 128) break
      byte = this.stream.byte()
      shift += 7
    }
    if (isSigned) {
      const sign = -(low & 1)
      low = ((low >>> 1) | (high << 31)) ^ sign
      high = (high >>> 1) ^ sign
    }
    this.lo[i] = low
    this.hi[i] = high
    if (low >> 31 !== high) this.isWide = true
  }

  /** Slot `i` as a double; beyond 2^53 the nearest. */
  protected double(i: number): number {
    return (this.hi[i] as number) * WORD + ((this.lo[i] as number) >>> 0)
  }

  /** Slot `i` exactly. */
  protected big(i: number): bigint {
    return (BigInt(this.hi[i] as number) << 32n) | BigInt((this.lo[i] as number) >>> 0)
  }

  /** Sets slot `i`, modulo 2^64. */
  protected setBig(i: number, value: bigint): void {
    this.lo[i] = Number(BigInt.asIntN(32, value))
    this.hi[i] = Number(BigInt.asIntN(32, value >> 32n))
  }

  /** Slots 0 to `count` become `first`, `first + step` and so on. */
  protected fillSeries(first: number, step: number, count: number): void {
    const last = first + step * (count - 1)
    this.count = count
    if (isSmall(first) && isSmall(last)) {
      this.isWide = false
      for (let i = 0, value = first; i < count; i++, value += step) this.lo[i] = value
      return
    }
    this.isWide = true
    for (let i = 0, value = first; i < count; i++, value += step) {
      this.lo[i] = value
      this.hi[i] = Math.floor(value / WORD)
    }
  }

  /** {@link fillSeries} where doubles are not exact. */
  protected fillBigSeries(first: bigint, step: bigint, count: number): void {
    this.count = count
    this.isWide = true
    for (let i = 0, value = first; i < count; i++, value += step) this.setBig(i, value)
  }
}

/** True for a double that 32 bits hold. */
export function isSmall(value: number): boolean {
  return value >= -2_147_483_648 && value <= 2_147_483_647
}

/** Below this, sums of a run stay exact in doubles: 512 steps of 2^40 and a base of 2^51. */
export const EXACT = 2_251_799_813_685_248
