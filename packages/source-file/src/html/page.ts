import { parse } from 'parse5'
import { fileFault } from '../errors.ts'
import type { FormatInput } from '../format.ts'
import type { FileOptions } from '../options.ts'
import { decodeHtml } from './encoding.ts'
import { type Grid, gridOf } from './grid.ts'
import { elementsIn, tablesIn, textIn } from './tree.ts'

/** A table of a page that has data. */
export interface PageTable {
  readonly name: string
  readonly grid: Grid
}

/** A page is held in memory, as a tree. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024
const MAX_NAME = 100

/** Every table with data, named by its caption, or by its number on the page. */
export async function readPage(input: FormatInput): Promise<readonly PageTable[]> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of input.open()) {
    parts.push(part)
    size += part.length
    if (size > MAX_PAGE_BYTES) {
      throw fileFault('file.html.size', `A page may have ${MAX_PAGE_BYTES} bytes; this one has more.`)
    }
  }
  const tables: PageTable[] = []
  const taken = new Set<string>()
  for (const [i, element] of tablesIn(parse(decodeHtml(Buffer.concat(parts)))).entries()) {
    const grid = gridOf(element)
    if (!grid.rows.slice(grid.headerRows).some((row) => row.some((cell) => cell))) continue
    const [caption] = elementsIn(element, ['caption'])
    const title = caption ? textIn(caption).replaceAll('\n', ' ').slice(0, MAX_NAME) : ''
    const base = title === '' ? `table_${i + 1}` : title
    let name = base
    for (let n = 2; taken.has(name); n++) name = `${base}_${n}`
    taken.add(name)
    tables.push({ name, grid })
  }
  return tables
}

/** Names of the columns, and where the data begins. */
export function headerOf(
  { rows, headerRows }: Grid,
  header: FileOptions['header'],
): { readonly names: readonly string[]; readonly from: number } {
  const from =
    typeof header === 'number' ? header : header === 'no' ? 0 : headerRows || (header === 'yes' ? 1 : 0)
  const taken = new Set<string>()
  const names = Array.from(rows[0] ?? [], (_, x) => {
    // A name that spans several rows stands in each of them.
    const parts = rows.slice(0, from).map((row) => (row[x] ?? '').replaceAll('\n', ' '))
    const joined = parts.filter((part, i) => part !== '' && part !== parts[i - 1]).join(' ')
    const base = joined === '' ? `column_${x + 1}` : joined
    let name = base
    for (let n = 2; taken.has(name); n++) name = `${base}_${n}`
    taken.add(name)
    return name
  })
  return { names, from }
}
