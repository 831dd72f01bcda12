import { isUtf8 } from 'node:buffer'
import { type CsvRejected, type CsvSplitter, loadKernelsSync } from '@omni/kernels'
import type { Fault, Rejected } from '@omni/spec'
import { toUtf8 } from './encoding.ts'
import { csvFault } from './errors.ts'
import type { CsvPlan } from './plan.ts'

/** Bytes that are split at once: with their fields they fit the second-level cache. */
export const WINDOW_BYTES: number = 256 * 1024
/** Bytes of one record, at most: more is nearly always a quote without its pair. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024

/** What one step found; the splitter holds its rows until the next step. */
export interface Step {
  readonly splitter: CsvSplitter
  readonly rows: number
  readonly rejected: readonly Rejected[]
  /** The line at which the step began. */
  readonly line: number
}

export interface StepOptions {
  readonly signal: AbortSignal
  /** Rows that the next step may hold, at least one. */
  maxRows(): number
  /** Bytes of one step, at most; a longer record still passes. */
  readonly windowBytes: number
  /** The pieces end anywhere: what follows the last line end is not a record. */
  readonly isCut?: boolean
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
  const { windowBytes, signal } = options
  // What is not yet split; pieces may be reused by who gave them, so their bytes are copied in here.
  let held = new Uint8Array(4 * windowBytes)
  let size = 0
  let need = windowBytes
  const at = { offset: 0, line: 1 }
  for await (const piece of toUtf8(pieces, plan.encoding)) {
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

  function* drain(data: Uint8Array, final: boolean): Generator<Step, number, void> {
    let from = 0
    let width = windowBytes
    while (from < data.length) {
      signal.throwIfAborted()
      const to = Math.min(from + width, data.length)
      const isLast = final && to === data.length
      const { line } = at
      const found = splitter.split(data, from, to, { final: isLast, maxRows: options.maxRows(), line })
      if (found.consumed === 0) {
        if (to - from > MAX_RECORD_BYTES) throw tooLong(line)
        if (to === data.length) break
        width *= 2
        continue
      }
      const part = data.subarray(from, from + found.consumed)
      const endless = found.rejected.find(({ start, end }) => end - start > MAX_RECORD_BYTES)
      if (endless) throw tooLong(endless.line)
      const rejected = found.rejected
        .filter((record) => at.offset + record.start !== plan.header.start)
        .map((record) => toRejected(record, part, plan.dialect.columns))
      const gone = dropUnusable(splitter, found.rows, part, plan, at.offset, rejected)
      from += found.consumed
      at.offset += found.consumed
      at.line = found.line
      width = windowBytes
      yield { splitter, rows: found.rows - gone, rejected, line }
    }
    return from
  }
}

function tooLong(line: number): Fault {
  const why = `The record that begins at line ${line} has more than ${MAX_RECORD_BYTES} bytes.`
  return csvFault('file.csv.record-size', why)
}

/** Drops the header, and the rows that hold what no text may; returns how many it dropped. */
function dropUnusable(
  splitter: CsvSplitter,
  rows: number,
  part: Uint8Array,
  plan: CsvPlan,
  offset: number,
  rejected: Rejected[],
): number {
  const gone: number[] = []
  const { start: header } = plan.header
  const isText = isUtf8(part) && !hasNul(part)
  if (isText && (header === null || header < offset || header >= offset + part.length)) return 0
  for (let row = 0; row < rows; row++) {
    const { start, end, line } = splitter.record(row)
    if (offset + start === header) {
      gone.push(row)
      if (isText) break
      continue
    }
    const bytes = part.subarray(start, end)
    const code = hasNul(bytes) ? 'file.csv.nul' : isUtf8(bytes) ? undefined : 'file.csv.utf8'
    if (code === undefined) continue
    gone.push(row)
    const reason = code === 'file.csv.nul' ? 'holds a NUL byte' : 'is not valid UTF-8'
    rejected.push({ locator: `line ${line}`, code, reason, raw: bytes.slice() })
  }
  if (gone.length > 0) splitter.drop(gone)
  return gone.length
}

function hasNul(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(0) >= 0
}

function toRejected(record: CsvRejected, part: Uint8Array, columns: number): Rejected {
  const reasons = {
    ragged: `has ${record.fields} ${record.fields === 1 ? 'field' : 'fields'} where ${columns} belong`,
    quote: 'has text between a closing quote and the next delimiter',
    unclosed: 'opens a quote that is never closed',
  }
  return {
    locator: `line ${record.line}`,
    code: `file.csv.${record.why}`,
    reason: reasons[record.why],
    raw: part.slice(record.start, record.end),
  }
}
