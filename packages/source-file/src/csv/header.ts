import { csvFault } from './errors.ts'
import { mend } from './mend.ts'
import { hasShape, type Profile, profileColumns } from './profile.ts'
import { type Field, fieldText, isBlank, type Scanned, scanRecords } from './scan.ts'
import type { Sniffed } from './sniff.ts'

/** The names of the columns, and where they stand. */
export interface Header {
  readonly names: readonly string[]
  /** The names as they stand in the first line of them; none where there is no header. */
  readonly cells: readonly string[]
  /** That line. */
  readonly raw: Uint8Array
  /** The line of the first, and how many lines of names there are; 0: none. */
  readonly line: number
  readonly rows: number
  /** 1-based columns whose name was empty or taken. */
  readonly renamed: readonly number[]
}

/** The head of a file as the records above its table, its header, and where its rows begin. */
export interface Layout {
  readonly header: Header
  /** Records above the header, with the line of each. */
  readonly preamble: readonly { readonly record: Scanned; readonly line: number }[]
  /** The first line of names, where it does not fit as it is. */
  readonly brokenHeader?: Scanned
  /** In bytes and lines, where the first row is. */
  readonly dataStart: number
  readonly dataLine: number
}

export interface HeaderHints {
  readonly wanted: 'auto' | 'yes' | 'no' | number
  readonly complete: boolean
  /** Bytes and lines that are passed over unseen. */
  readonly skipped: number
  readonly skippedLines: number
  /** Begins a comment; -1 where none does. */
  readonly comment: number
}

/** Records of the head that are looked at. */
const LOOKED_AT = 300
/** Lines above the header, and lines of names, that are recognised. */
const MAX_PREAMBLE = 50
const MAX_NAME_ROWS = 6
/** What it costs to read a name on where a delimiter between quotes is missing. */
const ONE_DELIMITER = 2

interface Numbered {
  readonly record: Scanned
  readonly line: number
}

/** The header of a file whose dialect is known, from its head. */
export function findLayout(head: Uint8Array, dialect: Sniffed, hints: HeaderHints): Layout {
  const { wanted, comment } = hints
  const { columns } = dialect
  const records: Numbered[] = []
  let line = 1 + hints.skippedLines
  for (const record of scanRecords(head, hints.skipped, dialect, hints.complete)) {
    if (!isBlank(record) || columns === 1) records.push({ record, line })
    line += record.lines
    if (records.length === LOOKED_AT) break
  }
  const isComment = ({ record }: Numbered): boolean => comment >= 0 && head[record.start] === comment
  const rows = records.filter((one) => !isComment(one))
  const first = wanted === 'no' || wanted === 0 ? 0 : preambleLength(head, rows, dialect)
  // Names of which one is missing or too many are of no use, and what is below them are values.
  const isLost = first > 0 && areLostNames(head, rows[first - 1]!, dialect)
  const named = isLost && wanted === 'auto' ? [] : nameRows(head, rows.slice(first), dialect, wanted)
  const start = rows[first]
  const none = { cells: [], raw: new Uint8Array(), line: 0, rows: 0, renamed: [] }
  if (named.length === 0 || !start) {
    const begin = wanted === 'auto' ? rows[first] : rows[0]
    return {
      header: { ...none, names: nameColumns([], columns).names },
      preamble: wanted === 'auto' ? rows.slice(0, first) : [],
      dataStart: begin?.record.start ?? hints.skipped,
      dataLine: begin?.line ?? 1 + hints.skippedLines,
    }
  }
  const last = rows[first + named.length - 1]!
  const cells = named[0]!
  const joined = Array.from({ length: columns }, (_, i) =>
    named
      .map((row) => row[i] ?? '')
      .filter((text) => text.trim() !== '')
      .join(' '),
  )
  return {
    header: {
      ...nameColumns(joined, columns),
      cells,
      raw: new Uint8Array(head.subarray(start.record.start, start.record.end)),
      line: start.line,
      rows: named.length,
    },
    preamble: rows.slice(0, first),
    ...(start.record.broken || start.record.fields.length !== columns ? { brokenHeader: start.record } : {}),
    dataStart: last.record.next,
    dataLine: last.line + last.record.lines,
  }
}

