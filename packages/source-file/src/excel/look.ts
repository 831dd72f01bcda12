import type { Book, CellConsumer, Sheet } from './book.ts'
import { CELL } from './book.ts'
import { type CellValues, KIND } from './values.ts'

/** Rows that are looked at to find the header. */
const LOOK_ROWS = 200
/** Cells that are looked at, at most. */
const LOOK_CELLS = 50_000

/** A row that holds cells, as far as finding the header needs it. */
export interface SeenRow {
  /** 0-based. */
  readonly row: number
  readonly cells: ReadonlyMap<number, SeenCell>
}

export interface SeenCell {
  readonly text: string
  readonly isText: boolean
  readonly isError: boolean
}

/** The first rows of a sheet that hold cells, without so many at its top. */
export async function lookAt(
  book: Book,
  sheet: Sheet,
  values: CellValues,
  skipRows: number,
  signal: AbortSignal,
): Promise<readonly SeenRow[]> {
  const rows: { row: number; cells: Map<number, SeenCell> }[] = []
  let row = 0
  let count = 0
  let isNew = true
  const consumer: CellConsumer = {
    row(next) {
      if (rows.length >= LOOK_ROWS || count >= LOOK_CELLS) return false
      row = next
      isNew = true
      return true
    },
    cell(column, kind, style, bytes, start, end) {
      if (row < skipRows) return
      if (isNew) rows.push({ row, cells: new Map() })
      isNew = false
      count++
      const found = values.read(kind, style, bytes, start, end)
      const text =
        values.text(kind, style, bytes, start, end) ??
        Buffer.from(bytes.subarray(start, end)).toString('utf8')
      const isError = kind === CELL.error
      rows.at(-1)!.cells.set(column, { text, isText: (found & KIND.text) !== 0, isError })
    },
  }
  for await (const feed of book.read(sheet, signal)) if (!feed.pump(consumer)) break
  return rows
}

/** Whether a sheet holds any cell. */
export async function holdsCells(book: Book, sheet: Sheet, signal: AbortSignal): Promise<boolean> {
  let isFound = false
  const consumer: CellConsumer = {
    row: () => !isFound,
    cell() {
      isFound = true
    },
  }
  for await (const feed of book.read(sheet, signal)) {
    feed.pump(consumer)
    if (isFound) return true
  }
  return false
}
