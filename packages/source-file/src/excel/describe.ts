import type { FormatFacts, FormatInput, Table } from '../format.ts'
import type { FileOptions } from '../options.ts'
import type { Sheet } from './book.ts'
import { namesOf, planTable } from './header.ts'
import { inferColumns } from './infer.ts'
import { lookAt } from './look.ts'
import { openBook } from './open.ts'
import { chooseSheet, listSheets } from './sheets.ts'
import { CellValues } from './values.ts'

/** Each sheet that the options ask for is a table. */
export async function excelTables(input: FormatInput, options: FileOptions): Promise<readonly Table[]> {
  const { signal } = new AbortController()
  const book = await openBook(input, signal)
  const sheets = await listSheets(book, options, signal)
  return sheets.map((sheet) => ({ name: sheet.name, notes: [sheetNote(sheet)] }))
}

/** What is to be read of a workbook, by the first rows of its sheet. */
export async function describeExcel(input: FormatInput, options: FileOptions): Promise<FormatFacts> {
  const { signal } = new AbortController()
  const book = await openBook(input, signal)
  const sheet = await chooseSheet(book, input.table, options, signal)
  const values = new CellValues(book)
  const plan = planTable(await lookAt(book, sheet, values, options.skipLines ?? 0, signal), options)
  const { first, last, errors, unsaved } = await inferColumns(book, sheet, plan, values, false, signal)
  const { names, renamed } = namesOf(plan, first, last)
  const notes = [
    `${sheetNote(sheet)} of ${book.sheets.length}`,
    plan.headerRow === null ? 'header: none' : `header: row ${plan.headerRow + 1}`,
    `columns: ${names.length}`,
  ]
  if (plan.titleRows > 0) notes.push(`rows above the header that are left out: ${plan.titleRows}`)
  if (renamed.length > 0 && plan.headerRow !== null) {
    notes.push(`renamed, for their names were empty or taken: columns ${renamed.join(', ')}`)
  }
  if (book.is1904) notes.push('dates count from 1904')
  if (errors > 0 && options.cells !== 'displayed')
    notes.push(`errors in the first rows, read as null: ${errors} cells`)
  if (unsaved > 0)
    notes.push(`formulas in the first rows whose value was not saved, read as null: ${unsaved}`)
  return { notes }
}

function sheetNote({ number, isHidden }: Sheet): string {
  return `sheet ${number}${isHidden ? ', hidden' : ''}`
}
