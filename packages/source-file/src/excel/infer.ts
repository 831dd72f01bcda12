import { type Book, CELL, type CellConsumer, type Origin, type Sheet } from './book.ts'
import type { Plan } from './header.ts'
import { addKind, type ColumnKinds, noKinds } from './typing.ts'
import type { CellValues } from './values.ts'

/** Rows from which types are inferred at first; the rest of the sheet may contradict them. */
const SAMPLE_ROWS = 2000

/** What the columns of a table hold. */
export interface Inferred {
  /** 0-based row in which the data begins: of a grid the first of the used range. */
  readonly firstRow: number
  /** 0-based columns of the sheet, the last included; `last` is below `first` where there is none. */
  readonly first: number
  readonly last: number
  /** By 0-based column of the sheet. */
  readonly kinds: ReadonlyMap<number, ColumnKinds>
  /** Cells that hold an error. */
  readonly errors: number
  /** Formulas without a value. */
  readonly unsaved: number
}

/** Looks at the rows of a table: at a sample of them, or at all. */
export async function inferColumns(
  book: Book,
  sheet: Sheet,
  plan: Plan,
  values: CellValues,
  isFull: boolean,
  signal: AbortSignal,
): Promise<Inferred> {
  const columns: (ColumnKinds | undefined)[] = []
  let first = Number.POSITIVE_INFINITY
  let { firstRow } = plan
  let isFirstCell = plan.isGrid
  let last = -1
  for (const column of plan.given.keys()) {
    first = Math.min(first, column)
    last = Math.max(last, column)
  }
  let rows = 0
  let errors = 0
  let isSkipped = true
  let current = 0
  const consumer: CellConsumer = {
    row(row) {
      isSkipped = row < plan.firstRow
      if (isSkipped) return true
      current = row
      rows++
      return isFull || rows <= SAMPLE_ROWS
    },
    cell(column, kind, style, bytes, start, end) {
      if (isSkipped) return
      if (isFirstCell) firstRow = current
      isFirstCell = false
      if (column < first) first = column
      if (column > last) last = column
      if (kind === CELL.error) {
        errors++
        return
      }
      const known = columns[column] ?? noKinds()
      columns[column] = known
      addKind(known, values.read(kind, style, bytes, start, end), values)
    },
  }
  let origin: Origin | undefined
  let unsaved = 0
  for await (const feed of book.read(sheet, signal)) {
    const isOver = !feed.pump(consumer)
    origin = feed.origin
    unsaved = feed.unsaved ?? 0
    if (isOver) break
  }
  if (plan.isGrid && origin && last >= 0) {
    first = Math.min(first, origin.column)
    firstRow = Math.max(plan.firstRow, Math.min(firstRow, origin.row))
  }
  const kinds = new Map<number, ColumnKinds>()
  columns.forEach((known, column) => {
    if (known) kinds.set(column, known)
  })
  return { firstRow, first: Number.isFinite(first) ? first : 0, last, kinds, errors, unsaved }
}
