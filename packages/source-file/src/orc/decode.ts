import { emptyBatch, sliceBatch } from '@omni/arrow'
import { type Batch, type Column, type DataType, type Field, isFault, type StoredObject } from '@omni/spec'
import { chooseColumns } from '../column-choice.ts'
import type { FormatChunk, FormatRequest } from '../format.ts'
import type { FileOptions } from '../options.ts'
import { BatchTooLarge, Budget, type ColumnReader, NeedsWidening, type StripeContext } from './context.ts'
import { createColumn } from './create-column.ts'
import { damaged, orcFault } from './errors.ts'
import { fieldOfType, nodesOf, type OrcType, projectType, type Widening } from './schema.ts'
import { readStripe, type StripeData } from './stripe.ts'
import { readTail, type Stripe, selectStripes, type Tail } from './tail.ts'
import { createZone, type Zone } from './zone.ts'

/** Rows of the first batch, which shows how large rows are. */
const FIRST_ROWS = 64
/** Batches grow by this at most. */
const GROWTH = 8
/** Bytes of a batch of one row, at most. */
const MAX_ROW_BYTES = 1024 ** 3
/** Restarts after which all columns of a kind are widened at once; a read may restart eight times. */
const ALL_ALIKE = 4
/** Rows of a stripe that has no bytes; only such a stripe can claim more rows than it pays for. */
const MAX_EMPTY_ROWS = 2 ** 31

/** Number of the Java writer, and the version whose short decimals are plain integers. */
const JAVA = 0
const DRAFT = '1.9999'

/** What stays the same through a file. */
interface Plan {
  readonly object: StoredObject
  readonly tail: Tail
  readonly root: OrcType
  readonly stripes: readonly Stripe[]
  readonly request: FormatRequest
  readonly widenings: Map<number, Widening>
  readonly zones: Map<string, Zone>
  readonly defaultZone: string
}

/** Batches of an ORC file in order. */
export async function* decodeOrc(
  object: StoredObject,
  size: number,
  options: FileOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const tail = await readTail(object, size, request.signal)
  const all = asStruct(tail.root)
  const root = projectType(all, chooseColumns(nodesOf(all), options.columns))
  const widenings = new Map<number, Widening>()
  const plan: Plan = {
    object,
    tail,
    root,
    stripes: selectStripes(tail, options.stripes),
    request,
    widenings,
    zones: new Map(),
    defaultZone: options.writerZone ?? 'UTC',
  }
  recall(plan)
  for (let restarts = 0; ; restarts++) {
    try {
      yield* decodeAll(plan)
      return
    } catch (error) {
      if (!(error instanceof NeedsWidening)) throw asFault(error)
      widen(plan, error, restarts >= ALL_ALIKE)
      yield { restart: { why: `Column ${error.column} has a value that its usual type does not hold.` } }
    }
  }
}

/** Damage that shows as a slip of arithmetic is still damage. */
function asFault(error: unknown): unknown {
  const isOurs = error instanceof RangeError || error instanceof TypeError
  return isOurs && !isFault(error) ? damaged('a column cannot be decoded', error) : error
}

/** A file whose root is no struct has one column. */
function asStruct(root: OrcType): OrcType {
  if (root.kind === 'struct') return root
  return { ...root, id: -1, kind: 'struct', children: [root], names: ['value'] }
}

async function* decodeAll(plan: Plan): AsyncGenerator<FormatChunk, void, void> {
  const { stripes, request } = plan
  const fields = plan.root.children.map((child, i) =>
    fieldOfType(plan.root.names[i] as string, child, plan.widenings),
  )
  const rows = stripes.reduce((sum, stripe) => sum + stripe.rows, 0)
  let left = Math.min(request.limit ?? rows, rows)
  if (left === 0) yield { batch: emptyBatch({ fields }) }
  for (const stripe of stripes) {
    if (left === 0) return
    request.signal.throwIfAborted()
    const wanted = Math.min(left, stripe.rows)
    if (wanted > 0) yield* decodeStripe(plan, stripe, wanted, fields)
    left -= wanted
  }
}

