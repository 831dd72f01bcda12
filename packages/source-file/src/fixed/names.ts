import { nameColumns } from '../csv/header.ts'
import type { Span } from './layout.ts'

/** A line of the head that is not blank. */
export interface HeadLine {
  /** From 1. */
  readonly number: number
  readonly characters: readonly string[]
}

/** Names of columns, unique and one for each. */
export interface FixedNames {
  readonly names: readonly string[]
  /** The last line of them, 0 where no line holds any. */
  readonly to: number
  readonly notes: readonly string[]
}

/** The names in these lines, those of a column joined with a space from top to bottom; `given` ones are kept. */
export function findNames(
  lines: readonly HeadLine[],
  spans: readonly Span[],
  given: readonly (string | undefined)[] = [],
): FixedNames {
  const rows = lines.map(({ characters }) => cut(characters, spans))
  const joined = spans.map((_, column) =>
    rows
      .map((row) => row[column] ?? '')
      .filter((name) => name !== '')
      .join(' '),
  )
  const { names, renamed } = nameColumns(
    joined.map((name, column) => given[column] || name),
    spans.length,
  )
  const [from, to] = [lines[0]?.number ?? 0, lines.at(-1)?.number ?? 0]
  const where = to === 0 ? 'none' : from === to ? `line ${to}` : `lines ${from} to ${to}, joined`
  const notes = [`header: ${where}`]
  if (renamed.length > 0 && to > 0) {
    notes.push(`renamed, for their names were empty or taken: columns ${renamed.join(', ')}`)
  }
  return { names, to, notes }
}

/** Names have no digits at their start where the values below mostly have. */
export function looksLikeNames(lines: readonly HeadLine[], spans: readonly Span[]): boolean {
  const [first, ...others] = lines.slice(0, 50)
  if (first === undefined || others.length === 0) return false
  const isNumber = (text: string | undefined): boolean => /^[-+]?[\d.,]+$/.test(text ?? '')
  const names = cut(first.characters, spans)
  if (names.some((name) => name === '' || isNumber(name)) || new Set(names).size < names.length) return false
  const rows = others.map(({ characters }) => cut(characters, spans))
  return spans.some((_, column) => rows.every((row) => isNumber(row[column])))
}

/** From each column to the start of the next; what stands before the first one is its own. */
function cut(characters: readonly string[], spans: readonly Span[]): string[] {
  return spans.map(([start], i) =>
    characters
      .slice(i === 0 ? 0 : start, spans[i + 1]?.[0])
      .join('')
      .trim(),
  )
}
