import type { DataType } from '@omni/spec'
import { fromHybrid } from './calendar.ts'
import { type ColumnReader, columnOf, NeedsWidening, type StripeContext, spread, tooFew } from './context.ts'
import { damaged } from './errors.ts'
import { WORD } from './int-reader.ts'
import { intReader } from './numbers.ts'
import type { OrcType } from './schema.ts'
import { DATA, SECONDARY } from './stripe.ts'
import { instantText, textColumn } from './text-values.ts'

/** 2015-01-01 00:00:00, the zero of ORC's seconds. */
const BASE = 1_420_070_400
const DAY = 86_400
/** Seconds whose nanoseconds int64 holds, and whose microseconds. */
const MAX_NANO_SECONDS = 9_223_372_036
const MAX_MICRO_SECONDS = 9_223_372_036_854

/** https://orc.apache.org/specification/ORCv1/#timestamp-columns : a wall clock without, an instant with local time zone. */
export function createTimestampColumn(
  type: OrcType,
  dataType: DataType,
  context: StripeContext,
): ColumnReader {
  const whole = intReader(context, type.id, DATA, true)
  const parts = intReader(context, type.id, SECONDARY, false)
  const toSeconds = secondsReader(type, context)
  const unit = dataType.kind === 'timestamp' ? dataType.unit : 'text'
  return {
    read(length, presence) {
      const { count } = presence
      context.budget.take(length * 24)
      const seconds = new Float64Array(count)
      const nanos = new Float64Array(count)
      if (count > 0) {
        if (!whole || !parts) throw tooFew(type.id, 'data')
        whole.readDoubles(seconds, count)
        parts.readDoubles(nanos, count)
      }
      for (let i = 0; i < count; i++) {
        const part = nanosOf(nanos[i] as number)
        const second = toSeconds(seconds[i] as number, part)
        // The C++ library writes a fraction below zero for times before 1970 that come from Arrow.
        seconds[i] = part < 0 ? second - 1 : second
        nanos[i] = part < 0 ? part + 1e9 : part
      }
      if (unit === 'text') {
        const isZoned = type.kind !== 'timestamp'
        return textColumn(length, presence, context.budget, (i) =>
          instantText(seconds[i] as number, nanos[i] as number, isZoned),
        )
      }
      const pairs = new Int32Array(length * 2)
      if (unit === 'us') toMicroseconds(seconds, nanos, pairs, type.id)
      else toNanoseconds(seconds, nanos, pairs, type.id)
      spread(pairs, length, presence, 2)
      return columnOf(dataType, length, presence, { values: new Uint8Array(pairs.buffer) })
    },
  }
}

/** Nanoseconds of a code: the lowest three bits say how many zeros, less one, were cut off. */
function nanosOf(code: number): number {
  const digits = Math.floor(code / 8)
  const zeros = code - digits * 8
  const nanos = zeros === 0 ? digits : digits * 10 ** (zeros + 1)
  if (!(nanos > -1e9 && nanos < 1e9)) throw damaged('a part of a second is more than a second')
  return nanos
}

/** Seconds since 1970 of what is stored; for a wall clock, as if it were UTC. */
function secondsReader({ kind }: OrcType, context: StripeContext): (stored: number, nanos: number) => number {
  const isWall = kind === 'timestamp'
  const zone = isWall ? context.zone() : undefined
  const base = BASE - (zone ? zone.offsetAt(BASE - zone.offsetAt(BASE)) : 0)
  return (stored, nanos) => {
    let seconds = stored + base
    if (!Number.isSafeInteger(seconds)) throw damaged('a time is out of range')
    // Writers round seconds before 1970 towards zero, unless the fraction is below a millisecond.
    if (seconds < 0 && nanos > 999_999) seconds--
    if (zone) seconds += zone.offsetAt(seconds)
    if (!context.isHybrid || seconds >= -12_219_292_800) return seconds
    const days = Math.floor(seconds / DAY)
    return seconds + (fromHybrid(days) - days) * DAY
  }
}

function toNanoseconds(seconds: Float64Array, nanos: Float64Array, pairs: Int32Array, column: number): void {
  for (let i = 0; i < seconds.length; i++) {
    const second = seconds[i] as number
    if (second >= MAX_NANO_SECONDS || second < -MAX_NANO_SECONDS) throw new NeedsWidening(column, 'us')
    // Split so that every product stays below 2^53.
    const high = Math.floor(second / 65_536)
    const product = high * 1e9
    const productHigh = Math.floor(product / 65_536)
    const rest =
      (product - productHigh * 65_536) * 65_536 + (second - high * 65_536) * 1e9 + (nanos[i] as number)
    pairs[i * 2] = rest
    pairs[i * 2 + 1] = productHigh + Math.floor(rest / WORD)
  }
}

function toMicroseconds(seconds: Float64Array, nanos: Float64Array, pairs: Int32Array, column: number): void {
  for (let i = 0; i < seconds.length; i++) {
    const second = seconds[i] as number
    const micros = (nanos[i] as number) / 1000
    if (second >= MAX_MICRO_SECONDS || second < -MAX_MICRO_SECONDS || micros !== Math.floor(micros)) {
      throw new NeedsWidening(column, 'text')
    }
    const high = Math.floor(second / 65_536)
    const product = high * 1e6
    const productHigh = Math.floor(product / 65_536)
    const rest = (product - productHigh * 65_536) * 65_536 + (second - high * 65_536) * 1e6 + micros
    pairs[i * 2] = rest
    pairs[i * 2 + 1] = productHigh + Math.floor(rest / WORD)
  }
}
