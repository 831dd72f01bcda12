import { createRowInferrer, normalizeBatch } from '@omni/arrow'
import {
  type Batch,
  type Chunk,
  fault,
  type Limits,
  type Position,
  type Reader,
  type Rejected,
  type Row,
  type Schema,
  type Source,
  type Split,
} from '@omni/spec'
import type { PlannedShare, PlannedStream } from '../plan.ts'
import { createAssembly, type Lessons, PassOver } from './assembly.ts'
import { iterateUntilAborted } from './iterate.ts'
import { createLoans } from './loans.ts'

/** What reading a stream gives the loop, in order. */
export type Intake =
  /** The schema is known: rows follow. Comes once, and again after each `forget`. */
  | { readonly kind: 'begin'; readonly schema: Schema }
  /** All rows and rejected records of this stream so far are void: it is read again. */
  | { readonly kind: 'forget'; readonly why: string }
  | { readonly kind: 'block'; readonly block: Batch }
  | { readonly kind: 'rejected'; readonly records: readonly Rejected[]; readonly split: Split | undefined }
  /** A chunk was taken in; the tally has moved. */
  | { readonly kind: 'chunk' }

/** What came from the source, counted where it comes in. */
export interface Tally {
  rows: number
  rejected: number
  filtered: number
  bytes: number
  /** Position after the last chunk of each share that had one, by split id. */
  readonly positions: Map<string | null, Position>
  /** Rows were cut off inside a chunk that has no position after them: nothing may be acknowledged. */
  isCut: boolean
}

export interface StreamReading {
  readonly source: Source
  readonly reader: Reader
  readonly planned: PlannedStream
  readonly limit: number | undefined
  readonly limits: Limits
  readonly signal: AbortSignal
  /** A block is done with when the next item is asked for, so memory goes back to a source that wants it. */
  readonly reuse?: boolean
}

/** A tally at zero. */
export function createTally(): Tally {
  return { rows: 0, rejected: 0, filtered: 0, bytes: 0, positions: new Map(), isCut: false }
}

/**
 * Reads a stream, its splits in their order, as blocks of one schema. When a later chunk needs wider types, a
 * source with `replay` is read again from the same positions; `tally` always tells of the pass that counts.
 */
export async function* readStream(reading: StreamReading, tally: Tally): AsyncGenerator<Intake> {
  const lessons: Lessons = { target: undefined, restarts: new Map(), anew: 0, inferrer: createRowInferrer() }
  while (true) {
    try {
      yield* readPass(reading, lessons, tally)
      return
    } catch (error) {
      if (!(error instanceof PassOver)) throw error
      reset(tally)
      yield { kind: 'forget', why: error.why }
    }
  }
}

async function* readPass(reading: StreamReading, lessons: Lessons, tally: Tally): AsyncGenerator<Intake> {
  const { limit, planned, source } = reading
  let assembly = createAssembly(source, planned.schema, lessons)
  let loans = createLoans(assembly)
  for (const [i, share] of planned.shares.entries()) {
    if (limit !== undefined && tally.rows >= limit) break
    const id = share.split?.id ?? null
    let toSkip = lessons.restarts.get(id) ?? 0
    for await (const chunk of chunksOf(
      reading,
      share,
      limit === undefined ? undefined : limit - tally.rows,
    )) {
      if ('restart' in chunk) {
        checkRestart(source)
        if (chunk.restart.once) {
          learnAnew(source, lessons)
          throw new PassOver(chunk.restart.why)
        }
        if (toSkip > 0) {
          toSkip--
          continue
        }
        // What the splits before gave stays good, so it is read again up to here; the first split has none.
        if (i > 0) {
          lessons.restarts.set(id, (lessons.restarts.get(id) ?? 0) + 1)
          throw new PassOver(chunk.restart.why)
        }
        assembly = createAssembly(source, planned.schema, lessons)
        loans = createLoans(assembly)
        reset(tally)
        yield { kind: 'forget', why: chunk.restart.why }
        continue
      }
      if (toSkip > 0) continue
      const isCut = yield* takeChunk(chunk, share, limit, assembly, tally)
      if (reading.reuse) loans.take(chunk)
      if (isCut || tally.rows === limit) break
    }
  }
  yield* assembly.finish()
}

/** Counts the chunk and hands it on; true when the limit cut off some of its rows. */
async function* takeChunk(
  chunk: Exclude<Chunk, { restart: unknown }>,
  share: PlannedShare,
  limit: number | undefined,
  assembly: ReturnType<typeof createAssembly>,
  tally: Tally,
): AsyncGenerator<Intake, boolean> {
  const data: readonly Row[] | Batch = 'rows' in chunk ? chunk.rows : await normalizeBatch(chunk.batch)
  const delivered = 'columns' in data ? data.rows : data.length
  const used = limit === undefined ? delivered : Math.min(delivered, limit - tally.rows)
  tally.rows += used
  tally.filtered += chunk.filtered ?? 0
  tally.bytes += chunk.bytes ?? 0
  if (chunk.rejected !== undefined && chunk.rejected.length > 0) {
    tally.rejected += chunk.rejected.length
    yield { kind: 'rejected', records: chunk.rejected, split: share.split }
  }
  yield* assembly.take(data, used, chunk.op ?? 'append')
  if (used < delivered) tally.isCut = true
  // A position covers its whole chunk: after a cut the one before it stays.
  else if (chunk.position !== undefined) tally.positions.set(share.split?.id ?? null, chunk.position)
  yield { kind: 'chunk' }
  return used < delivered
}

function chunksOf(
  reading: StreamReading,
  share: PlannedShare,
  limit: number | undefined,
): AsyncIterable<Chunk> {
  const { reader, planned, limits, signal } = reading
  const chunks = reader.read(planned.stream, share.from, {
    signal,
    limits,
    ...(share.split === undefined ? {} : { split: share.split }),
    ...(limit === undefined ? {} : { limit }),
  })
  return iterateUntilAborted(chunks, signal)
}

function reset(tally: Tally): void {
  Object.assign(tally, { rows: 0, rejected: 0, filtered: 0, bytes: 0, isCut: false })
  tally.positions.clear()
}

/** Passes that readers may ask for by {@link Chunk} `restart.once`. */
const MAX_ANEW = 8

/** The reader knows better now than the passes so far: its next batches decide the schema. */
function learnAnew(source: Source, lessons: Lessons): void {
  if (++lessons.anew > MAX_ANEW) {
    throw fault({
      kind: 'unavailable',
      code: `${source.name}.restless`,
      why: `The stream was begun again ${MAX_ANEW} times and still changes.`,
      fix: 'Collect it again when nothing writes to it any more.',
    })
  }
  lessons.target = undefined
}

function checkRestart(source: Source): void {
  const { restart, replay } = source.capabilities
  if (restart && replay) return
  throw fault({
    kind: 'bug',
    code: `${source.name}.restart`,
    why: `The source ${source.name} began again without saying that it can (capabilities restart and replay).`,
    fix: 'Report it to the author of the source.',
  })
}
