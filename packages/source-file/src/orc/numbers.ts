import { types } from '@omni/arrow'
import type { DataType } from '@omni/spec'
import type { ByteStream } from './byte-stream.ts'
import { BoolRle, ByteRle, type Presence } from './bytes-rle.ts'
import { fromHybrid } from './calendar.ts'
import { type ColumnReader, columnOf, type StripeContext, spread, tooFew } from './context.ts'
import { damaged } from './errors.ts'
import type { IntReader } from './int-reader.ts'
import { IntRleV1 } from './int-rle-v1.ts'
import { IntRleV2 } from './int-rle-v2.ts'
import type { OrcType } from './schema.ts'
import { DATA } from './stripe.ts'

/** Integers of a stream as the column's encoding says; undefined where the stripe has no such stream. */
export function intReader(
  { data }: StripeContext,
  column: number,
  kind: number,
  isSigned: boolean,
): IntReader | undefined {
  const stream = data.stream(column, kind)
  if (!stream) return undefined
  const encoding = data.encodings[column]?.kind ?? 0
  return encoding >= 2 ? new IntRleV2(stream, isSigned) : new IntRleV1(stream, isSigned)
}

/** smallint, int, bigint and date. */
export function createIntColumn(type: OrcType, dataType: DataType, context: StripeContext): ColumnReader {
  const reader = intReader(context, type.id, DATA, true)
  const need = (presence: Presence): IntReader => reader ?? none(type, presence)
  const { budget } = context
  switch (type.kind) {
    case 'bigint':
      return {
        read(length, presence) {
          budget.take(length * 8)
          const pairs = new Int32Array(length * 2)
          if (presence.count > 0) need(presence).read64(pairs, 0, presence.count)
          spread(pairs, length, presence, 2)
          return columnOf(dataType, length, presence, { values: new Uint8Array(pairs.buffer) })
        },
      }
    case 'smallint':
      return {
        read(length, presence) {
          budget.take(length * 6)
          const wide = new Int32Array(presence.count)
          if (presence.count > 0) need(presence).read32(wide, 0, presence.count)
          const values = new Int16Array(length)
          for (let i = 0; i < wide.length; i++) {
            values[i] = wide[i] as number
            if (values[i] !== wide[i]) throw damaged('a number is larger than its type')
          }
          spread(values, length, presence, 1)
          return columnOf(dataType, length, presence, { values: new Uint8Array(values.buffer) })
        },
      }
    default: {
      const isHybridDate = type.kind === 'date' && context.isHybrid
      return {
        read(length, presence) {
          budget.take(length * 4)
          const values = new Int32Array(length)
          if (presence.count > 0) need(presence).read32(values, 0, presence.count)
          if (isHybridDate) {
            for (let i = 0; i < presence.count; i++) values[i] = fromHybrid(values[i] as number)
          }
          spread(values, length, presence, 1)
          return columnOf(dataType, length, presence, { values: new Uint8Array(values.buffer) })
        },
      }
    }
  }
}

/** float and double: little-endian IEEE 754, as they are. */
export function createFloatColumn(type: OrcType, dataType: DataType, context: StripeContext): ColumnReader {
  const stream = context.data.stream(type.id, DATA)
  const width = type.kind === 'float' ? 4 : 8
  return {
    read(length, presence) {
      context.budget.take(length * width)
      const values = new Uint8Array(length * width)
      if (presence.count > 0) (stream ?? none(type, presence)).take(values, 0, presence.count * width)
      spread(new Int32Array(values.buffer), length, presence, width >> 2)
      return columnOf(dataType, length, presence, { values })
    },
  }
}

/** tinyint. */
export function createByteColumn(type: OrcType, context: StripeContext): ColumnReader {
  const reader = rleOf(context.data.stream(type.id, DATA))
  return {
    read(length, presence) {
      context.budget.take(length)
      const values = new Uint8Array(length)
      if (presence.count > 0) (reader ?? none(type, presence)).read(values, 0, presence.count)
      spread(values, length, presence, 1)
      return columnOf(types.int8, length, presence, { values })
    },
  }
}

function rleOf(stream: ByteStream | undefined): ByteRle | undefined {
  return stream && new ByteRle(stream)
}

/** boolean. */
export function createBoolColumn(type: OrcType, context: StripeContext): ColumnReader {
  const stream = context.data.stream(type.id, DATA)
  const reader = stream && new BoolRle(stream)
  return {
    read(length, presence) {
      context.budget.take(length >> 2)
      const bits =
        presence.count > 0 ? (reader ?? none(type, presence)).read(presence.count) : new Uint8Array(0)
      return columnOf(types.bool, length, presence, { values: spreadBits(bits, length, presence) })
    },
  }
}

function spreadBits(dense: Uint8Array, length: number, { bits }: Presence): Uint8Array {
  if (bits === null) return dense
  const values = new Uint8Array((length + 7) >> 3)
  let from = 0
  for (let i = 0; i < length; i++) {
    if (((bits[i >> 3] as number) >> (i & 7)) & 1) {
      if (((dense[from >> 3] as number) >> (from & 7)) & 1)
        values[i >> 3] = (values[i >> 3] as number) | (1 << (i & 7))
      from++
    }
  }
  return values
}

function none({ id }: OrcType, _presence: Presence): never {
  throw tooFew(id, 'data')
}
