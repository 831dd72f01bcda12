import type { CsvKinds } from '@omni/kernels'
import type { Rejected, Schema } from '@omni/spec'
import type { FormatChunk, FormatInput, FormatRequest, Repaired } from '../format.ts'
import type { FileOptions } from '../options.ts'
import { createBatchSink } from './columns.ts'
import { parseDeclared } from './declared.ts'
import type { Enforced } from './enforce.ts'
import { csvFault } from './errors.ts'
import { type Peeked, peek } from './peek.ts'
import { type CsvPlan, planCsv } from './plan.ts'
import { readRecords, type Step, WINDOW_BYTES } from './records.ts'
import { type ColumnType, fieldOf, isKinds, joinKinds, NO_KINDS, TEXT, typeOf } from './typing.ts'

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
  const known = knownTypes(plan, options)
  const peeked = await peek(input.open(true), Math.min(SAMPLE_BYTES, request.limits.bufferBytes))
  const sampled = await sampleTypes(peeked, plan, known, request)
  const contradiction = yield* decodeAs(peeked.all(), plan, sampled, known, request)
  if (contradiction === undefined) return
  const types = await inferTypes(input.open(true), plan, known, request, false)
  yield { restart: { why: contradiction } }
  const again = yield* decodeAs(input.open(true), plan, types, known, request)
  if (again !== undefined) throw csvFault('file.csv.changed', 'The file changed while it was read.')
}

/** The columns whose types nobody has to find, by their number. */
type Known = ReadonlyMap<number, Enforced>

function knownTypes({ header }: CsvPlan, { types }: FileOptions): Known {
  const all = header.names.map((name, column) => ({ column, name, type: TEXT }))
  if (types === 'text') return new Map(all.map((one) => [one.column, one]))
  if (types === 'infer' || types === 'exact') return new Map()
  const declared = parseDeclared(types)
  const missing = [...declared.keys()].filter((name) => !header.names.includes(name)).length
  if (missing > 0) {
    const why = `${missing} of the columns in the schema of types ${missing === 1 ? 'is' : 'are'} not in the file.`
    throw csvFault('file.csv.types', why)
  }
  const found = all.flatMap((one) => {
    const type = declared.get(one.name)
    return type ? [[one.column, { ...one, type }] as const] : []
  })
  return new Map(found)
}

/** The types that hold for the head of the stream, which is closed when finding them fails. */
async function sampleTypes(
  peeked: Peeked,
  plan: CsvPlan,
  known: Known,
  request: FormatRequest,
): Promise<ColumnType[]> {
  try {
    return await inferTypes(peeked.head(), plan, known, request, !peeked.isComplete)
  } catch (error) {
    await peeked.close()
    throw error
  }
}

/** The types that hold for every value of these pieces, and for what other files of the stream have taught. */
async function inferTypes(
  pieces: AsyncIterable<Uint8Array>,
  plan: CsvPlan,
  known: Known,
  request: FormatRequest,
  isCut: boolean,
): Promise<ColumnType[]> {
  const { names } = plan.header
  const { signal, learned } = request
  const kinds: CsvKinds[] = names.map((name) => {
    const before = learned?.get(name)
    return isKinds(before) ? before : NO_KINDS
  })
  const open = kinds.map((_, column) => column).filter((column) => !known.has(column))
  if (open.length > 0) {
    const windowBytes = windowOf(request)
    const steps = readRecords(pieces, plan, { signal, isCut, windowBytes, maxRows: () => Infinity })
    for await (const step of steps) {
      if (step.rows === 0) continue
      for (const column of open) {
        const before = kinds[column]!
        // What is text stays text.
        if (typeOf(before) !== TEXT || before.kinds === 0)
          kinds[column] = joinKinds(before, step.splitter.kinds(column))
      }
    }
  }
  for (const column of open) learned?.set(names[column]!, kinds[column]!)
  return kinds.map((found, column) => known.get(column)?.type ?? typeOf(found))
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
  known: Known,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, string | undefined, void> {
  const { limits, limit = Infinity, signal } = request
  const schema: Schema = { fields: plan.header.names.map((name, i) => fieldOf(name, types[i] ?? TEXT)) }
  const sink = createBatchSink(schema, types, request.memory)
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
  const enforced = [...known.values()]
  for await (const step of readRecords(pieces, plan, { signal, windowBytes, maxRows, enforced })) {
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
