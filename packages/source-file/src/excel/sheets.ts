import type { FileOptions } from '../options.ts'
import type { Book, Sheet } from './book.ts'
import { excelFault } from './errors.ts'
import { holdsCells } from './look.ts'

/** Names that a message lists, at most. */
const LISTED = 20

type SheetOptions = Pick<FileOptions, 'sheet'>

/** The sheets that the options ask for: without a word, the visible ones that hold cells. */
export async function listSheets(
  book: Book,
  { sheet: wanted }: SheetOptions,
  signal: AbortSignal,
): Promise<readonly Sheet[]> {
  if (wanted !== undefined && wanted !== '*') return [findSheet(book, wanted)]
  const sheets = book.sheets.filter(
    ({ isWorksheet, isHidden }) => isWorksheet && (wanted === '*' || !isHidden),
  )
  const found: Sheet[] = []
  for (const sheet of sheets) if (await holdsCells(book, sheet, signal)) found.push(sheet)
  if (found.length === 0)
    throw excelFault('file.excel.empty', 'No visible sheet of the workbook holds a cell.')
  return found
}

/** The sheet of a stream; without one, the first that the options ask for. */
export async function chooseSheet(
  book: Book,
  table: string | undefined,
  options: SheetOptions,
  signal: AbortSignal,
): Promise<Sheet> {
  if (table !== undefined) return findSheet(book, table)
  const [first] = await listSheets(book, options, signal)
  return first as Sheet
}

/** By its name as it is, then without case as Excel compares names, then by its number. */
function findSheet({ sheets }: Book, wanted: string): Sheet {
  const sheet =
    sheets.find(({ name }) => name === wanted) ??
    sheets.find(({ name }) => name.toLowerCase() === wanted.toLowerCase()) ??
    (/^\d{1,5}$/.test(wanted) ? sheets.find(({ number }) => number === Number(wanted)) : undefined)
  if (!sheet) {
    const names = sheets.slice(0, LISTED).map(({ name }) => JSON.stringify(name))
    const more = sheets.length - names.length
    const list = names.join(', ') + (more > 0 ? ` and ${more} more` : '')
    throw excelFault('file.excel.sheet', `No sheet is called ${JSON.stringify(wanted)}; there are ${list}.`)
  }
  if (!sheet.isWorksheet) {
    throw excelFault(
      'file.excel.sheet',
      `Sheet ${sheet.number} is a chart, dialog or macro sheet, which holds no table.`,
    )
  }
  return sheet
}
