import { type CsvSplitter, KIND, loadKernelsSync } from '@omni/kernels'
import { csvFault } from './errors.ts'
import type { Sniffed } from './sniff.ts'

/** The names of the columns, and where they stand. */
export interface Header {
  readonly names: readonly string[]
  /** Where the header record starts in the UTF-8 text, or null where there is none. */
  readonly start: number | null
  readonly line: number
  /** 1-based columns whose name was empty or taken. */
  readonly renamed: readonly number[]
}

/** The header of a file whose dialect is known, from its head. */
export function findHeader(
  head: Uint8Array,
  dialect: Sniffed,
  wanted: 'auto' | 'yes' | 'no',
  complete: boolean,
): Header {
  const { columns } = dialect
  const none = { ...nameColumns([], columns), start: null, line: 0, renamed: [] }
  if (wanted === 'no') return none
  const splitter = loadKernelsSync().createCsvSplitter(dialect)
  try {
    return readHeader(head, dialect, wanted, complete, splitter) ?? none
  } finally {
    splitter.release()
  }
}

function readHeader(
  head: Uint8Array,
  dialect: Sniffed,
  wanted: 'auto' | 'yes' | 'no',
  complete: boolean,
  splitter: CsvSplitter,
): Header | undefined {
  const { columns } = dialect
  const ragged = raggedHeader(head, dialect, splitter, complete)
  const found = splitter.split(head, 0, head.length, { final: complete, maxRows: 1000, line: 1 })
  if (ragged) return isLastEmpty(splitter, columns) ? ragged : undefined
  if (found.rows === 0) return undefined
  const { start, end, line } = splitter.record(0)
  const names = fieldTexts(splitter, columns)
  if (wanted === 'auto' && !isHeader(names, splitter, columns)) return undefined
  decodeUtf8(head.subarray(start, end))
  return { ...nameColumns(names, columns), start, line }
}

/**
 * A first record of names that is not as wide as the table. Its names are of use only when it lacks just the one
 * of a last column that is always empty; otherwise nobody knows which column each belongs to.
 */
function raggedHeader(
  head: Uint8Array,
  dialect: Sniffed,
  splitter: CsvSplitter,
  complete: boolean,
): Header | undefined {
  const found = splitter.split(head, 0, head.length, { final: complete, maxRows: 1, line: 1 })
  const [first] = found.rejected
  if (first?.why !== 'ragged' || first.fields < 2) return undefined
  if (found.rows > 0 && splitter.record(0).line < first.line) return undefined
  const narrow = loadKernelsSync().createCsvSplitter({ ...dialect, columns: first.fields })
  narrow.split(head, first.start, first.end, { final: true, maxRows: 1, line: 1 })
  const names = fieldTexts(narrow, first.fields)
  narrow.release()
  if (!names.every(isName)) return undefined
  return {
    ...nameColumns(names.slice(0, dialect.columns), dialect.columns),
    start: first.start,
    line: first.line,
  }
}

/** Whether a delimiter ends every record. */
function isLastEmpty(splitter: CsvSplitter, columns: number): boolean {
  return splitter.kinds(columns - 1).kinds === 0
}

/** The fields of the first kept record, empty for null. */
function fieldTexts(splitter: CsvSplitter, columns: number): string[] {
  return Array.from({ length: columns }, (_, column) => {
    const { values, ends } = splitter.text(column, 0, 0)
    return Buffer.from(values.subarray(0, ends[0])).toString('utf8')
  })
}

function decodeUtf8(bytes: Uint8Array): void {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw csvFault('file.csv.header', 'The header is not valid UTF-8.', error)
  }
}

/** Has a letter and is no e-mail address, as names of columns are. */
function isName(text: string): boolean {
  return (
    /\p{L}/u.test(text) && !text.includes('@') && text.length <= 256 && !/^(?:true|false|null)$/i.test(text)
  )
}

/** Whether the first kept record names the others: all names, or text above columns that hold none. */
function isHeader(names: readonly string[], splitter: CsvSplitter, columns: number): boolean {
  const filled = names.filter((name) => name.trim() !== '')
  if (filled.length === 0) return false
  if (filled.every((name) => isName(name) && !/^\d/.test(name))) return true
  if (areYears(names)) return true
  splitter.drop([0])
  let isAbove = false
  for (let column = 0; column < columns; column++) {
    const { kinds } = splitter.kinds(column)
    if (kinds !== 0 && (kinds & KIND.text) === 0 && isName(names[column] ?? '')) isAbove = true
  }
  return isAbove
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
