import type { ByteStream } from './byte-stream.ts'
import { damaged } from './errors.ts'
import { EXACT, IntReader, isSmall, MAX_RUN, WORD } from './int-reader.ts'
import { unpackBits } from './unpack-bits.ts'

/** Widths of five bits' code; https://orc.apache.org/specification/ORCv1/#direct */
const WIDTHS: readonly number[] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 30, 32, 40,
  48, 56, 64,
]

/** The first width that holds `bits`. */
function closestWidth(bits: number): number {
  return WIDTHS.find((width) => width >= bits) ?? 64
}

/** Integer run length encoding, version 2; https://orc.apache.org/specification/ORCv1/#integer-run-length-encoding-version-2 */
export class IntRleV2 extends IntReader {
  private readonly isSigned: boolean
  /** Packed bits of a run, with room to read past their end. */
  private readonly packed: Uint8Array = new Uint8Array(MAX_RUN * 8 + 8)

  constructor(stream: ByteStream, isSigned: boolean) {
    super(stream)
    this.isSigned = isSigned
  }

  protected readRun(): void {
    const header = this.stream.byte()
    if (header < 64) this.readShortRepeat(header)
    else {
      const width = (header >> 1) & 31
      const count = ((header & 1) << 8) + this.stream.byte() + 1
      if (header < 128) this.readDirect(WIDTHS[width] as number, count)
      else if (header < 192) this.readPatched(WIDTHS[width] as number, count)
      else this.readDelta(width === 0 ? 0 : (WIDTHS[width] as number), count)
    }
  }

  private readShortRepeat(header: number): void {
    const width = ((header >> 3) & 7) + 1
    const count = (header & 7) + 3
    this.unpack(width * 8, 1)
    if (this.isSigned) this.zigzag(1)
    this.lo.fill(this.lo[0] as number, 1, count)
    if (this.isWide) this.hi.fill(this.hi[0] as number, 1, count)
    this.count = count
  }

  private readDirect(width: number, count: number): void {
    this.unpack(width, count)
    if (this.isSigned) this.zigzag(count)
    this.count = count
  }

  private readDelta(width: number, count: number): void {
    this.isWide = false
    this.varint(0, this.isSigned)
    const first = this.double(0)
    const big = this.big(0)
    this.varint(0, true)
    const step = this.double(0)
    const bigStep = this.big(0)
    const isExact = Math.abs(first) < EXACT && Math.abs(step) < EXACT / MAX_RUN
    if (width === 0) {
      if (isExact) this.fillSeries(first, step, count)
      else this.fillBigSeries(big, bigStep, count)
      return
    }
    if (count < 2) throw damaged('a run of differences has one value')
    this.unpack(width, count - 2)
    if (isExact && width <= 40) this.sum(first, step, count)
    else this.sumBig(big, bigStep, count)
  }

  /** Adds up the differences in place, from the last to the first slot's end: value i takes difference i - 2. */
  private sum(first: number, step: number, count: number): void {
    const { lo, hi, isWide } = this
    const down = step < 0
    let total = first + step
    for (let i = 0; i < count - 2; i++) {
      const size = isWide ? (hi[i] as number) * WORD + ((lo[i] as number) >>> 0) : (lo[i] as number)
      total = down ? total - size : total + size
    }
    // Differences of one sign: what begins and ends small is small between.
    const small = isSmall(first) && isSmall(total) && isSmall(first + step)
    let value = total
    for (let i = count - 1; i >= 2; i--) {
      const d = i - 2
      const size = isWide ? (hi[d] as number) * WORD + ((lo[d] as number) >>> 0) : (lo[d] as number)
      lo[i] = value
      if (!small) hi[i] = Math.floor(value / WORD)
      value = down ? value + size : value - size
    }
    this.set(1, first + step)
    this.set(0, first)
    this.isWide = !small
    this.count = count
  }

  private sumBig(first: bigint, step: bigint, count: number): void {
    this.widen(count - 2)
    const sizes = Array.from({ length: count - 2 }, (_, i) => BigInt.asUintN(64, this.big(i)))
    let value = first + step
    this.setBig(0, first)
    this.setBig(1, value)
    for (const [i, size] of sizes.entries()) {
      value = step < 0n ? value - size : value + size
      this.setBig(i + 2, value)
    }
    this.isWide = true
    this.count = count
  }