function isFilled({ from, to }: Field): boolean {
  return to > from
}

/** Records above the table: of another width, or with next to nothing in them, when better ones follow. */
function preambleLength(head: Uint8Array, rows: readonly Numbered[], dialect: Sniffed): number {
  const { columns } = dialect
  if (columns < 2) return 0
  const filled = ({ record }: Numbered): number => record.fields.filter(isFilled).length
  const isWide = ({ record }: Numbered): boolean => !record.broken && record.fields.length === columns
  const usual = median(rows.filter(isWide).map(filled))
  for (let i = 0; i < Math.min(rows.length, MAX_PREAMBLE); i++) {
    const row = rows[i]!
    if (isWide(row) && (columns < 3 || filled(row) > 1 || usual < 2)) return i
    const others = rows.slice(i + 1).map(({ record }) => record)
    if (isWide(row)) continue
    if (cellsOf(head, row, dialect) ?? lastMissing(head, row, others, dialect)) return i
  }
  return 0
}

function areLostNames(head: Uint8Array, { record }: Numbered, dialect: Sniffed): boolean {
  const { fields, broken } = record
  if (broken || fields.length < 2 || Math.abs(fields.length - dialect.columns) > 2) return false
  return fields.every((field) => isName(fieldText(head, field, dialect)))
}

function median(counts: number[]): number {
  return counts.sort((a, b) => a - b)[counts.length >> 1] ?? 0
}

/** The texts of a record: as it stands, or read in the one way in which it fits. */
function cellsOf(head: Uint8Array, { record }: Numbered, dialect: Sniffed): readonly string[] | undefined {
  const { columns } = dialect
  if (!record.broken && record.fields.length === columns) {
    return record.fields.map((field) => fieldText(head, field, dialect))
  }
  const fitting = { style: dialect, columns, profiles: [] }
  const mended = mend(head, record.start, record.end, fitting, {})
  if (mended && (record.broken || mended.cost <= ONE_DELIMITER)) {
    const texts = mended.fields.map((field) => Buffer.from(field ?? []).toString('utf8'))
    return texts.filter((text) => isName(text.replace(/^\W+/, ''))).length * 2 > columns ? texts : undefined
  }
  if (record.broken) return undefined
  const texts = record.fields.map((field) => fieldText(head, field, dialect))
  const filled = texts.filter((text) => text !== '')
  // A delimiter too many shows as a name that is missing.
  return filled.length === columns && filled.every(isName) ? filled : undefined
}

/** The rows of names at the start of these, none where they begin with a row of values. */
function nameRows(
  head: Uint8Array,
  rows: readonly Numbered[],
  dialect: Sniffed,
  wanted: HeaderHints['wanted'],
): (readonly string[])[] {
  const [first] = rows
  if (!first || wanted === 'no' || wanted === 0) return []
  const { columns } = dialect
  if (wanted !== 'auto') {
    const count = wanted === 'yes' ? 1 : wanted
    return rows.slice(0, count).map((row) => checked(head, row, cellsOf(head, row, dialect) ?? []))
  }
  const others = rows.slice(1).map(({ record }) => record)
  const cells = cellsOf(head, first, dialect) ?? lastMissing(head, first, others, dialect)
  if (!cells) return []
  if (!isHeader(cells, profileColumns(head, others, dialect, columns))) return []
  const named = [checked(head, first, cells)]
  for (let i = 1; i < Math.min(rows.length, MAX_NAME_ROWS); i++) {
    const next = cellsOf(head, rows[i]!, dialect)
    if (!next) break
    const below = rows.slice(i + 1).map(({ record }) => record)
    const isSame = next.every((text, column) => text === cells[column])
    if (!isSame && !isAbove(next, profileColumns(head, below, dialect, columns))) break
    named.push(checked(head, rows[i]!, next))
  }
  return named
}

