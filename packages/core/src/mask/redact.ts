import { valueWidth } from '@omni/arrow'
import type { Column } from '@omni/spec'
import { FRESH, type Memory } from '../digest/arena.ts'
import { type Kind, REPLACEMENTS } from './kinds.ts'

/** The class that replaces value i, or 0 to leave it. */
export type Pick = (i: number) => Kind | 0

/** Picks every value. */
export function pickAll(kind: Kind): Pick {
  return () => kind
}

/**
 * The column with the picked values replaced whole: text and bytes by a token (empty ones stay empty), every
 * other type by null, nested ones down to their leaves. Calls `count` for each value replaced.
 */
export function redactColumn(
  column: Column,
  pick: Pick,
  count: (kind: Kind) => void,
  memory: Memory = FRESH,
): Column {
  const { type, length, children } = column
  switch (type.kind) {
    case 'null':
      return column
    case 'utf8':
    case 'binary':
      return redactText(column, pick, count, memory)
    case 'struct':
      return {
        ...column,
        children: children.map((child) =>
          redactColumn(child, (i) => presentPick(column, pick, i), count, memory),
        ),
      }
    case 'list':
    case 'map': {
      const picks = spreadPicks(column, pick)
      const below: Pick = (i) => (picks[i] ?? 0) as Kind | 0
      return {
        ...column,
        length,
        children: children.map((child) => redactColumn(child, below, count, memory)),
      }
    }
    default:
      return redactFixed(column, pick, count)
  }
}

function presentPick(column: Column, pick: Pick, i: number): Kind | 0 {
  return isNull(column, i) ? 0 : pick(i)
}

function spreadPicks(column: Column, pick: Pick): Uint8Array {
  const offsets = column.offsets!
  const picks = new Uint8Array(offsets[column.length]!)
  for (let i = 0; i < column.length; i++) {
    const kind = pick(i)
    if (kind !== 0) picks.fill(kind, offsets[i]!, offsets[i + 1]!)
  }
  return picks
}

function redactText(column: Column, pick: Pick, count: (kind: Kind) => void, memory: Memory): Column {
  const { length, offsets, values } = column
  const kinds = memory.bytes(length).fill(0)
  let size = 0
  let any = false
  for (let i = 0; i < length; i++) {
    const bytes = offsets![i + 1]! - offsets![i]!
    const kind = bytes === 0 ? 0 : pick(i)
    if (kind === 0) {
      size += bytes
      continue
    }
    any = true
    kinds[i] = kind
    size += isNull(column, i) ? 0 : REPLACEMENTS[kind * 4]!.length
  }
  if (!any) return column
  const out = memory.bytes(size)
  const moved = memory.ints(length + 1)
  moved[0] = 0
  let to = 0
  for (let i = 0; i < length; i++) {
    const kind = kinds[i]! as Kind | 0
    if (kind === 0) {
      out.set(values.subarray(offsets![i]!, offsets![i + 1]!), to)
      to += offsets![i + 1]! - offsets![i]!
    } else if (!isNull(column, i)) {
      const token = REPLACEMENTS[kind * 4]!
      // A loop is faster than a call for so few bytes.
      for (let j = 0; j < token.length; j++) out[to++] = token[j]!
      count(kind)
    }
    moved[i + 1] = to
  }
  return { ...column, offsets: moved, values: out }
}

function redactFixed(column: Column, pick: Pick, count: (kind: Kind) => void): Column {
  const { length, type } = column
  let validity: Uint8Array | null = null
  let values: Uint8Array | null = null
  let nulls = column.nullCount
  const width = valueWidth(type)
  for (let i = 0; i < length; i++) {
    const kind = pick(i)
    if (kind === 0) continue
    // The bytes under a null are cleared too: they would still be in memory and in some encodings.
    values ??= column.values.slice(0, width === 0 ? (length + 7) >> 3 : length * width)
    if (width === 0) values[i >> 3]! &= ~(1 << (i & 7))
    else values.fill(0, i * width, (i + 1) * width)
    if (isNull(column, i)) continue
    validity ??= column.validity?.slice() ?? allPresent(length)
    validity[i >> 3]! &= ~(1 << (i & 7))
    nulls++
    count(kind)
  }
  if (values === null) return column
  return { ...column, values, validity: validity ?? column.validity, nullCount: nulls }
}

function allPresent(length: number): Uint8Array {
  const bits = new Uint8Array((length + 7) >> 3).fill(0xff)
  if ((length & 7) !== 0) bits[bits.length - 1] = (1 << (length & 7)) - 1
  return bits
}

/** True where value i is absent. */
export function isNull(column: Column, i: number): boolean {
  return column.validity !== null && ((column.validity[i >> 3]! >> (i & 7)) & 1) === 0
}

/** The class a map's key text gives to its value. */
export function pickByKey(
  keys: Column,
  kindOfKey: (b: Uint8Array, start: number, end: number) => Kind | 0,
): Pick {
  const offsets = keys.offsets!
  return (i) => kindOfKey(keys.values, offsets[i]!, offsets[i + 1]!)
}