  private readPatched(width: number, count: number): void {
    const third = this.stream.byte()
    const fourth = this.stream.byte()
    const baseBytes = (third >> 5) + 1
    const patchWidth = WIDTHS[third & 31] as number
    const gapWidth = (fourth >> 5) + 1
    const patches = fourth & 31
    const base = this.readBase(baseBytes)
    this.unpack(width, count)
    this.widen(count)
    if (patchWidth + gapWidth > 64) throw damaged('a patch of a run has more than 64 bits')
    const entries = this.readPatches(closestWidth(patchWidth + gapWidth), patches)
    const isExact = width + patchWidth <= 50 && base > -EXACT && base < EXACT
    let at = 0
    const patchOf = new Map<number, bigint>()
    for (const entry of entries) {
      at += Number(entry >> BigInt(patchWidth))
      const patch = entry & ((1n << BigInt(patchWidth)) - 1n)
      // A gap of 255 with no patch only leads further.
      if (patch === 0n) continue
      if (at >= count) throw damaged('a patch lies behind its run')
      patchOf.set(at, patch << BigInt(width))
    }
    if (isExact) this.addBase(Number(base), count, patchOf)
    else this.addBigBase(base, count, patchOf)
    this.isWide = true
    this.count = count
  }

  private addBase(base: number, count: number, patches: ReadonlyMap<number, bigint>): void {
    const { lo, hi } = this
    for (let i = 0; i < count; i++) {
      const value = base + this.double(i)
      lo[i] = value
      hi[i] = Math.floor(value / WORD)
    }
    for (const [i, patch] of patches) this.setBig(i, this.big(i) + patch)
  }

  private addBigBase(base: bigint, count: number, patches: ReadonlyMap<number, bigint>): void {
    for (let i = 0; i < count; i++) this.setBig(i, base + (this.big(i) | (patches.get(i) ?? 0n)))
  }

  /** Big-endian, with the sign in the highest bit. */
  private readBase(bytes: number): bigint {
    let value = 0n
    for (let i = 0; i < bytes; i++) value = (value << 8n) | BigInt(this.stream.byte())
    const sign = 1n << BigInt(bytes * 8 - 1)
    return (value & sign) === 0n ? value : -(value - sign)
  }

  private readPatches(width: number, count: number): readonly bigint[] {
    const { packed } = this
    const bytes = (width * count + 7) >> 3
    this.stream.take(packed, 0, bytes)
    let all = 0n
    for (let i = 0; i < bytes; i++) all = (all << 8n) | BigInt(packed[i] as number)
    const padding = BigInt(bytes * 8 - width * count)
    const mask = (1n << BigInt(width)) - 1n
    return Array.from(
      { length: count },
      (_, i) => (all >> (padding + BigInt((count - 1 - i) * width))) & mask,
    )
  }

  private unpack(width: number, count: number): void {
    this.stream.take(this.packed, 0, (width * count + 7) >> 3)
    this.isWide = unpackBits(this.packed, width, count, this.lo, this.hi)
  }

  /** Decodes the signs of unsigned values. */
  private zigzag(count: number): void {
    const { lo, hi } = this
    if (!this.isWide) {
      for (let i = 0; i < count; i++) {
        const low = lo[i] as number
        lo[i] = (low >>> 1) ^ -(low & 1)
      }
      return
    }
    for (let i = 0; i < count; i++) {
      const low = lo[i] as number
      const high = hi[i] as number
      const sign = -(low & 1)
      lo[i] = ((low >>> 1) | (high << 31)) ^ sign
      hi[i] = (high >>> 1) ^ sign
    }
  }

  /** Gives every slot its upper half. */
  private widen(count: number): void {
    if (!this.isWide) for (let i = 0; i < count; i++) this.hi[i] = (this.lo[i] as number) >> 31
    this.isWide = true
  }

  private set(i: number, value: number): void {
    this.lo[i] = value
    this.hi[i] = Math.floor(value / WORD)
  }
}