/** The names of a record that lacks just the one of a last column that is always empty. */
function lastMissing(
  head: Uint8Array,
  { record }: Numbered,
  others: readonly Scanned[],
  dialect: Sniffed,
): readonly string[] | undefined {
  const { columns } = dialect
  if (record.broken || record.fields.length !== columns - 1 || columns < 3) return undefined
  const cells = record.fields.map((field) => fieldText(head, field, dialect))
  const wide = others.filter(({ fields }) => fields.length === columns)
  if (!cells.every(isName) || wide.some(({ fields }) => isFilled(fields[columns - 1]!))) return undefined
  // Names that are quoted where the values are not stand above other columns.
  const isQuoted = (column: number): boolean => wide.some(({ fields }) => fields[column]!.isQuoted)
  if (record.fields.some((field, column) => field.isQuoted && !isQuoted(column))) return undefined
  return [...cells, '']
}

function checked(head: Uint8Array, { record }: Numbered, cells: readonly string[]): readonly string[] {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(record.start, record.end))
  } catch (error) {
    throw csvFault('file.csv.header', 'The header is not valid UTF-8.', error)
  }
  return cells
}

/** Has a letter and is no e-mail address, as names of columns are. */
function isName(text: string): boolean {
  return (
    /\p{L}/u.test(text) && !text.includes('@') && text.length <= 256 && !/^(?:true|false|null)$/i.test(text)
  )
}

/** Whether a first record names the others: unlike the values below it, or all names. */
function isHeader(cells: readonly string[], profiles: readonly Profile[]): boolean {
  const filled = cells.filter((text) => text.trim() !== '')
  if (filled.length === 0) return false
  if (areYears(filled)) return true
  const { like, unlike } = compare(cells, profiles)
  if (like > 0) return false
  if (unlike > 0) return true
  if (filled.every((text) => isName(text) && !/^\d/.test(text))) return true
  return profiles.some(({ isNumeric }, column) => isNumeric && isName(cells[column] ?? ''))
}

/** Whether a second record belongs to the names: unlike the values in every column that has a pattern. */
function isAbove(cells: readonly string[], profiles: readonly Profile[]): boolean {
  const { like, unlike } = compare(cells, profiles)
  const filled = cells.filter((text) => text.trim() !== '')
  return like === 0 && unlike >= 2 && filled.every((text) => !/^[-+]?[\d.,]+$/.test(text))
}

/** Columns whose values have a pattern with digits, in which a text is like them, or is not. */
function compare(
  cells: readonly string[],
  profiles: readonly Profile[],
): { readonly like: number; readonly unlike: number } {
  let [like, unlike] = [0, 0]
  for (const [column, profile] of profiles.entries()) {
    const text = cells[column] ?? ''
    if (!profile.hasDigits || text.trim() === '') continue
    if (hasShape(profile, Buffer.from(text)) || /^[-+]?\d[\d.,]*$/.test(text)) like++
    else unlike++
  }
  return { like, unlike }
}

/** Years that follow each other stand above columns: `country,2019,2020`. */
function areYears(names: readonly string[]): boolean {
  const years = names.filter((name) => !isName(name)).map(Number)
  return (
    years.length > 1 &&
    years.every((year, i) => year > 1800 && year < 2200 && (i === 0 || year === years[i - 1]! + 1))
  )
}

/** Unique names: `column_3` where there is none, `name_2` where it is taken. */
export function nameColumns(
  given: readonly string[],
  columns: number,
): { readonly names: readonly string[]; readonly renamed: readonly number[] } {
  const taken = new Set(given)
  const seen = new Set<string>()
  const renamed: number[] = []
  const names = Array.from({ length: columns }, (_, i) => {
    const name = given[i] ?? ''
    if (name.trim() !== '' && !seen.has(name)) {
      seen.add(name)
      return name
    }
    const base = name.trim() === '' ? `column_${i + 1}` : name
    let unique = name.trim() === '' ? base : `${base}_2`
    for (let n = 2; seen.has(unique) || taken.has(unique); n++) unique = `${base}_${n}`
    seen.add(unique)
    renamed.push(i + 1)
    return unique
  })
  return { names, renamed }
}
