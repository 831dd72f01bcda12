import { isUtf8 } from 'node:buffer'
import type { CsvSplitter } from '@omni/kernels'
import type { Rejected } from '@omni/spec'
import type { CsvPlan } from './plan.ts'
import { fits, isTelling } from './profile.ts'
import { fieldText, type Scanned, scanRecord } from './scan.ts'

/**
 * Drops the rows of a step that are no rows of the table: comments, the header once more, notes beside the table, and
 * what no text may hold. Returns how many it dropped; `part` is what the step is of.
 */
export type Sieve = (rows: number, part: Uint8Array, rejected: Rejected[]) => number

/** A sieve for one pass over a file. Where nothing is repaired, nothing is taken for a note or a header either. */
export function createSieve(splitter: CsvSplitter, plan: CsvPlan): Sieve {
  const { header, comment, dialect } = plan
  const key = headerKey(header.raw, dialect.quote)
  const run = emptyRun(plan)
  return (rows, part, rejected) => {
    const gone = new Set<number>()
    const drop = (row: number, code: string, reason: string): void => {
      const { start, end, line } = splitter.record(row)
      if (gone.has(row)) return
      gone.add(row)
      rejected.push({ locator: `line ${line}`, code, reason, raw: part.slice(start, end) })
    }
    if (comment >= 0) {
      for (let row = 0; row < rows; row++) if (part[splitter.record(row).start] === comment) gone.add(row)
    }
    for (const row of plan.repairs ? headersAgain(part, rows, key) : []) {
      drop(row, 'file.csv.header-again', 'holds the names of the columns once more')
    }
    for (const row of notes(part, rows))
      drop(row, 'file.csv.note', 'holds nothing, or a note beside the table')
    if (!isUtf8(part) || hasNul(part)) {
      for (let row = 0; row < rows; row++) {
        const { start, end } = splitter.record(row)
        const bytes = part.subarray(start, end)
        if (hasNul(bytes)) drop(row, 'file.csv.nul', 'holds a NUL byte')
        else if (!isUtf8(bytes)) drop(row, 'file.csv.utf8', 'is not valid UTF-8')
      }
    }
    if (gone.size > 0) splitter.drop([...gone].sort((a, b) => a - b))
    return gone.size
  }

  function* headersAgain(part: Uint8Array, rows: number, start: Uint8Array): Generator<number, void, void> {
    if (start.length === 0 || rows === 0) return
    const view = Buffer.from(part.buffer, part.byteOffset, part.length)
    for (let at = view.indexOf(start); at >= 0; at = view.indexOf(start, at + 1)) {
      if (at > 0 && part[at - 1] !== 10 && part[at - 1] !== 13) continue
      const scanned = scanRecord(part, at, part.length, dialect, true)
      const row = scanned ? rowAt(at, rows) : -1
      if (scanned && row >= 0 && isHeader(scanned, part)) yield row
    }
  }

  function isHeader({ fields }: Scanned, part: Uint8Array): boolean {
    const { cells } = header
    return (
      fields.length === cells.length &&
      fields.every((field, i) => fieldText(part, field, dialect) === cells[i])
    )
  }

  /** The row that begins at `start`, or -1. */
  function rowAt(start: number, rows: number): number {
    let [low, high] = [0, rows - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = splitter.record(middle).start
      if (found === start) return middle
      if (found < start) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** Rows with nothing but a text in the first column that is not like it, found by their many delimiters. */
  function* notes(part: Uint8Array, rows: number): Generator<number, void, void> {
    if (run.length === 0 || rows === 0) return
    const view = Buffer.from(part.buffer, part.byteOffset, part.length)
    for (let at = view.indexOf(run); at >= 0; at = view.indexOf(run, at + 1)) {
      const end = at + run.length
      if (end < part.length && part[end] !== 10 && part[end] !== 13) continue
      const lineStart = Math.max(view.lastIndexOf(10, at), view.lastIndexOf(13, at)) + 1
      const row = rowAt(lineStart, rows)
      if (row < 0) continue
      const { fields } = scanRecord(part, lineStart, end, dialect, true)!
      const { from, to, isQuoted } = fields[0]!
      const isRow =
        fields.length !== dialect.columns || fields.slice(1).some((field) => field.to > field.from)
      if (!isRow && !fits(plan.fitting.profiles[0]!, part.subarray(from, to), isQuoted)) yield row
    }
  }
}

/** The delimiters of a row with nothing but its first field; none where such a row is one like others. */
function emptyRun({ fitting, dialect }: CsvPlan): Uint8Array {
  const { profiles } = fitting
  const filled = profiles.filter(({ nulls }, column) => column > 0 && nulls === 0)
  if (!isTelling(profiles) || filled.length < 2) return new Uint8Array()
  const delimiter = Buffer.from([dialect.delimiter, ...(dialect.delimiterTail ?? [])])
  return Buffer.concat(Array.from({ length: dialect.columns - 1 }, () => delimiter))
}

/** The start of a header as it is written, up to the first quote within; nothing where that is too little. */
function headerKey(raw: Uint8Array, quote: number): Uint8Array {
  const within = quote < 0 ? -1 : raw.indexOf(quote, raw[0] === quote ? raw.indexOf(quote, 1) + 1 : 0)
  const key = within < 0 ? raw : raw.subarray(0, within)
  return key.length >= 3 ? key : raw
}

function hasNul(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(0) >= 0
}
