import { maskText } from '@omni/core'

/**
 * A copy in which the names of streams, splits and columns, and the notes on them, hold nothing personal: before a
 * collect they are as the source has them, and a file may be called after a person.
 */
export function maskNames<Value>(value: Value): Value {
  return copy(value, '') as Value
}

const NAMES: ReadonlySet<string> = new Set(['name', 'id', 'notes'])

function copy(value: unknown, key: string): unknown {
  if (typeof value === 'string') return NAMES.has(key) ? maskText(value) : value
  if (Array.isArray(value)) return value.map((item) => copy(item, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, copy(item, inner)]))
}
