import { nameColumns } from '../csv/header.ts'
import type { FileOptions } from '../options.ts'
import type { SeenRow } from './look.ts'

/** Where the table of a sheet is, and what its columns are called. */
export interface Plan {
  /** 0-based row of the header, or null where there is none. */
  readonly headerRow: number | null
  /** 0-based first row of data. */
  readonly firstRow: number
  /** All cells of the used range, as they stand, with empty rows and columns. */
  readonly isGrid: boolean
  /** Names by 0-based column, where the header has one. */
  readonly given: ReadonlyMap<number, string>
  /** Rows with cells above the header, which are left out. */
  readonly titleRows: number
}

/** Rows in which a header is looked for. */
const HEADER_ROWS = 50
/** Part of the usual number of cells that a row of the table has, at least. */
const FILLED = 0.6

type HeaderOptions = Pick<FileOptions, 'header' | 'skipLines'>

/** The table of a sheet by its first rows: titles above it are skipped, and its header is found. */
export function planTable(seen: readonly SeenRow[], { header, skipLines = 0 }: HeaderOptions): Plan {
  const none = { headerRow: null, given: new Map<number, string>(), titleRows: 0 }
  if (header === 'no' || header === 0) return { ...none, firstRow: skipLines, isGrid: true }
  const first = seen[0]
  if (!first) return { ...none, firstRow: skipLines, isGrid: false }
  const at = tableStart(seen)
  const start = seen[at] as SeenRow
  if (header === 'auto' && !isHeader(start, seen.slice(at + 1))) {
    return { ...none, firstRow: first.row, isGrid: false }
  }
  // Several rows of names are one name each column, from top to bottom, as in CSV.
  const rows = seen.slice(at, at + (typeof header === 'number' ? header : 1))
  const given = new Map<number, string>()
  for (const { cells } of rows) {
    for (const [column, { text }] of cells) {
      const above = given.get(column)
      given.set(column, above === undefined || text.trim() === '' ? (above ?? text) : `${above} ${text}`)
    }
  }
  const last = rows.at(-1) ?? start
  return { headerRow: start.row, firstRow: last.row + 1, isGrid: false, given, titleRows: at }
}

/** The first row that is about as full as most are. */
function tableStart(seen: readonly SeenRow[]): number {
  const counts = seen.map(({ cells }) => filled(cells)).sort((a, b) => a - b)
  const usual = counts[counts.length >> 1] ?? 0
  const at = seen
    .slice(0, HEADER_ROWS)
    .findIndex(({ cells }) => filled(cells) >= Math.max(1, Math.ceil(usual * FILLED)))
  return Math.max(0, at)
}

function filled(cells: SeenRow['cells']): number {
  let count = 0
  for (const { text } of cells.values()) if (text.trim() !== '') count++
  return count
}

/** Whether a row names the columns below: all names, years in a row, or a name above values that are no text. */
function isHeader({ cells }: SeenRow, below: readonly SeenRow[]): boolean {
  const named = [...cells].filter(([, { text }]) => text.trim() !== '')
  if (named.length === 0 || named.some(([, { isError }]) => isError)) return false
  const others = named.filter(([, { isText, text }]) => !isText || !isName(text))
  if (others.length === 0) return true
  if (others.every(([, { isText }]) => !isText) && areYears(others.map(([, { text }]) => Number(text))))
    return true
  return named.some(([column, { isText, text }]) => isText && isName(text) && holdsNoText(column, below))
}

/** Has a letter and is no e-mail address, as names of columns are. */
function isName(text: string): boolean {
  return /\p{L}/u.test(text) && !text.includes('@') && text.length <= 256
}

function areYears(numbers: readonly number[]): boolean {
  return (
    numbers.length > 1 &&
    numbers.every((year, i) => year > 1800 && year < 2200 && (i === 0 || year === numbers[i - 1]! + 1))
  )
}

function holdsNoText(column: number, below: readonly SeenRow[]): boolean {
  let hasValue = false
  for (const { cells } of below) {
    const cell = cells.get(column)
    if (!cell) continue
    if (cell.isText) return false
    hasValue = true
  }
  return hasValue
}

/** The names of columns `first` to `last`: unique, `column_3` where the header has none. */
export function namesOf(
  plan: Plan,
  first: number,
  last: number,
): { readonly names: readonly string[]; readonly renamed: readonly number[] } {
  const count = Math.max(0, last - first + 1)
  // In a grid a column is called by its place in the sheet, wherever the used range begins.
  if (plan.isGrid) {
    return { names: Array.from({ length: count }, (_, i) => `column_${first + i + 1}`), renamed: [] }
  }
  return nameColumns(
    Array.from({ length: count }, (_, i) => plan.given.get(first + i) ?? ''),
    count,
  )
}
