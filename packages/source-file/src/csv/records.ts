import { type CsvRejected, type CsvSplitter, loadKernelsSync } from '@omni/kernels'
import type { Fault, Rejected } from '@omni/spec'
import type { Repaired } from '../format.ts'
import { toUtf8 } from './encoding.ts'
import { type Enforced, enforce } from './enforce.ts'
import { csvFault } from './errors.ts'
import { createJudge, type Verdicts } from './judge.ts'
import type { CsvPlan } from './plan.ts'
import { settle } from './region.ts'
import { createSieve } from './sieve.ts'

/** Bytes that are split at once: with their fields they fit the second-level cache. */
export const WINDOW_BYTES: number = 256 * 1024
/** Bytes of one record, at most: more is nearly always a quote without its pair. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024

/** After so many records without a reading, the others have none either. */
const HOPELESS = 200

/** What one step found; the splitter holds its rows until the next step. */
export interface Step {
  readonly splitter: CsvSplitter
  readonly rows: number
  readonly rejected: readonly Rejected[]
  readonly repaired: readonly Repaired[]
}

export interface StepOptions {
  readonly signal: AbortSignal
  /** Rows that the next step may hold, at least one. */
  maxRows(): number
  /** Bytes of one step, at most; a longer record still passes. */
  readonly windowBytes: number
  /** The pieces end anywhere: what follows the last line end is not a record. */
  readonly isCut?: boolean
  /** Columns whose types the rows must have. */
  readonly enforced?: readonly Enforced[]
}

/** All records of a file after its header, step by step. */
export async function* readRecords(
  pieces: AsyncIterable<Uint8Array>,
  plan: CsvPlan,
  options: StepOptions,
): AsyncGenerator<Step, void, void> {
  const splitter = loadKernelsSync().createCsvSplitter(plan.dialect)
  try {
    yield* stepThrough(splitter, pieces, plan, options)
  } finally {
    splitter.release()
  }
}

async function* stepThrough(
  splitter: CsvSplitter,
  pieces: AsyncIterable<Uint8Array>,
  plan: CsvPlan,
  options: StepOptions,
): AsyncGenerator<Step, void, void> {
  const { windowBytes } = options
  // What is not yet split; pieces may be reused by who gave them, so their bytes are copied in here. It grows with the
  // first piece: of thousands of small files each would cost a collection of garbage for memory it does not need.
  let held = new Uint8Array(0)
  let size = 0
  let need = windowBytes
  let above = plan.dataStart
  const drain = createDrain(splitter, plan, options)
  if (plan.preamble.length + plan.repaired.length > 0) {
    yield { splitter, rows: 0, rejected: plan.preamble, repaired: plan.repaired }
  }
  for await (let piece of toUtf8(pieces, plan.encoding)) {
    const cut = Math.min(above, piece.length)
    above -= cut
    piece = piece.subarray(cut)
    if (size + piece.length > held.length) {
      const larger = new Uint8Array(Math.max(2 * held.length, size + piece.length))
      larger.set(held.subarray(0, size))
      held = larger
    }
    held.set(piece, size)
    size += piece.length
    if (size < need) continue
    const consumed = yield* drain(held.subarray(0, size), false)
    held.copyWithin(0, consumed, size)
    size -= consumed
    // Twice the rest, so that a long record is not looked at anew for every piece of it.
    need = Math.min(Math.max(windowBytes, 2 * size), MAX_RECORD_BYTES + windowBytes)
  }
  if (size > 0) yield* drain(held.subarray(0, size), options.isCut !== true)
}

/** Splits what is held, window by window; returns how much of it is done. */
function createDrain(
  splitter: CsvSplitter,
  plan: CsvPlan,
  { signal, windowBytes, maxRows, enforced = [] }: StepOptions,
): (data: Uint8Array, final: boolean) => Generator<Step, number, void> {
  const judge = createJudge(plan)
  const sieve = createSieve(splitter, plan)
  let line = plan.dataLine
  let [tried, mended] = [0, 0]
  return function* drain(data, final) {
    let from = 0
    let width = windowBytes
    let to = 0
    // What is left of the window is in the splitter's memory already.
    let again = false
    while (from < data.length) {
      signal.throwIfAborted()
      if (!again) to = Math.min(from + width, data.length)
      const isLast = final && to === data.length
      const most = maxRows()
      const found = splitter.split(data, from, to, { final: isLast, maxRows: most, line, again })
      let doubtful = found.halted ? found.rejected[found.rejected.length - 1] : undefined
      if (found.consumed === 0) {
        if (again) {
          again = false
          continue
        }
        if (to - from <= MAX_RECORD_BYTES) {
          if (to === data.length) break
          width *= 2
          continue
        }
        doubtful = { start: 0, end: to - from, line, fields: 1, why: 'unclosed', before: 0 }
      }
      const verdicts: Verdicts = { inserted: [], repaired: [], rejected: [] }
      const rest = data.subarray(from)
      for (const record of found.rejected) if (record !== doubtful) judge.judge(record, rest, verdicts)
      let { consumed } = found
      let nextLine = found.line
      if (doubtful) {
        const { start } = doubtful
        const end = { ...doubtful, next: Math.max(consumed, doubtful.end) }
        const isWorth = plan.repairs && (mended > 0 || tried < HOPELESS)
        const settled = settle(rest, start, end, plan.fitting, final, isWorth)
        if (settled) {
          tried++
          if (settled.mended) mended++
          const place = { ...doubtful, end: settled.end }
          expectShort(place)
          judge.conclude(place, rest, settled.mended, verdicts)
          consumed = settled.next
          nextLine = doubtful.line + settled.lines
        } else {
          // Its end is not in sight: it is looked at anew with what comes.
          consumed = start
          nextLine = doubtful.line
          if (consumed === 0 && from + Math.max(width, 1) >= data.length) break
        }
      }
      if (consumed === 0 && verdicts.rejected.length === 0) {
        again = false
        width *= 2
        continue
      }
      splitter.insert(verdicts.inserted)
      const rows = found.rows + verdicts.inserted.length
      const dropped = sieve(rows, rest.subarray(0, consumed), verdicts.rejected)
      const kept = enforce(splitter, rows - dropped, plan.dialect.columns, enforced, rest, verdicts.rejected)
      from += consumed
      line = nextLine
      again = from < to && (found.halted || found.rows + found.rejected.length >= most)
      width = windowBytes
      yield { splitter, rows: kept, rejected: verdicts.rejected, repaired: verdicts.repaired }
    }
    return from
  }
}

/** A record that is kept nowhere is quarantined whole, and so must not be endless. */
function expectShort(record: CsvRejected): void {
  if (record.end - record.start > MAX_RECORD_BYTES) throw tooLong(record.line)
}

function tooLong(line: number): Fault {
  const why = `The record that begins at line ${line} has more than ${MAX_RECORD_BYTES} bytes.`
  return csvFault('file.csv.record-size', why)
}
