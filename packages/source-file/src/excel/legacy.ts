import type { StoredObject } from '@omni/spec'
import { isFault } from '@omni/spec'
import type { CellObject, WorkBook, WorkSheet } from 'xlsx'
import {
  type Book,
  CELL,
  type CellConsumer,
  type CellFeed,
  type Origin,
  type Sheet,
  type Style,
} from './book.ts'
import { isOle2 } from './detect.ts'
import { excelFault } from './errors.ts'
import { classOf } from './format-class.ts'
import { takeOffObfuscation } from './obfuscation.ts'

/** Bytes of a file that SheetJS is given, at most: it holds the whole workbook as objects. */
const MAX_FILE_BYTES = 128 * 1024 * 1024

/** Error codes of cells, [MS-XLS] 2.5.10 BErr. */
const ERRORS: Readonly<Record<number, string>> = {
  0: '#NULL!',
  7: '#DIV/0!',
  15: '#VALUE!',
  23: '#REF!',
  29: '#NAME?',
  36: '#NUM!',
  42: '#N/A',
  43: '#GETTING_DATA',
}

/** A workbook of any older kind (BIFF, .xlsb, OpenDocument, XML 2003), read whole by SheetJS. */
export async function openLegacy(object: StoredObject, size: number, signal: AbortSignal): Promise<Book> {
  if (size > MAX_FILE_BYTES) {
    throw excelFault(
      'file.excel.size',
      `A workbook of this kind may have ${MAX_FILE_BYTES} bytes; this one has more.`,
    )
  }
  const bytes = await object.read({ start: 0, end: size, signal })
  const workbook = await parse(bytes)
  const sheets = workbook.SheetNames.map((name, i): Sheet => {
    const sheet = workbook.Sheets[name]
    return {
      name,
      number: i + 1,
      isHidden: (workbook.Workbook?.Sheets?.[i]?.Hidden ?? 0) !== 0,
      isWorksheet: sheet !== undefined && (sheet['!type'] ?? 'sheet') === 'sheet',
    }
  })
  const styles = collectStyles(workbook)
  return {
    sheets,
    styles: styles.list,
    is1904: workbook.Workbook?.WBProps?.date1904 === true,
    async *read({ name }): AsyncGenerator<CellFeed, void, void> {
      const sheet = workbook.Sheets[name]
      if (sheet) yield new SheetFeed(rowsOf(sheet), styles.indexes, originOf(sheet['!ref']))
    },
  }
}

async function parse(bytes: Uint8Array): Promise<WorkBook> {
  const [{ CFB, read, set_cptable }, codepages] = await Promise.all([
    import('xlsx'),
    import('xlsx/dist/cpexcel.full.mjs'),
  ])
  set_cptable(codepages)
  try {
    return read(isOle2(bytes) ? readable(CFB, bytes) : bytes, {
      type: 'buffer',
      dense: true,
      cellNF: true,
      cellText: false,
      cellFormula: false,
      cellHTML: false,
    })
  } catch (error) {
    if (isFault(error)) throw error
    const message = error instanceof Error ? error.message : ''
    if (/password|encrypt/i.test(message)) {
      throw excelFault('file.excel.encrypted', 'The workbook is protected by a password.', error)
    }
    if (/memory|allocation|array length|string length/i.test(message)) {
      throw excelFault('file.excel.size', 'The workbook is larger than can be held in memory.', error)
    }
    throw excelFault('file.excel.corrupt', 'The workbook is damaged, or of a kind that is not known.', error)
  }
}

/** Built-in formats 39 and 40, whose space for a bracket SheetJS leaves out. */
const SPACED: Readonly<Record<string, string>> = {
  '#,##0.00;(#,##0.00)': '#,##0.00_);(#,##0.00)',
  '#,##0.00;[Red](#,##0.00)': '#,##0.00_);[Red](#,##0.00)',
}

interface Containers {
  read(bytes: Uint8Array, options: { readonly type: 'buffer' }): unknown
  find(container: unknown, name: string): { readonly content?: unknown } | null
}

/** The file, or the stream in it that holds the workbook where that had to be decrypted. */
function readable(containers: Containers, bytes: Uint8Array): Uint8Array {
  const container = containers.read(bytes, { type: 'buffer' })
  const content = (containers.find(container, 'Workbook') ?? containers.find(container, 'Book'))?.content
  if (!(content instanceof Uint8Array)) return bytes
  const stream = Buffer.from(content)
  return takeOffObfuscation(stream) ? stream : bytes
}

type Row = readonly (CellObject | undefined)[]

function rowsOf(sheet: WorkSheet): readonly (Row | undefined)[] {
  return sheet['!data'] ?? []
}

/** Every number format that a cell has, numbered. */
function collectStyles(workbook: WorkBook): {
  readonly list: readonly Style[]
  readonly indexes: ReadonlyMap<string, number>
} {
  const list: Style[] = [{ code: 'General', class: 'number' }]
  const indexes = new Map([['General', 0]])
  for (const name of workbook.SheetNames) {
    const sheet = workbook.Sheets[name]
    for (const row of sheet ? rowsOf(sheet) : []) {
      for (const cell of row ?? []) {
        const code = cell?.z
        if (typeof code !== 'string' || indexes.has(code)) continue
        indexes.set(code, list.length)
        list.push({ code: SPACED[code] ?? code, class: classOf(code) })
      }
    }
  }
  return { list, indexes }
}

function originOf(ref: string | undefined): Origin | undefined {
  const parts = /^([A-Z]{1,3})(\d{1,7})/.exec(ref ?? '')
  if (!parts) return undefined
  const column =
    [...(parts[1] as string)].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
  return { row: Number(parts[2]) - 1, column }
}

class SheetFeed implements CellFeed {
  private readonly rows: readonly (Row | undefined)[]
  private readonly indexes: ReadonlyMap<string, number>
  readonly origin: Origin | undefined
  private next = 0

  constructor(
    rows: readonly (Row | undefined)[],
    indexes: ReadonlyMap<string, number>,
    origin: Origin | undefined,
  ) {
    this.rows = rows
    this.indexes = indexes
    this.origin = origin
  }

  pump(consumer: CellConsumer): boolean {
    for (; this.next < this.rows.length; this.next++) {
      const row = this.rows[this.next]
      if (!row || row.length === 0) continue
      if (!consumer.row(this.next)) return false
      row.forEach((cell, column) => {
        if (cell) this.send(consumer, cell, column)
      })
    }
    return true
  }

  private send(consumer: CellConsumer, cell: CellObject, column: number): void {
    const { t, v, z } = cell
    const style = (typeof z === 'string' ? this.indexes.get(z) : undefined) ?? 0
    let kind: number
    let text: string
    if (t === 'n' && typeof v === 'number' && !Number.isFinite(v)) {
      kind = CELL.error
      text = '#NUM!'
    } else if (t === 'n' && typeof v === 'number') {
      kind = CELL.number
      text = String(v)
    } else if (t === 's' && v !== undefined) {
      kind = CELL.text
      text = String(v)
    } else if (t === 'b') {
      kind = CELL.bool
      text = v ? '1' : '0'
    } else if (t === 'e') {
      kind = CELL.error
      text = (typeof v === 'number' ? ERRORS[v] : undefined) ?? '#VALUE!'
    } else if (t === 'd' && v !== undefined) {
      kind = CELL.iso
      text = v instanceof Date ? v.toISOString().slice(0, -1) : String(v)
    } else return
    const bytes = Buffer.from(text, 'utf8')
    consumer.cell(column, kind, style, bytes, 0, bytes.length)
  }
}
