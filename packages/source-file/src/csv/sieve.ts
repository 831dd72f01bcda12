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
  const isTable = hasFilledColumns(plan)
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
    for (const row of plan.repairs && rows > 0 ? headersAgain(part, key) : []) {
      drop(row, 'file.csv.header-again', 'holds the names of the columns once more')
    }
    for (const row of rows > 0 ? notes(part) : [])
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

  function* headersAgain(part: Uint8Array, start: Uint8Array): Generator<number, void, void> {
    if (start.length === 0) return
    for (const row of splitter.starting(start)) {
      const scanned = scanRecord(part, splitter.record(row).start, part.length, dialect, true)
      if (scanned && isHeader(scanned, part)) yield row
    }
  }

  function isHeader({ fields }: Scanned, part: Uint8Array): boolean {
    const { cells } = header
    return (
      fields.length === cells.length &&
      fields.every((field, i) => fieldText(part, field, dialect) === cells[i])
    )
  }

  /** Rows with nothing but a text in the first column that is not like it. */
  function* notes(part: Uint8Array): Generator<number, void, void> {
    if (!isTable) return
    for (const row of splitter.alone()) {
      const { start, end } = splitter.record(row)
      const { fields, lines } = scanRecord(part, start, end, dialect, true)!
      const { from, to, isQuoted } = fields[0]!
      const isRow =
        lines > 0 ||
        fields.length !== dialect.columns ||
        fields.slice(1).some((field) => field.isQuoted || field.to > field.from)
      if (!isRow && !fits(plan.fitting.profiles[0]!, part.subarray(from, to), isQuoted)) yield row
    }
  }
}

/** Whether a row with nothing but its first field is none like the others. */
function hasFilledColumns({ fitting }: CsvPlan): boolean {
  const { profiles } = fitting
  const filled = profiles.filter(({ nulls }, column) => column > 0 && nulls === 0)
  return isTelling(profiles) && filled.length >= 2
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
