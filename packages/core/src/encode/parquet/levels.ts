import { type Column, fault } from '@omni/spec'
import type { Arena } from '../../digest/arena.ts'

/** One leaf column of a block with its Dremel levels. */
export interface LeafValues {
  readonly column: Column
  /** Definition and repetition levels, one an entry; null when all are the maximum, and 0. */
  readonly defs: Uint8Array | null
  readonly reps: Uint8Array | null
  readonly entries: number
  /** Where in `column` the present values lie, in order; null when they are all of its first `present` ones. */
  readonly index: Int32Array | null
  readonly present: number
}

interface Entries {
  readonly count: number
  /** Index into the column of each entry; -1 where the value, or one around it, is absent. Null: 0, 1, 2 … */
  readonly index: Int32Array | null
  readonly defs: Uint8Array | null
  readonly reps: Uint8Array | null
}

interface Walk {
  readonly out: LeafValues[]
  readonly arena: Arena
}

/** Takes a column of a block apart into leaves, in schema order; they are valid until the arena is reset. Melnik et al., Dremel (2010), section 4.1. */
export function flatten(column: Column, rows: number, arena: Arena): LeafValues[] {
  const out: LeafValues[] = []
  visit(column, { count: rows, index: null, defs: null, reps: null }, 0, 0, false, { out, arena })
  return out
}

function visit(column: Column, around: Entries, def: number, rep: number, isKey: boolean, walk: Walk): void {
  const { out, arena } = walk
  const { kind } = column.type
  const entries = isKey ? checkKeys(column, around) : dropNulls(column, around, def, arena)
  const maxDef = isKey ? def : def + 1
  if (kind === 'struct' && column.children.length > 0) {
    for (const child of column.children) visit(child, entries, maxDef, rep, false, walk)
  } else if (kind === 'list' || kind === 'map') {
    const inside = expand(column.offsets as Int32Array, entries, maxDef, rep + 1, arena)
    column.children.forEach((child, i) => {
      visit(child, inside, maxDef + 1, rep + 1, kind === 'map' && i === 0, walk)
    })
  } else {
    out.push(leafOf(column, entries, arena))
  }
}

/** Entries whose value here is null end with definition level `def`. */
function dropNulls(column: Column, around: Entries, def: number, arena: Arena): Entries {
  const { validity } = column
  const isNull = column.type.kind === 'null'
  if (!isNull && (validity === null || column.nullCount === 0)) {
    if (around.defs === null || around.index === null) return around
    return { ...around, defs: raise(around.defs, around.index, def + 1, arena) }
  }
  const { count } = around
  const index = arena.ints(count)
  const defs = arena.bytes(count)
  for (let i = 0; i < count; i++) {
    const at = around.index ? (around.index[i] as number) : i
    if (at < 0) {
      index[i] = -1
      defs[i] = (around.defs as Uint8Array)[i] as number
    } else if (isNull || !(((validity as Uint8Array)[at >> 3] as number) & (1 << (at & 7)))) {
      index[i] = -1
      defs[i] = def
    } else {
      index[i] = at
      defs[i] = def + 1
    }
  }
  return { count, index, defs, reps: around.reps }
}

/** Levels with `def` where the entry has a value; the input is not changed, its siblings still need it. */
function raise(defs: Uint8Array, index: Int32Array, def: number, arena: Arena): Uint8Array {
  const raised = arena.bytes(defs.length)
  raised.set(defs)
  for (let i = 0; i < raised.length; i++) if ((index[i] as number) >= 0) raised[i] = def
  return raised
}

function checkKeys(column: Column, around: Entries): Entries {
  const { validity } = column
  if (validity === null || column.nullCount === 0) return around
  const { index, count } = around
  for (let i = 0; i < count; i++) {
    const at = index ? (index[i] as number) : i
    if (at >= 0 && !((validity[at >> 3] as number) & (1 << (at & 7)))) {
      throw fault({
        kind: 'data',
        code: 'parquet.map.key',
        why: 'A map has a null key, which Parquet cannot hold.',
        fix: 'Leave the key out in the source, or write with --format ndjson.',
      })
    }
  }
  return around
}

/** One entry an item; an absent or empty list stays one entry. `def` is the level of a list that is there. */
function expand(offsets: Int32Array, lists: Entries, def: number, rep: number, arena: Arena): Entries {
  let count = 0
  for (let i = 0; i < lists.count; i++) {
    const at = lists.index ? (lists.index[i] as number) : i
    count += at < 0 ? 1 : Math.max(1, (offsets[at + 1] as number) - (offsets[at] as number))
  }
  const index = arena.ints(count)
  const defs = arena.bytes(count)
  const reps = arena.bytes(count)
  let to = 0
  for (let i = 0; i < lists.count; i++) {
    const at = lists.index ? (lists.index[i] as number) : i
    const outer = lists.reps ? (lists.reps[i] as number) : 0
    const start = at < 0 ? 0 : (offsets[at] as number)
    const end = at < 0 ? 0 : (offsets[at + 1] as number)
    if (start === end) {
      index[to] = -1
      defs[to] = at < 0 ? ((lists.defs as Uint8Array)[i] as number) : def
      reps[to++] = outer
      continue
    }
    for (let item = start; item < end; item++) {
      index[to] = item
      defs[to] = def + 1
      reps[to++] = item === start ? outer : rep
    }
  }
  return { count, index, defs, reps }
}

function leafOf(column: Column, entries: Entries, arena: Arena): LeafValues {
  const { count, index: all, defs, reps } = entries
  if (all === null) return { column, defs, reps, entries: count, index: null, present: count }
  const index = arena.ints(count)
  let present = 0
  for (let i = 0; i < count; i++) {
    const at = all[i] as number
    if (at >= 0) index[present++] = at
  }
  return { column, defs, reps, entries: count, index: index.subarray(0, present), present }
}
