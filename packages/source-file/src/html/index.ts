import { decodeRows, type TextRows } from '../as-csv.ts'
import { fileFault } from '../errors.ts'
import type { Format } from '../format.ts'
import { chooseTables } from '../table-choice.ts'

/** Tables of an HTML page; https://html.spec.whatwg.org/#tables */
export const html: Format = {
  access: 'stream',
  async tables(input, options) {
    const { readPage } = await import('./page.ts')
    const tables = (await readPage(input)).map(({ name, grid: { rows, headerRows } }) => ({
      name,
      notes: [`${rows.length - headerRows} rows, ${headerRows} rows of names`],
    }))
    if (tables.length === 0) throw fileFault('file.html.none', 'The page has no table with data in it.')
    return chooseTables(tables, options.table)
  },
  describe: () => ({ notes: ['HTML table'] }),
  async *decode(input, options, request) {
    const { headerOf, readPage } = await import('./page.ts')
    const table = (await readPage(input)).find(({ name }) => name === input.table)
    if (!table) throw fileFault('file.changed', 'The page holds other tables than it did.')
    const { names, from } = headerOf(table.grid, options.header)
    // A cell without text, and one that is not there, are null.
    const rows = table.grid.rows.slice(from).map((row) => row.map((cell) => cell || null))
    async function* open(): AsyncGenerator<TextRows, void, void> {
      for (let at = 0; at < rows.length; at += 1000) yield { rows: rows.slice(at, at + 1000), rejected: [] }
    }
    yield* decodeRows(open, names, input.fileName, options, request)
  },
}
