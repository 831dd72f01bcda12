import {
  BLOCK_ROWS,
  createReblocker,
  type createRowInferrer,
  encodeRows,
  type Reblocker,
  sliceBatch,
} from '@omni/arrow'
import { type Batch, fault, type Row, type Schema, type Source } from '@omni/spec'
import { conform, widenSchema } from './conform.ts'
import { OPERATION, operationOf, withOperation } from './operations.ts'
import type { Intake } from './read-stream.ts'

/** What earlier passes over a stream have taught. */
export interface Lessons {
  /** The schema that holds all rows seen; undefined before the first pass. */
  target: Schema | undefined
  /** How often the reader restarts a share before its types are wide enough, by split id. */
  readonly restarts: Map<string | null, number>
  /** Passes that the reader asked for because it learned, or because the system changed. */
  anew: number
  readonly inferrer: ReturnType<typeof createRowInferrer>
}

/** Thrown to end a pass over a stream and begin the next. */
export class PassOver {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

/** Turns the rows and batches of one pass into blocks of one schema. */
export interface Assembly {
  /** Rows taken, and those of them that are in no block yet. */
  readonly taken: number
  readonly held: number
  /** Takes the first `used` rows. */
  take(data: readonly Row[] | Batch, used: number, op: string): Generator<Intake>
  finish(): Generator<Intake>
}

/**
 * The schema is the declared one, else what earlier passes taught, else that of the first batch or of the first
 * block's worth of rows. When something does not fit, the rest of the pass only widens the schema, so that the
 * next pass holds everything.
 */
export function createAssembly(source: Source, declared: Schema | undefined, lessons: Lessons): Assembly {
  const hasChanges = source.capabilities.changes === true
  const fixed = declared && hasChanges ? { fields: [OPERATION, ...declared.fields] } : declared
  let target = lessons.target ?? fixed
  let reblocker: Reblocker | undefined
  let failure: string | undefined
  let held: Row[] = []
  let taken = 0

  function* begin(schema: Schema): Generator<Intake> {
    target = schema
    reblocker = createReblocker(schema)
    yield { kind: 'begin', schema }
  }
  function tooNarrow(wider: Schema, why: string): void {
    if (!source.capabilities.replay) throw notReplayable(why)
    failure ??= why
    lessons.target = wider
  }
  function* push(batch: Batch): Generator<Intake> {
    const known = failure === undefined ? target : lessons.target
    const wider = known === undefined ? batch.schema : widenSchema(known, batch.schema)
    if (failure !== undefined || (known !== undefined && wider !== known)) {
      tooNarrow(wider, 'A later part of the stream has wider types.')
      return
    }
    if (reblocker === undefined) yield* begin(wider)
    for (const block of (reblocker as Reblocker).push(conform(batch, wider))) yield { kind: 'block', block }
  }
  function* pushRows(rows: readonly Row[]): Generator<Intake> {
    if (rows.length === 0) return
    if (fixed !== undefined) {
      yield* push(encodeRows(rows, fixed))
      return
    }
    if (failure !== undefined) {
      const seen = lessons.inferrer.infer(rows)
      lessons.target = lessons.target === undefined ? seen : widenSchema(lessons.target, seen)
      return
    }
    target ??= lessons.inferrer.infer(rows.slice(0, BLOCK_ROWS))
    const { batch, contradiction } = lessons.inferrer.encode(rows, target)
    if (batch) yield* push(batch)
    else
      tooNarrow(contradiction.wider, `Column ${JSON.stringify(contradiction.column)}: ${contradiction.why}`)
  }
  function* release(): Generator<Intake> {
    const rows = held
    held = []
    yield* pushRows(rows)
  }

  return {
    get taken() {
      return taken
    },
    get held() {
      return held.length + (reblocker?.pending ?? 0)
    },
    *take(data, used, op) {
      taken += used
      const operation = operationOf(source, op)
      if ('columns' in data) {
        yield* release()
        if (used === 0 && data.rows > 0) return
        const batch = used < data.rows ? sliceBatch(data, 0, used) : data
        yield* push(operation === undefined ? batch : withOperation(batch, operation))
        return
      }
      const rows = used < data.length ? data.slice(0, used) : data
      const marked =
        operation === undefined ? rows : rows.map((row) => ({ [OPERATION.name]: operation, ...row }))
      if (target !== undefined || failure !== undefined) {
        yield* pushRows(marked)
        return
      }
      for (const row of marked) held.push(row)
      if (held.length >= BLOCK_ROWS) yield* release()
    },
    *finish() {
      yield* release()
      if (failure !== undefined) throw new PassOver(failure)
      if (reblocker === undefined) yield* begin(target ?? { fields: [] })
      const last = (reblocker as Reblocker).flush()
      if (last !== undefined) yield { kind: 'block', block: last }
    },
  }
}

function notReplayable(why: string): Error {
  return fault({
    kind: 'data',
    code: 'stream.contradiction',
    why: `${why} What was read before cannot be read again.`,
    fix: 'Declare the types in the options of the source, or collect less at a time.',
  })
}
