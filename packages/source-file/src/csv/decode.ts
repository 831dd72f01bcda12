import type { CsvKinds } from '@omni/kernels'
import type { Rejected, Schema } from '@omni/spec'
import type { FormatChunk, FormatInput, FormatRequest, Repaired } from '../format.ts'
import type { FileOptions } from '../options.ts'
import { createBatchSink } from './columns.ts'
import { csvFault } from './errors.ts'
import { type Peeked, peek } from './peek.ts'
import { type CsvPlan, planCsv } from './plan.ts'
import { readRecords, type Step, WINDOW_BYTES } from './records.ts'
import { type ColumnType, fieldOf, joinKinds, NO_KINDS, TEXT, typeOf } from './typing.ts'

/** Bytes from which the types are inferred before the first batch: about a block of rows. */
const SAMPLE_BYTES = 1024 * 1024
/** Rejected records of one chunk, at most. */
const REJECTED_ROWS = 1000
/** Bytes of values in a batch whatever the limits allow: their offsets are 32 bits. */
const MAX_BATCH_BYTES = 256 * 1024 * 1024

/**
 * A CSV in batches. When a value contradicts the types of the sample, the whole file is looked at once and
 * read again with the types that hold for all of it, so that the types depend on the file alone.
 */
export async function* decodeCsv(
  input: FormatInput,
  options: FileOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const plan = planCsv(input.head, input.fileName, options)
  // A file without records is a table without columns.
  if (!plan) return
  const peeked = await peek(input.open(true), Math.min(SAMPLE_BYTES, request.limits.bufferBytes))
  const sampled = await sampleTypes(peeked, plan, options, request)
  const contradiction = yield* decodeAs(peeked.all(), plan, sampled, request)
  if (contradiction === undefined) return
  const types = await inferTypes(input.open(true), plan, request, false)
  yield { restart: { why: contradiction } }
  const again = yield* decodeAs(input.open(true), plan, types, request)
  if (again !== undefined) throw csvFault('file.csv.changed', 'The file changed while it was read.')
}

/** The types that hold for the head of the stream, which is closed when finding them fails. */
async function sampleTypes(
  peeked: Peeked,
  plan: CsvPlan,
  options: FileOptions,
  request: FormatRequest,
): Promise<ColumnType[]> {
  if (options.types === 'text') return plan.header.names.map(() => TEXT)
  try {
    return await inferTypes(peeked.head(), plan, request, !peeked.isComplete)
  } catch (error) {
    await peeked.close()
    throw error
  }
}

/** The types that hold for every value of these pieces. */
async function inferTypes(
  pieces: AsyncIterable<Uint8Array>,
  plan: CsvPlan,
  request: FormatRequest,
  isCut: boolean,
): Promise<ColumnType[]> {
  const kinds: CsvKinds[] = plan.header.names.map(() => NO_KINDS)
  const { signal } = request
  const windowBytes = windowOf(request)
  for await (const step of readRecords(pieces, plan, {
    signal,
    isCut,
    windowBytes,
    maxRows: () => Infinity,
  })) {
    if (step.rows === 0) continue
    kinds.forEach((known, column) => {
      // What is text stays text.
      if (typeOf(known) !== TEXT || known.kinds === 0)
        kinds[column] = joinKinds(known, step.splitter.kinds(column))
    })
  }
  return kinds.map(typeOf)
}

/** A step's values, in whatever type, stay well below a chunk. */
function windowOf({ limits }: FormatRequest): number {
  return Math.max(4096, Math.min(WINDOW_BYTES, limits.chunkBytes >> 3))
}

/** Chunks with these types; returns why when a value is not of its column's type. */
async function* decodeAs(
  pieces: AsyncIterable<Uint8Array>,
  plan: CsvPlan,
  types: readonly ColumnType[],
  request: FormatRequest,
): AsyncGenerator<FormatChunk, string | undefined, void> {
  const { limits, limit = Infinity, signal } = request
  const schema: Schema = { fields: plan.header.names.map((name, i) => fieldOf(name, types[i] ?? TEXT)) }
  const sink = createBatchSink(schema, types)
  const windowBytes = windowOf(request)
  const batchBytes = Math.min(limits.chunkBytes, MAX_BATCH_BYTES) - windowBytes
  let rejected: Rejected[] = []
  let repaired: Repaired[] = []
  let rejectedBytes = 0
  let total = 0
  let isFirst = true
  const take = (): FormatChunk => {
    const chunk = {
      batch: sink.finish(),
      ...(rejected.length > 0 ? { rejected } : {}),
      ...(repaired.length > 0 ? { repaired } : {}),
    }
    rejected = []
    repaired = []
    rejectedBytes = 0
    isFirst = false
    return chunk
  }
  const maxRows = (): number => Math.min(limits.chunkRows - sink.rows, limit - total)
  if (limit <= 0) {
    yield take()
    return undefined
  }
  for await (const step of readRecords(pieces, plan, { signal, windowBytes, maxRows })) {
    const wrong = sink.add(step.splitter, step.rows)
    if (wrong) return contradiction(step, wrong, types)
    total += step.rows
    for (const record of step.repaired) repaired.push(record)
    for (const record of step.rejected) {
      rejected.push(record)
      rejectedBytes += record.raw?.length ?? 0
    }
    if (
      sink.rows >= limits.chunkRows ||
      sink.bytes + rejectedBytes >= batchBytes ||
      rejected.length >= REJECTED_ROWS
    ) {
      yield take()
    }
    if (total >= limit) break
  }
  if (isFirst || sink.rows > 0 || rejected.length > 0 || repaired.length > 0) yield take()
  return undefined
}

function contradiction(
  step: Step,
  { column, row }: { readonly column: number; readonly row: number },
  types: readonly ColumnType[],
): string {
  const { line } = step.splitter.record(row)
  return `Line ${line}: column ${column + 1} is not always ${types[column]?.type.kind}.`
}
