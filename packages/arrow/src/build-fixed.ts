import type { Column, DataType } from '@omni/spec'
import { BaseBuilder } from './builder.ts'
import { inexact, wrongKind } from './faults.ts'
import { numberToFloat16 } from './float16.ts'
import { integerRange, toDecimal, toFloat, toInteger } from './number-text.ts'
import { toDays, toDuration, toInstant, toTimeOfDay } from './time-text.ts'
import { valueWidth } from './types.ts'

/** Writes one value at index `i` of the buffers it was made for, or throws with nothing written. */
type Put = (i: number, value: unknown) => void

/** Fixed-width values in one growing buffer; nulls are zero bytes. */
export class FixedBuilder extends BaseBuilder {
  /** True once a 64-bit integer was appended that a double cannot hold for sure. */
  sawWide = false
  private readonly width: number
  private bytes: Uint8Array
  private write: Put

  constructor(type: DataType, capacity: number, accepts: ((value: unknown) => boolean) | null) {
    super(type, capacity, accepts)
    this.width = valueWidth(type)
    this.bytes = new Uint8Array(this.capacity * this.width)
    this.write = this.writer()
  }

  protected put(value: unknown): void {
    this.write(this.length, value)
  }
  protected putNull(): void {}
  protected resize(): void {
    const wider = new Uint8Array(this.capacity * this.width)
    wider.set(this.bytes)
    this.bytes = wider
    this.write = this.writer()
  }
  protected cut(): void {
    this.bytes.fill(0, this.length * this.width)
  }
  protected take(): Pick<Column, 'values' | 'offsets' | 'children'> {
    const values = this.bytes.subarray(0, this.length * this.width)
    this.bytes = new Uint8Array(this.capacity * this.width)
    this.write = this.writer()
    return { values, offsets: null, children: [] }
  }

  private writer(): Put {
    const { type } = this
    const { buffer } = this.bytes
    switch (type.kind) {
      case 'int':
        return type.bits === 64 && type.signed ? this.int64Writer(type) : integerWriter(type, buffer)
      case 'float':
        return floatWriter(type, buffer)
      case 'decimal': {
        const words = new BigUint64Array(buffer)
        const perValue = type.bits / 64
        return (i, value) => putWords(words, i * perValue, perValue, toDecimal(value, type))
      }
      case 'date': {
        const days = new Int32Array(buffer)
        return (i, value) => {
          days[i] = toDays(value, type)
        }
      }
      case 'time': {
        if (this.width === 8) return countWriter(buffer, (value) => toTimeOfDay(value, type))
        const counts = new Int32Array(buffer)
        return (i, value) => {
          counts[i] = Number(toTimeOfDay(value, type))
        }
      }
      case 'timestamp':
        return countWriter(buffer, (value) => toInstant(value, type))
      case 'duration':
        return countWriter(buffer, (value) => toDuration(value, type))
      default: {
        const { bytes, width } = this
        return (i, value) => {
          if (!(value instanceof Uint8Array)) throw wrongKind(type, value)
          if (value.length !== width) throw inexact(type)
          bytes.set(value, i * width)
        }
      }
    }
  }

  private int64Writer(type: DataType & { kind: 'int' }): Put {
    const words = new Int32Array(this.bytes.buffer)
    const longs = new BigInt64Array(this.bytes.buffer)
    return (i, value) => {
      if (typeof value === 'number') {
        // Two halves instead of a bigint: no allocation.
        if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw inexact(type)
        words[2 * i] = value
        words[2 * i + 1] = Math.floor(value / 0x1_0000_0000)
        return
      }
      const long = toInteger(value, type)
      if (BigInt.asIntN(64, long) !== long) throw inexact(type)
      if (BigInt.asIntN(53, long) !== long) this.sawWide = true
      longs[i] = long
    }
  }
}

function countWriter(buffer: ArrayBufferLike, convert: (value: unknown) => bigint): Put {
  const longs = new BigInt64Array(buffer)
  return (i, value) => {
    longs[i] = convert(value)
  }
}

function putWords(words: BigUint64Array, at: number, count: number, value: bigint): void {
  let rest = value
  for (let w = 0; w < count; w++) {
    words[at + w] = BigInt.asUintN(64, rest)
    rest >>= 64n
  }
}

function floatWriter(type: DataType & { kind: 'float' }, buffer: ArrayBufferLike): Put {
  if (type.bits === 64) {
    const doubles = new Float64Array(buffer)
    return (i, value) => {
      doubles[i] = typeof value === 'number' ? value : toFloat(value, type)
    }
  }
  if (type.bits === 32) {
    const floats = new Float32Array(buffer)
    return (i, value) => {
      floats[i] = toFloat(value, type)
    }
  }
  const halves = new Uint16Array(buffer)
  return (i, value) => {
    halves[i] = numberToFloat16(toFloat(value, type))
  }
}

function integerWriter(type: DataType & { kind: 'int' }, buffer: ArrayBufferLike): Put {
  const [least, greatest] = integerRange(type)
  if (type.bits === 64) {
    const longs = new BigUint64Array(buffer)
    return (i, value) => {
      const long = toInteger(value, type)
      if (long < least || long > greatest) throw inexact(type)
      longs[i] = long
    }
  }
  const cells = smallInts(type.bits, type.signed, buffer)
  const low = Number(least)
  const high = Number(greatest)
  return (i, value) => {
    if (typeof value === 'number') {
      if (!(value >= low && value <= high) || !Number.isInteger(value) || Object.is(value, -0))
        throw inexact(type)
      cells[i] = value
      return
    }
    const long = toInteger(value, type)
    if (long < least || long > greatest) throw inexact(type)
    cells[i] = Number(long)
  }
}

function smallInts(
  bits: 8 | 16 | 32,
  isSigned: boolean,
  buffer: ArrayBufferLike,
): { [index: number]: number } {
  if (bits === 8) return isSigned ? new Int8Array(buffer) : new Uint8Array(buffer)
  if (bits === 16) return isSigned ? new Int16Array(buffer) : new Uint16Array(buffer)
  return isSigned ? new Int32Array(buffer) : new Uint32Array(buffer)
}
