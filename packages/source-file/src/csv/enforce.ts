import type { CsvInsert, CsvSplitter } from '@omni/kernels'
import type { Rejected } from '@omni/spec'
import { conform } from './declared.ts'
import type { ColumnType } from './typing.ts'

/** Columns whose type a person declared, with the name of each. */
export interface Enforced {
  readonly column: number
  readonly name: string
  readonly type: ColumnType
}

/**
 * Makes the rows of the splitter fit the declared types: a text that means a value of the type is written as the
 * type has it, and a row with one that means none is dropped and rejected. Returns the rows that are left.
 */
export function enforce(
  splitter: CsvSplitter,
  rows: number,
  columns: number,
  enforced: readonly Enforced[],
  part: Uint8Array,
  rejected: Rejected[],
): number {
  const changed = new Map<number, Map<number, Uint8Array>>()
  const refused = new Map<number, Enforced>()
  for (const one of enforced) {
    const { parse, type } = one.type
    if (!parse || rows === 0) continue
    const isNarrow = type.kind === 'decimal' && type.precision < 38
    if (!isNarrow && splitter.fixed(one.column, parse, 0).failed < 0) continue
    for (const [row, text] of textsOf(splitter, one.column, rows).entries()) {
      if (text === null) continue
      const wanted = parse.kind === 'int64' || parse.kind === 'date' ? undefined : conform(text, one.type)
      if (wanted === text) continue
      if (wanted !== undefined) {
        const more = changed.get(row) ?? new Map<number, Uint8Array>()
        changed.set(row, more.set(one.column, Buffer.from(wanted)))
      } else if (!refused.has(row) && !(wanted === undefined && isPlain(text, parse.kind)))
        refused.set(row, one)
    }
  }
  if (refused.size + changed.size === 0) return rows
  const gone = [...new Set([...refused.keys(), ...changed.keys()])].sort((a, b) => a - b)
  const kept = gone.filter((row) => !refused.has(row))
  const all = kept.length > 0 ? Array.from({ length: columns }, (_, c) => bytesOf(splitter, c, rows)) : []
  const inserted: CsvInsert[] = []
  let before = 0
  for (const [i, row] of gone.entries()) {
    const place = splitter.record(row)
    const wrong = refused.get(row)
    before = row - i
    if (wrong) rejected.push(contradiction(place, wrong, part))
    else {
      const fields = all.map((column, c) => changed.get(row)?.get(c) ?? column[row] ?? null)
      inserted.push({ ...place, before, fields })
    }
  }
  splitter.drop(gone)
  splitter.insert(inserted)
  return rows - gone.length + inserted.length
}

/** Whether the kernel itself takes the text, so that there is nothing to change. */
function isPlain(text: string, kind: string): boolean {
  if (kind === 'int64') {
    return /^(?:0|-?[1-9]\d*)$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
  }
  return kind === 'date' && isDate(text)
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

function contradiction(
  { start, end, line }: { readonly start: number; readonly end: number; readonly line: number },
  { name, type }: Enforced,
  part: Uint8Array,
): Rejected {
  return {
    locator: `line ${line}`,
    code: 'file.csv.type',
    reason: `has a value in column ${JSON.stringify(name)} that is no ${type.type.kind} as declared`,
    raw: part.slice(start, end),
  }
}

function bytesOf(splitter: CsvSplitter, column: number, rows: number): (Uint8Array | null)[] {
  const { values, ends, validity } = splitter.text(column, 0, 0)
  const copy = values.slice()
  return Array.from({ length: rows }, (_, row) =>
    (validity[row >> 3]! & (1 << (row & 7))) === 0
      ? null
      : copy.subarray(row === 0 ? 0 : ends[row - 1], ends[row]),
  )
}

function textsOf(splitter: CsvSplitter, column: number, rows: number): (string | null)[] {
  return bytesOf(splitter, column, rows).map((bytes) => bytes && Buffer.from(bytes).toString('utf8'))
}
