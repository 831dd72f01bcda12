import { stripVTControlCharacters, styleText } from 'node:util'

/** Colours by meaning; each returns its text unchanged where colours are off. */
export interface Theme {
  readonly strong: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly accent: (text: string) => string
}

type Format = Parameters<typeof styleText>[0]

/** The theme for one output; see https://no-color.org and FORCE_COLOR. */
export function createTheme(colours: boolean): Theme {
  const style =
    (format: Format) =>
    (text: string): string =>
      colours ? styleText(format, text, { validateStream: false }) : text
  return {
    strong: style('bold'),
    dim: style('dim'),
    good: style('green'),
    bad: style('red'),
    warn: style('yellow'),
    accent: style('cyan'),
  }
}

/** Whether an output shows colours. */
export function wantsColours(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

// Made when first needed: it costs a millisecond, and most text is ASCII.
const graphemes = (text: string): string[] =>
  Array.from(new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text), (part) => part.segment)
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** Terminal cells that a text takes: escape codes none, East Asian wide characters and emoji two. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length
  let width = 0
  for (const segment of graphemes(plain)) width += WIDE.test(segment) ? 2 : 1
  return width
}

/** Cut to at most `width` cells, the last being `…` when something was cut. For text without escape codes. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let out = ''
  let used = 0
  for (const segment of graphemes(text)) {
    const cells = WIDE.test(segment) ? 2 : 1
    if (used + cells > width - 1) break
    out += segment
    used += cells
  }
  return `${out}…`
}

/** Lines of at most `width` cells, broken at spaces; a longer word keeps its line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Text from the outside as one printable line: control characters would move the cursor or hide words. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (char) =>
    char === '\n' ? '⏎' : '·',
  )
}
