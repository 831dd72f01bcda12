import { fileFault } from '../errors.ts'
import { type Element, elementsIn, numberOf, textIn } from './tree.ts'

/** A table as rows of equal length; null where the page has no cell. */
export interface Grid {
  readonly rows: readonly (readonly (string | null)[])[]
  /** Rows at the top that are names. */
  readonly headerRows: number
}

const MAX_COLUMNS = 16_384
const MAX_CELLS = 4_000_000

/** Forms a table; https://html.spec.whatwg.org/#forming-a-table: a cell that spans stands in each of its places. */
export function gridOf(table: Element): Grid {
  const rows: (string | null)[][] = []
  let headerRows = 0
  let cells = 0
  for (const group of groupsOf(table)) {
    const before = rows.length
    const isNames: boolean[] = []
    const members = group.rows
    const slots: (string | null | undefined)[][] = members.map(() => [])
    for (const [y, row] of members.entries()) {
      const own = elementsIn(row, ['td', 'th'])
      isNames.push(own.length > 0 && own.every(({ tagName }) => tagName === 'th'))
      let x = 0
      for (const cell of own) {
        const line = slots[y] as (string | null | undefined)[]
        while (line[x] !== undefined) x++
        const width = Math.min(1000, numberOf(cell, 'colspan', 1) || 1)
        const span = numberOf(cell, 'rowspan', 1)
        // Zero means to the end of the group, and none goes beyond.
        const height = Math.min(span === 0 ? members.length : span, members.length - y)
        cells += width * height
        if (x + width > MAX_COLUMNS || cells > MAX_CELLS) {
          throw fileFault(
            'file.html.size',
            `A table has more than ${MAX_COLUMNS} columns or ${MAX_CELLS} cells.`,
          )
        }
        const text = textIn(cell)
        for (let dy = 0; dy < height; dy++) {
          const target = slots[y + dy] as (string | null | undefined)[]
          // Where cells overlap, the first one stays.
          for (let dx = 0; dx < width; dx++) target[x + dx] ??= text
        }
        x += width
      }
    }
    for (const line of slots) rows.push(Array.from(line, (slot) => slot ?? null))
    const isAtTop = before === headerRows
    if (group.isHead && isAtTop) headerRows += members.length
    else if (isAtTop && headerRows === 0) {
      const count = isNames.findIndex((are) => !are)
      // A table of nothing but names has no names.
      headerRows = Math.max(count, 0)
    }
  }
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0)
  if (width * rows.length > MAX_CELLS) {
    throw fileFault('file.html.size', `A table has more than ${MAX_CELLS} cells.`)
  }
  const padded = rows.map((row) => [...row, ...Array.from({ length: width - row.length }, () => null)])
  return { rows: padded, headerRows: headerRows === rows.length ? 0 : headerRows }
}

interface Group {
  readonly isHead: boolean
  readonly rows: readonly Element[]
}

/** Row groups in their order, those at the foot last; rows outside of any are a group. */
function groupsOf(table: Element): readonly Group[] {
  const groups: Group[] = []
  const feet: Group[] = []
  let loose: Element[] = []
  const close = (): void => {
    if (loose.length > 0) groups.push({ isHead: false, rows: loose })
    loose = []
  }
  for (const child of elementsIn(table, ['thead', 'tbody', 'tfoot', 'tr'])) {
    if (child.tagName === 'tr') loose.push(child)
    else {
      close()
      const group = { isHead: child.tagName === 'thead', rows: elementsIn(child, ['tr']) }
      if (child.tagName === 'tfoot') feet.push(group)
      else groups.push(group)
    }
  }
  close()
  return [...groups, ...feet]
}
