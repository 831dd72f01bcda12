import { decimalText } from '@omni/arrow'
import type { DataType } from '@omni/spec'
import type { ByteStream } from './byte-stream.ts'
import { type ColumnReader, columnOf, NeedsWidening, type StripeContext, spread, tooFew } from './context.ts'
import { damaged } from './errors.ts'
import { WORD } from './int-reader.ts'
import { IntRleV2 } from './int-rle-v2.ts'
import { intReader } from './numbers.ts'
import type { OrcType } from './schema.ts'
import { DATA, SECONDARY } from './stripe.ts'
import { textColumn } from './text-values.ts'

/** Bytes of a varint that may still be a decimal: Hive has up to 38 digits. */
const MAX_VARINT_BYTES = 40
/** A scale beyond this is no number that anyone wrote. */
const MAX_SCALE = 1000
/** Decimals of so many digits are plain integers in version 2. */
const MAX_LONG_DIGITS = 18

/** https://orc.apache.org/specification/ORCv1/#decimal-columns */
export function createDecimalColumn(type: OrcType, dataType: DataType, context: StripeContext): ColumnReader {
  if (context.hasDecimal64 && type.precision > 0 && type.precision <= MAX_LONG_DIGITS) {
    return createDecimal64Column(type, dataType, context)
  }
  const digits = context.data.stream(type.id, DATA)
  const scales = intReader(context, type.id, SECONDARY, true)
  const need = (): ByteStream => {
    if (!digits || !scales) throw tooFew(type.id, 'data')
    return digits
  }
  return {
    read(length, presence) {
      const { count } = presence
      context.budget.take(length * 20)
      const scaleOf = new Int32Array(count)
      if (count > 0 && need()) scales?.read32(scaleOf, 0, count)
      for (const scale of scaleOf)
        if (scale > MAX_SCALE || scale < -MAX_SCALE) throw damaged('a decimal has a scale out of range')
      if (dataType.kind !== 'decimal') {
        return textColumn(length, presence, context.budget, (i) => {
          const value = exactOf(readVarint(need()))
          const scale = scaleOf[i] as number
          return scale < 0 ? String(value * 10n ** BigInt(-scale)) : decimalText(value, scale)
        })
      }
      const words = new Int32Array(length * 4)
      const put = writer(words, dataType, type.id)
      for (let i = 0; i < count; i++) put(i, readVarint(need()), dataType.scale - (scaleOf[i] as number))
      spread(words, length, presence, 4)
      return columnOf(dataType, length, presence, { values: new Uint8Array(words.buffer) })
    },
  }
}

function createDecimal64Column(type: OrcType, dataType: DataType, context: StripeContext): ColumnReader {
  const stream = context.data.stream(type.id, DATA)
  const reader = stream && new IntRleV2(stream, true)
  const scale = BigInt(type.scale)
  return {
    read(length, presence) {
      const { count } = presence
      context.budget.take(length * 24)
      const pairs = new Int32Array(count * 2)
      if (count > 0) {
        if (!reader) throw tooFew(type.id, 'data')
        reader.read64(pairs, 0, count)
      }
      const bigAt = (i: number): bigint =>
        (BigInt(pairs[i * 2 + 1] as number) << 32n) | BigInt((pairs[i * 2] as number) >>> 0)
      if (dataType.kind !== 'decimal') {
        return textColumn(length, presence, context.budget, (i) => decimalText(bigAt(i), Number(scale)))
      }
      const words = new Int32Array(length * 4)
      const put = writer(words, dataType, type.id)
      for (let i = 0; i < count; i++) {
        const value = (pairs[i * 2 + 1] as number) * WORD + ((pairs[i * 2] as number) >>> 0)
        put(i, Number.isSafeInteger(value) ? value : bigAt(i), 0)
      }
      spread(words, length, presence, 4)
      return columnOf(dataType, length, presence, { values: new Uint8Array(words.buffer) })
    },
  }
}

/** A zigzag varint of any length: a double where that is exact. */
function readVarint(stream: ByteStream): number | bigint {
  let value = 0
  let scale = 1
  for (let i = 0; i < 7; i++) {
    const byte = stream.byte()
    value += (byte & 0x7f) * scale
    if (byte < 128) return value % 2 === 1 ? -(value + 1) / 2 : value / 2
    scale *= 128
  }
  let long = BigInt(value)
  for (let i = 7; i < MAX_VARINT_BYTES; i++) {
    const byte = stream.byte()
    long |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 128) return (long & 1n) === 1n ? -((long + 1n) >> 1n) : long >> 1n
  }
  throw damaged('a decimal does not end')
}

function exactOf(value: number | bigint): bigint {
  return BigInt(value)
}

/** Writes value `i` as 128 bits, times ten to the power of `shift`; needs text where that is not exact. */
function writer(
  words: Int32Array,
  type: DataType & { kind: 'decimal' },
  column: number,
): (i: number, value: number | bigint, shift: number) => void {
  const limit = 10n ** BigInt(type.precision)
  const smallLimit = Math.min(Number.MAX_SAFE_INTEGER, 10 ** Math.min(type.precision, 16) - 1)
  const powers = Array.from({ length: 16 }, (_, i) => 10 ** i)
  return (i, value, shift) => {
    if (typeof value === 'number' && shift >= 0 && shift < 16) {
      const product = value * (powers[shift] as number)
      if (product <= smallLimit && product >= -smallLimit) {
        const sign = product < 0 ? -1 : 0
        words[i * 4] = product
        words[i * 4 + 1] = Math.floor(product / WORD)
        words[i * 4 + 2] = sign
        words[i * 4 + 3] = sign
        return
      }
    }
    let exact = exactOf(value)
    if (shift >= 0) exact *= 10n ** BigInt(shift)
    else {
      const power = 10n ** BigInt(-shift)
      if (exact % power !== 0n) throw new NeedsWidening(column, 'text')
      exact /= power
    }
    if (exact >= limit || exact <= -limit) throw new NeedsWidening(column, 'text')
    for (let w = 0; w < 4; w++) words[i * 4 + w] = Number(BigInt.asIntN(32, exact >> BigInt(32 * w)))
  }
}
