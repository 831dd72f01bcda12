import { createColumnBuilder, dateText, types } from '@omni/arrow'
import type { Column } from '@omni/spec'
import type { Presence } from './bytes-rle.ts'
import type { Budget } from './context.ts'

/** Bytes of a value as text, about. */
const TEXT_BYTES = 48

/** A utf8 column of values that no other type holds; `textAt` gets the place among the values that are there. */
export function textColumn(
  length: number,
  { bits }: Presence,
  budget: Budget,
  textAt: (i: number) => string,
): Column {
  budget.take(length * TEXT_BYTES)
  const builder = createColumnBuilder(types.utf8, Math.max(8, length))
  let from = 0
  for (let i = 0; i < length; i++) {
    if (bits === null || ((bits[i >> 3] as number) >> (i & 7)) & 1) builder.append(textAt(from++))
    else builder.appendNull()
  }
  return builder.finish()
}

/** ISO 8601 with nine digits of a second. */
export function instantText(seconds: number, nanos: number, isZoned: boolean): string {
  const days = Math.floor(seconds / 86_400)
  const clock = seconds - days * 86_400
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  const time = `${two(clock / 3600)}:${two((clock % 3600) / 60)}:${two(clock % 60)}`
  return `${dateText(days)}T${time}.${String(nanos).padStart(9, '0')}${isZoned ? 'Z' : ''}`
}
