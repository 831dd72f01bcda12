import { fileFault } from '../errors.ts'
import type { FileOptions } from '../options.ts'
import { type FixedNames, findNames, type HeadLine, looksLikeNames } from './names.ts'

/** Where the columns of fixed-width lines are. */
export interface FixedLayout {
  readonly columns: readonly FixedColumn[]
  /** Lines at the start that are no data, as names and a ruler: the first and the last of them, 0 for none. */
  readonly passed: { readonly from: number; readonly to: number }
  readonly notes: readonly string[]
}

interface FixedColumn {
  readonly name: string
  /** Characters: from, and up to; the last one goes to the end of the line where its width was not given. */
  readonly start: number
  readonly end: number
}

/** The characters of a column: from, and up to. */
export type Span = readonly [start: number, end: number]

/** Lines that are looked at. */
const SAMPLE_LINES = 1000
/** Lines in which a ruler is looked for, and lines that may stand above the names over it. */
const RULER_LINES = 3
const ABOVE_NAMES = 1

const RULER = /^[\s+|]*(?:-{2,}|={2,})[-=\s+|]*$/

/**
 * The layout that the options give; else by a ruler, as in `---- -----`; else by the columns where every line is
 * blank. `complete` where these are all lines of the file.
 */
export function layOutFixed(
  lines: readonly string[],
  complete: boolean,
  { widths, header, skipLines = 0 }: Pick<FileOptions, 'widths' | 'header' | 'skipLines'>,
): FixedLayout {
  const sample = lines
    .slice(skipLines, skipLines + SAMPLE_LINES)
    .map((text, i): HeadLine => ({ number: skipLines + i + 1, characters: [...text] }))
    .filter(({ characters }) => characters.join('').trim() !== '')
  const wanted = header === 'yes' ? 1 : header === 'no' ? 0 : header
  if (wanted !== 'auto' && wanted > sample.length && !complete) {
    throw fileFault(
      'file.fixed.header',
      `Its start, by which the columns are found, holds only ${sample.length} lines.`,
    )
  }
  if (widths !== undefined) return byWidths(sample, widths, wanted)
  const depth = Math.max(RULER_LINES, (wanted === 'auto' ? 1 : wanted) + 1 + ABOVE_NAMES)
  const at = sample.slice(0, depth).findIndex(isRuler)
  return at < 0 ? byBlanks(sample, wanted) : byRuler(sample, at, wanted)
}

function isRuler({ characters }: HeadLine): boolean {
  return RULER.test(characters.join(''))
}

function byWidths(sample: readonly HeadLine[], widths: string, wanted: 'auto' | number): FixedLayout {
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
  const count = wanted === 'auto' ? Number(!isNamed && looksLikeNames(sample, spans)) : wanted
  // Widths that are said cut wherever they say.
  const names = findNames(
    sample.slice(0, count),
    spans,
    parts.map(({ name }) => name),
  )
  return {
    columns: names.names.map((name, i) => ({ name, start: spans[i]?.[0] ?? 0, end: spans[i]?.[1] ?? 0 })),
    passed: { from: 1, to: names.to },
    notes: ['columns: by the widths', ...names.notes],
  }
}

/** Names are above the ruler, or where it is the first line below it; a second ruler ends those. */
function byRuler(sample: readonly HeadLine[], at: number, wanted: 'auto' | number): FixedLayout {
  const ruler = sample[at] as HeadLine
  const spans = spansOf(ruler.characters.map((character) => character === '-' || character === '='))
  const count = wanted === 'auto' ? Math.min(at, 1) : wanted
  if (at > 0 && count > at) {
    throw fileFault('file.fixed.header', `Above the ruler in line ${ruler.number} are fewer lines of names.`)
  }
  const first = at > 0 ? at - count : 1
  const named = sample.slice(first, first + count)
  if (named.some(isRuler)) {
    throw fileFault('file.fixed.header', 'Between the rulers are fewer lines of names.')
  }
  if (wanted !== 'auto') refuseCut(named, spans)
  const names = findNames(named, spans)
  const next = sample[first + count]
  const isClosed = at === 0 && count > 0 && next !== undefined && isRuler(next)
  return layout(
    spans,
    names,
    // Without names, what stands above the ruler is data.
    {
      from: count > 0 || wanted === 'auto' ? 1 : ruler.number,
      to: Math.max(ruler.number, isClosed ? next.number : names.to),
    },
    `columns: by the ruler in line ${ruler.number}`,
  )
}

function byBlanks(sample: readonly HeadLine[], wanted: 'auto' | number): FixedLayout {
  const spans = wanted === 'auto' || wanted < 2 ? spansOf(usedIn(sample)) : spansBelow(sample, wanted)
  if (spans.length < 2) {
    throw fileFault('file.fixed.widths', 'No columns can be told apart: no place is blank in every line.')
  }
  const count = wanted === 'auto' ? Number(looksLikeNames(sample, spans)) : wanted
  const named = sample.slice(0, count)
  refuseCut(named, spans)
  const names = findNames(named, spans)
  return layout(spans, names, { from: 1, to: names.to }, 'columns: where every line is blank between them')
}

/** A title over several columns of values fills what is blank between them: the last line of names tells them apart. */
function spansBelow(sample: readonly HeadLine[], count: number): readonly Span[] {
  const values = spansOf(usedIn(sample.slice(count)))
  const lower = spansOf(usedIn(sample.slice(count - 1)))
  return spansOf(usedIn(sample)).flatMap((span) => {
    const isWithin = ([start, end]: Span): boolean => start >= span[0] && end <= span[1]
    // A short name beside its narrow values is one column all the same.
    return values.filter(isWithin).length > 1 ? lower.filter(isWithin) : [span]
  })
}

/** Edges that were found, and not given, may be wrong for a title over several columns: no name is cut in two. */
function refuseCut(named: readonly HeadLine[], spans: readonly Span[]): void {
  const cut = named.find(({ characters }) => crossesEdge(characters, spans))
  if (cut) {
    throw fileFault('file.fixed.header', `A name in line ${cut.number} lies across the edge of two columns.`)
  }
}

/** Whether characters stand on both sides of where a column begins. */
export function crossesEdge(characters: readonly string[], spans: readonly Span[]): boolean {
  const isBlank = (character: string | undefined): boolean =>
    character === undefined || character.trim() === ''
  return spans.some(([start]) => start > 0 && !isBlank(characters[start - 1]) && !isBlank(characters[start]))
}

/** From each column to the start of the next, so that what is wider than the sample stays in its own. */
function layout(
  spans: readonly Span[],
  { names, notes }: FixedNames,
  passed: FixedLayout['passed'],
  note: string,
): FixedLayout {
  const columns = names.map((name, i) => ({
    name,
    start: i === 0 ? 0 : (spans[i]?.[0] ?? 0),
    end: spans[i + 1]?.[0] ?? Number.POSITIVE_INFINITY,
  }))
  return { columns, passed, notes: [note, ...notes] }
}

/** The places where a line is not blank. */
function usedIn(lines: readonly HeadLine[]): boolean[] {
  const width = lines.reduce((most, { characters }) => Math.max(most, characters.length), 0)
  const isUsed = Array.from({ length: width }, () => false)
  for (const { characters } of lines) {
    for (const [at, character] of characters.entries()) {
      if (character !== ' ' && character !== '\t') isUsed[at] = true
    }
  }
  return isUsed
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
