import { decodeRows, type TextRows } from '../as-csv.ts'
import { findEncoding, headToUtf8 } from '../csv/encoding.ts'
import type { Format, FormatInput } from '../format.ts'
import { readLines, rejectLine } from '../lines.ts'
import type { FileOptions } from '../options.ts'
import { crossesEdge, type FixedLayout, layOutFixed, type Span } from './layout.ts'

/** Lines whose columns have fixed places. Only when it is asked for: text with aligned columns may be anything. */
export const fixed: Format = {
  access: 'stream',
  describe: (input, options) => ({ notes: layoutOf(input, options).notes }),
  async *decode(input, options, request) {
    const layout = layoutOf(input, options)
    const names = layout.columns.map(({ name }) => name)
    yield* decodeRows(() => cut(input, options, layout), names, input.fileName, options, request)
  },
}

function layoutOf({ head }: FormatInput, options: FileOptions): FixedLayout {
  const text = Buffer.from(
    headToUtf8(head.bytes, findEncoding(head.bytes, options.encoding, head.complete)),
  ).toString('utf8')
  const lines = text.split(/\r?\n/)
  // What follows the last line end is nothing, or was cut.
  if (lines.length > 1 && (!head.complete || lines.at(-1) === '')) lines.pop()
  return layOutFixed(lines, head.complete, options)
}

async function* cut(
  input: FormatInput,
  options: FileOptions,
  { columns, passed }: FixedLayout,
): AsyncGenerator<TextRows, void, void> {
  const spans = columns.map(({ start, end }): Span => [start, end])
  const { skipLines = 0 } = options
  const lastStart = columns.at(-1)?.start ?? 0
  const lastEnd = columns.at(-1)?.end ?? 0
  for await (const lines of readLines(input.open(), input.head, options.encoding)) {
    const rows: (string | null)[][] = []
    const rejected: TextRows['rejected'][number][] = []
    for (const line of lines) {
      const isPassed = line.number <= skipLines || (line.number >= passed.from && line.number <= passed.to)
      if (isPassed || line.text?.trim() === '') continue
      if (line.text === undefined) {
        rejected.push(rejectLine(line, 'file.fixed.text', 'The line is not valid text, or too long.'))
        continue
      }
      // By characters, not by halves of them.
      const characters = [...line.text]
      const used =
        line.text.trimEnd().length === line.text.length ? characters.length : [...line.text.trimEnd()].length
      if (options.widths !== undefined && characters.length <= lastStart) {
        rejected.push(rejectLine(line, 'file.fixed.short', `The line ends before column ${columns.length}.`))
      } else if (used > lastEnd) {
        rejected.push(
          rejectLine(line, 'file.fixed.long', `The line has ${used} characters, the columns ${lastEnd}.`),
        )
      } else if (options.widths === undefined && crossesEdge(characters, spans)) {
        rejected.push(rejectLine(line, 'file.fixed.columns', 'A value lies across the edge of two columns.'))
      } else {
        rows.push(columns.map(({ start, end }) => characters.slice(start, end).join('').trim() || null))
      }
    }
    yield { rows, rejected }
  }
}
