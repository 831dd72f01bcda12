import type { Book, CellFeed, Sheet, Style } from '../book.ts'
import { excelFault } from '../errors.ts'
import { builtInCode, classOf } from '../format-class.ts'
import { openXml, type Parts, type Relation, requirePart, scanTags } from './parts.ts'
import { SheetParser } from './sheet.ts'
import { NO_STRINGS, readStrings, type SharedStrings } from './strings.ts'
import { attribute, flagAttribute, numberAttribute } from './text.ts'

/** Sheets of a workbook, at most. */
const MAX_SHEETS = 10_000

/** Name of the part that lists the sheets. */
export async function findWorkbook(parts: Parts): Promise<string | undefined> {
  const main = (await parts.relations('')).find(({ type }) => type === 'officeDocument')
  if (main && parts.find(main.target)) return main.target
  return ['xl/workbook.xml', 'xl/workbook.bin'].find((name) => parts.find(name))
}

/** A workbook of SpreadsheetML, ECMA-376 part 1, chapter 18; its sheets are read when asked for. */
export async function openXlsx(parts: Parts, workbook: string): Promise<Book> {
  const relations = await parts.relations(workbook)
  const found: FoundSheet[] = []
  let is1904 = false
  await scanTags(requirePart(parts, workbook, 'its list of sheets'), (scanner, path) => {
    const name = path.at(-1)
    if (name === 'workbookPr' && path.length === 2) is1904 = flagAttribute(scanner, 'date1904')
    if (name !== 'sheet' || path.at(-2) !== 'sheets') return
    if (found.length === MAX_SHEETS) {
      throw excelFault('file.excel.size', `The workbook has more than ${MAX_SHEETS} sheets.`)
    }
    found.push({
      name: attribute(scanner, 'name') ?? `Sheet${found.length + 1}`,
      isHidden: /hidden/i.test(attribute(scanner, 'state') ?? ''),
      relation: relations.find(({ id }) => id === attribute(scanner, 'id')),
    })
  })
  const sheets: Sheet[] = found.map(({ name, isHidden, relation }, i) => {
    const isWorksheet = relation?.type === 'worksheet' && parts.find(relation.target) !== undefined
    return { name, number: i + 1, isHidden, isWorksheet }
  })
  const styles = await readStyles(parts, relations)
  let strings: SharedStrings | undefined
  return {
    sheets,
    styles,
    is1904,
    async *read(sheet, signal): AsyncGenerator<CellFeed, void, void> {
      const relation = found[sheet.number - 1]?.relation
      const part = relation && parts.find(relation.target)
      if (!part) return
      strings ??= await openStrings(parts, relations, signal)
      const parser = new SheetParser(strings)
      for await (const piece of openXml(part)) {
        signal.throwIfAborted()
        parser.feed(piece)
        yield parser
        if (parser.isOver) return
      }
      parser.finish()
      yield parser
    },
  }
}

interface FoundSheet {
  readonly name: string
  readonly isHidden: boolean
  readonly relation: Relation | undefined
}

async function openStrings(
  parts: Parts,
  relations: readonly Relation[],
  signal: AbortSignal,
): Promise<SharedStrings> {
  const relation = relations.find(({ type }) => type === 'sharedStrings')
  const part = relation && parts.find(relation.target)
  return part ? readStrings(openXml(part), signal) : NO_STRINGS
}

/** The number formats of the cell styles, ECMA-376 part 1, 18.8. */
async function readStyles(parts: Parts, relations: readonly Relation[]): Promise<readonly Style[]> {
  const relation = relations.find(({ type }) => type === 'styles')
  const part = relation && parts.find(relation.target)
  const codes = new Map<number, string>()
  const ids: number[] = []
  if (part) {
    await scanTags(part, (scanner, path) => {
      const name = path.at(-1)
      const above = path.at(-2)
      if (name === 'numFmt' && above === 'numFmts') {
        const id = numberAttribute(scanner, 'numFmtId')
        const code = attribute(scanner, 'formatCode')
        if (id !== undefined && code !== undefined) codes.set(id, code)
      } else if (name === 'xf' && above === 'cellXfs') ids.push(numberAttribute(scanner, 'numFmtId') ?? 0)
    })
  }
  if (ids.length === 0) ids.push(0)
  const known = new Map<number, Style>()
  return ids.map((id) => {
    let style = known.get(id)
    if (!style) {
      const code = codes.get(id) ?? builtInCode(id)
      style = { code, class: classOf(code) }
      known.set(id, style)
    }
    return style
  })
}
