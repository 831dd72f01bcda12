import { fileFault } from '../errors.ts'
import type { FileOptions } from '../options.ts'

/** Where the columns of fixed-width lines are. */
export interface FixedLayout {
  readonly columns: readonly FixedColumn[]
  /** Lines at the start that are no data: names, a ruler. */
  readonly skipLines: number
  readonly notes: readonly string[]
}

interface FixedColumn {
  readonly name: string
  /** Characters: from, and up to; the last one goes to the end of the line where its width was not given. */
  readonly start: number
  readonly end: number
}

/** Lines that are looked at. */
const SAMPLE_LINES = 1000

/** The layout that the options give; else by a ruler, as in `---- -----`; else by the columns where every line is blank. */
export function layOutFixed(
  lines: readonly string[],
  widths: string | undefined,
  header: FileOptions['header'],
): FixedLayout {
  if (widths !== undefined) return fromWidths(lines, widths, header)
  const sample = lines.slice(0, SAMPLE_LINES).filter((line) => line.trim() !== '')
  const ruler = sample.slice(0, 3).findIndex((line) => /^[\s+|]*(?:-{2,}|={2,})[-=\s+|]*$/.test(line))
  if (ruler >= 0) {
    const spans = spansOf(
      [...(sample[ruler] as string)].map((character) => character === '-' || character === '='),
    )
    const at = lines.indexOf(sample[ruler] as string)
    const names = ruler > 0 ? namesIn([...(sample[ruler - 1] as string)], spans) : undefined
    return layout(spans, names, at + 1, `columns: by the ruler in line ${at + 1}`)
  }
  const width = Math.max(0, ...sample.map((line) => line.length))
  const isUsed = Array.from({ length: width }, () => false)
  for (const line of sample) {
    let at = 0
    for (const character of line) {
      if (character !== ' ' && character !== '\t') isUsed[at] = true
      at++
    }
  }
  const spans = spansOf(isUsed)
  if (spans.length < 2) {
    throw fileFault('file.fixed.widths', 'No columns can be told apart: no place is blank in every line.')
  }
  const first = [...(sample[0] ?? '')]
  const hasNames =
    header === 'yes' ||
    (typeof header === 'number' && header > 0) ||
    (header === 'auto' && looksLikeNames(sample, spans))
  return layout(
    spans,
    hasNames ? namesIn(first, spans) : undefined,
    hasNames ? lines.indexOf(sample[0] as string) + 1 : 0,
    'columns: where every line is blank between them',
  )
}

type Span = readonly [start: number, end: number]

function fromWidths(lines: readonly string[], widths: string, header: FileOptions['header']): FixedLayout {
  const parts = widths.split(',').map((part) => {
    const [width = '', name] = part.split(':').reverse()
    return { width: Number(width), name: name?.trim() }
  })
  let at = 0
  const spans = parts.map(({ width }): Span => {
    if (width === 0) throw fileFault('file.fixed.widths', 'A column has no width.')
    const start = at
    at += width
    return [start, at]
  })
  const isNamed = parts.every(({ name }) => name)
  const hasNames =
    header === 'yes' ||
    (typeof header === 'number' && header > 0) ||
    (header === 'auto' && !isNamed && looksLikeNames(lines, spans))
  const inFile = hasNames ? namesIn([...(lines[0] ?? '')], spans) : undefined
  const names = parts.map(({ name }, i) => name ?? inFile?.[i] ?? '')
  const columns = unique(names).map((name, i) => ({
    name,
    start: spans[i]?.[0] ?? 0,
    end: spans[i]?.[1] ?? 0,
  }))
  return {
    columns,
    skipLines: hasNames ? 1 : 0,
    notes: ['columns: by the widths', `header: ${hasNames ? 'line 1' : 'none'}`],
  }
}

/** From each column to the start of the next, so that what is wider than the sample stays in its own. */
function layout(
  spans: readonly Span[],
  names: readonly string[] | undefined,
  skipLines: number,
  note: string,
): FixedLayout {
  const columns = unique(names ?? spans.map(() => '')).map((name, i) => ({
    name,
    start: i === 0 ? 0 : (spans[i]?.[0] ?? 0),
    end: spans[i + 1]?.[0] ?? Number.POSITIVE_INFINITY,
  }))
  return { columns, skipLines, notes: [note, `header: ${names ? `line ${skipLines}` : 'none'}`] }
}

function spansOf(isUsed: readonly boolean[]): Span[] {
  const spans: Span[] = []
  let start = -1
  for (let i = 0; i <= isUsed.length; i++) {
    if (isUsed[i] && start < 0) start = i
    else if (!isUsed[i] && start >= 0) {
      spans.push([start, i])
      start = -1
    }
  }
  return spans
}

function namesIn(characters: readonly string[], spans: readonly Span[]): string[] {
  return spans.map(([start], i) =>
    characters
      .slice(start, spans[i + 1]?.[0])
      .join('')
      .trim(),
  )
}

/** Names have no digits at their start where the values below mostly have. */
function looksLikeNames(lines: readonly string[], spans: readonly Span[]): boolean {
  const [first, ...others] = lines.slice(0, 50)
  if (first === undefined || others.length === 0) return false
  const isNumber = (text: string | undefined): boolean => /^[-+]?[\d.,]+$/.test(text ?? '')
  const names = namesIn([...first], spans)
  if (names.some((name) => name === '' || isNumber(name)) || new Set(names).size < names.length) return false
  return spans.some((_, i) => others.every((line) => isNumber(namesIn([...line], spans)[i])))
}

function unique(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name, i) => {
    const base = name === '' ? `column_${i + 1}` : name
    let own = base
    for (let n = 2; taken.has(own); n++) own = `${base}_${n}`
    taken.add(own)
    return own
  })
}
