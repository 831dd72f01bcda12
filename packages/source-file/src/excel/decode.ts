import type { DataType, Field, Schema } from '@omni/spec'
import type { FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import type { FileOptions } from '../options.ts'
import type { Book, Sheet } from './book.ts'
import { type CellText, type ColumnSink, createSink, EmptySink, TextSink } from './columns.ts'
import { excelFault } from './errors.ts'
import { namesOf, type Plan, planTable } from './header.ts'
import { type Inferred, inferColumns } from './infer.ts'
import { lookAt } from './look.ts'
import { openBook } from './open.ts'
import { chooseSheet } from './sheets.ts'
import { TableConsumer } from './table.ts'
import { type ColumnKinds, joinKinds, noKinds, typeOf } from './typing.ts'
import { CellValues } from './values.ts'

/** Bytes of values in a batch whatever the limits allow: their offsets are 32 bits. */
const MAX_BATCH_BYTES = 256 * 1024 * 1024
/** What `types` may be; a schema is for text. */
const TYPES: readonly string[] = ['infer', 'exact', 'text']
/** Bytes that one empty cell takes in a batch, about. */
const CELL_BYTES = 5

/**
 * A sheet in batches. When a cell contradicts the types of the sample, the whole sheet is looked at once and read
 * again with the types that hold for all of it, so that the types depend on the file alone.
 */
export async function* decodeExcel(
  input: FormatInput,
  options: FileOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const { signal } = request
  if (!TYPES.includes(options.types)) {
    throw excelFault('file.excel.types', 'A schema of types was given, and the format is excel.')
  }
  const book = await openBook(input, signal)
  const sheet = await chooseSheet(book, input.table, options, signal)
  const values = new CellValues(book)
  const plan = planTable(await lookAt(book, sheet, values, options.skipLines ?? 0, signal), options)
  const isText = options.cells === 'displayed' || options.types === 'text'
  const toText = options.cells === 'displayed' ? await openDisplay(book) : undefined
  const reading: Reading = { book, sheet, plan, values, isText, toText, request }
  const sampled = await inferColumns(book, sheet, plan, values, false, signal)
  const why = yield* decodeAs(reading, sampled)
  if (why === undefined) return
  const inferred = await inferColumns(book, sheet, plan, values, true, signal)
  yield { restart: { why } }
  const again = yield* decodeAs(reading, inferred)
  if (again !== undefined) throw excelFault('file.excel.changed', 'The workbook changed while it was read.')
}

interface Reading {
  readonly book: Book
  readonly sheet: Sheet
  readonly plan: Plan
  readonly values: CellValues
  readonly isText: boolean
  readonly toText: CellText | undefined
  readonly request: FormatRequest
}

async function openDisplay(book: Book): Promise<CellText> {
  const { createDisplay } = await import('./display/cells.ts')
  return createDisplay(book)
}

/** Chunks with the columns that were inferred; returns why when a cell does not fit them. */
async function* decodeAs(
  reading: Reading,
  { firstRow, first, last, kinds }: Inferred,
): AsyncGenerator<FormatChunk, string | undefined, void> {
  const { book, sheet, plan, request } = reading
  const { limits, limit = Number.POSITIVE_INFINITY, signal } = request
  const { names } = namesOf(plan, first, last)
  if (names.length === 0) {
    yield { rows: [] }
    return undefined
  }
  const columns = names.map((name, i) => column(reading, name, kinds.get(first + i)))
  const schema: Schema = { fields: columns.map(({ field }) => field) }
  const maxBytes = Math.min(limits.chunkBytes, MAX_BATCH_BYTES)
  const perBatch = Math.max(1, Math.min(limits.chunkRows, Math.floor(maxBytes / (CELL_BYTES * names.length))))
  const consumer = new TableConsumer({
    schema,
    sinks: columns.map(({ sink }) => sink),
    firstRow,
    firstColumn: first,
    isGrid: plan.isGrid,
    maxRows: perBatch,
    maxBytes: maxBytes - (maxBytes >> 2),
  })
  let total = 0
  let isFirst = true
  const take = (): FormatChunk => {
    isFirst = false
    total += consumer.rows
    return { batch: consumer.finish() }
  }
  for await (const feed of book.read(sheet, signal)) {
    for (let isDone = false; !isDone; ) {
      isDone = feed.pump(consumer)
      signal.throwIfAborted()
      if (consumer.contradiction !== undefined) return consumer.contradiction
      if (consumer.waits) {
        for (let blank = consumer.settle(); blank; blank = consumer.settle()) {
          total += blank.rows
          isFirst = false
          yield { batch: blank }
          if (total >= limit) return undefined
        }
        if (consumer.contradiction !== undefined) return consumer.contradiction
      } else if (!isDone && consumer.rows > 0) yield take()
      if (total + consumer.rows >= limit) break
    }
    if (total + consumer.rows >= limit) break
  }
  if (consumer.rows > 0 || isFirst) yield take()
  return undefined
}

/** A column by what is known of it, from this file and from those before it. */
function column(
  { isText, toText, values, request }: Reading,
  name: string,
  found: ColumnKinds | undefined,
): { readonly field: Field; readonly sink: ColumnSink } {
  if (toText) return { field: fieldOf(name, { kind: 'utf8' }), sink: new TextSink(toText) }
  const learned = request.learned?.get(name)
  const known = isKinds(learned) ? joinKinds(found ?? noKinds(), learned) : (found ?? noKinds())
  request.learned?.set(name, known)
  const type = isText ? { kind: 'utf8' as const } : typeOf(known)
  const sink = !isText && known.kinds === 0 ? new EmptySink() : createSink(type, values)
  return { field: fieldOf(name, type), sink }
}

/** Files of one stream may be of other formats, which learn other things. */
function isKinds(learned: unknown): learned is ColumnKinds {
  return typeof learned === 'object' && learned !== null && 'kinds' in learned && 'hasExponent' in learned
}

function fieldOf(name: string, type: DataType): Field {
  return { name, type, nullable: true }
}
