import { joinShapes, observeKeys, type Shape } from '@omni/arrow'
import { toRow } from './record.ts'
import { BARE_NAME } from './tree.ts'

/** What is known of the columns of a file. */
export interface KnownTypes {
  columns: Map<string, Shape>
  /** There are more names than there may be columns: each record is one JSON text. */
  isWhole: boolean
}

/** Names of columns, at most. Records with more are dictionaries by nature. */
const MAX_COLUMNS = 4096
/** Columns with those inside them, at most. */
const MAX_NODES = 5000
const TEXT: Shape = { kind: 'text' }

/** What this format puts into {@link FormatRequest.learned} for a column. */
interface LearnedShape {
  readonly json: Shape
}

/** What earlier passes over the files of the stream have found. */
export function startKnown(learned: ReadonlyMap<string, unknown> | undefined): KnownTypes {
  const known: KnownTypes = { columns: new Map(), isWhole: false }
  for (const [name, entry] of learned ?? []) {
    if (isLearned(entry)) known.columns.set(name, joinShapes(entry.json, { kind: 'null' }))
  }
  return known
}

/** Adds what was found to what others found meanwhile. */
export function saveKnown(known: KnownTypes, learned: Map<string, unknown> | undefined): void {
  if (learned === undefined) return
  for (const [name, shape] of known.columns) {
    const entry = learned.get(name)
    learned.set(name, { json: joinShapes(isLearned(entry) ? entry.json : { kind: 'null' }, shape) })
  }
}

function isLearned(entry: unknown): entry is LearnedShape {
  return typeof entry === 'object' && entry !== null && 'json' in entry
}

/** Widens the columns for a record. */
export function observeRecord(known: KnownTypes, value: unknown): void {
  if (known.isWhole) return
  observeKeys(known.columns, toRow(value))
  if (known.columns.size <= MAX_COLUMNS) return
  known.isWhole = true
  known.columns = new Map([[BARE_NAME, TEXT]])
}

/** Where columns have too many columns inside them, the largest become JSON text. */
export function boundNodes(known: KnownTypes): void {
  const sizes = [...known.columns].map(([name, shape]) => ({ name, size: sizeOf(shape) }))
  let all = sizes.reduce((sum, { size }) => sum + size, 0)
  if (all <= MAX_NODES) return
  for (const { name, size } of sizes.sort((a, b) => b.size - a.size)) {
    if (all <= MAX_NODES) return
    known.columns.set(name, TEXT)
    all -= size - 1
  }
}

function sizeOf(shape: Shape): number {
  if (shape.kind === 'list') return 1 + sizeOf(shape.item)
  if (shape.kind !== 'struct') return 1
  let size = 1
  for (const field of shape.fields.values()) size += sizeOf(field)
  return size
}
