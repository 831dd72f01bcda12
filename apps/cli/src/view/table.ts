import { cut, type Theme, widthOf } from './theme.ts'

/** A column of a printed table. */
export interface TableColumn {
  readonly title: string
  readonly right?: true
  /** Cells it may be cut down to when the terminal is narrow; absent: never cut. */
  readonly min?: number
  readonly style?: (text: string) => string
}

/** Lines of a table, its columns two spaces apart, cut to `width` cells where columns allow it. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
  theme: Theme,
): string[] {
  const widths = columns.map((column, i) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[i] ?? ''))),
  )
  shrink(widths, columns, width)
  const line = (cells: readonly string[], style: (text: string, column: TableColumn) => string): string =>
    columns
      .map((column, i) => {
        const cell = cut(cells[i] ?? '', widths[i] ?? 0)
        const gap = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)))
        const text = style(cell, column)
        return column.right ? gap + text : text + gap
      })
      .join('  ')
      .trimEnd()
  return [
    line(
      columns.map((column) => column.title),
      (text) => theme.dim(text),
    ),
    ...rows.map((row) => line(row, (text, column) => column.style?.(text) ?? text)),
  ]
}

function shrink(widths: number[], columns: readonly TableColumn[], width: number): void {
  let over = widths.reduce((sum, cells) => sum + cells + 2, -2) - width
  while (over > 0) {
    let widest = -1
    for (let i = 0; i < widths.length; i++) {
      const min = columns[i]?.min
      if (min === undefined || (widths[i] ?? 0) <= min) continue
      if (widest < 0 || (widths[i] ?? 0) > (widths[widest] ?? 0)) widest = i
    }
    if (widest < 0) return
    widths[widest] = (widths[widest] ?? 0) - 1
    over--
  }
}