async function* decodeStripe(
  plan: Plan,
  stripe: Stripe,
  rows: number,
  fields: readonly Field[],
): AsyncGenerator<FormatChunk, void, void> {
  const { request, tail, root } = plan
  const data = await readStripe(plan.object, tail, root, stripe, request.signal)
  if (!hasValues(root) && rows > MAX_EMPTY_ROWS)
    throw damaged(`stripe ${stripe.number} has rows and no columns`)
  const { chunkRows, chunkBytes } = request.limits
  let batchRows = Math.min(FIRST_ROWS, chunkRows)
  let reader = openStripe(plan, data, fields)
  for (let done = 0; done < rows; ) {
    const count = Math.min(batchRows, rows - done)
    try {
      const { batch, bytes } = reader.next(count, count === 1 ? MAX_ROW_BYTES : 4 * chunkBytes)
      done += count
      const fitting = Math.floor(chunkBytes / Math.max(1, bytes / count))
      batchRows = Math.max(1, Math.min(fitting, batchRows * GROWTH, chunkRows))
      for (const piece of pieces(batch, chunkBytes)) {
        yield { batch: piece }
        request.signal.throwIfAborted()
      }
    } catch (error) {
      if (!(error instanceof BatchTooLarge)) throw error
      if (count === 1)
        throw orcFault(
          'file.orc.size',
          `A row of stripe ${stripe.number} has more than ${MAX_ROW_BYTES} bytes.`,
        )
      // The readers are in the middle of the batch: from the start again, to here.
      batchRows = Math.max(1, count >> 4)
      reader = openStripe(plan, data, fields)
      for (let skipped = 0; skipped < done; ) {
        const step = Math.min(batchRows, done - skipped)
        reader.next(step, MAX_ROW_BYTES)
        skipped += step
      }
    }
  }
}

function hasValues(type: OrcType): boolean {
  return type.children.length > 0 ? type.children.some(hasValues) : type.kind !== 'struct'
}

interface StripeReader {
  next(rows: number, maxBytes: number): { readonly batch: Batch; readonly bytes: number }
}

function openStripe(plan: Plan, data: StripeData, fields: readonly Field[]): StripeReader {
  const budget = new Budget()
  const context: StripeContext = {
    data,
    budget,
    widenings: plan.widenings,
    isHybrid: plan.tail.isHybrid,
    hasDecimal64: plan.tail.version === DRAFT,
    zone: () => zoneOf(plan, data.writerZone ?? plan.defaultZone),
  }
  const type: DataType = { kind: 'struct', fields }
  const root: ColumnReader = createColumn(plan.root, type, context)
  return {
    next(rows, maxBytes) {
      budget.start(maxBytes)
      const { children } = root.read(rows, { bits: null, count: rows })
      return { batch: { schema: { fields }, rows, columns: children }, bytes: budget.used }
    },
  }
}

/** A zone is looked up once for all stripes. */
function zoneOf({ zones, tail }: Plan, name: string): Zone {
  const known = zones.get(name)
  if (known) return known
  const zone = createZone(name, tail.writer === JAVA)
  zones.set(name, zone)
  return zone
}

/** The batch in parts that are small enough, or of one row. */
function* pieces(batch: Batch, maxBytes: number): Generator<Batch, void, void> {
  if (batch.rows <= 1 || sizeOf(batch.columns) <= maxBytes) {
    yield batch
    return
  }
  const middle = batch.rows >> 1
  yield* pieces(sliceBatch(batch, 0, middle), maxBytes)
  yield* pieces(sliceBatch(batch, middle), maxBytes)
}

function sizeOf(columns: readonly Column[]): number {
  return columns.reduce(
    (sum, { values, offsets, validity, children }) =>
      sum + values.length + (offsets?.byteLength ?? 0) + (validity?.length ?? 0) + sizeOf(children),
    0,
  )
}

/** Columns with their paths, which are the same in every file of a stream. */
function* columnPaths(type: OrcType, path: string): Generator<readonly [OrcType, string], void, void> {
  yield [type, path]
  for (const [i, child] of type.children.entries()) yield* columnPaths(child, `${path}/${type.names[i] ?? i}`)
}

/** Begins with the types that another file of the same stream needed. */
function recall({ root, request, widenings }: Plan): void {
  for (const [type, path] of columnPaths(root, 'orc')) {
    const known = request.learned?.get(path)
    if (known === 'us' || known === 'text' || known === 'binary' || known === 'entries')
      widenings.set(type.id, known)
  }
}

/** Widens a column, or all that are of its kind. */
function widen({ root, request, widenings }: Plan, { column, to }: NeedsWidening, isForAll: boolean): void {
  const all = [...columnPaths(root, 'orc')]
  const kind = all.find(([type]) => type.id === column)?.[0].kind
  for (const [type, path] of all) {
    const isMeant =
      type.id === column || (isForAll && type.kind === kind && widenings.get(type.id) !== 'text')
    if (!isMeant) continue
    widenings.set(type.id, to)
    request.learned?.set(path, to)
  }
}
