/** A piece of a number format's section. */
export type Token =
  | { readonly kind: 'literal'; readonly text: string }
  /** `0`, `#` or `?`. */
  | { readonly kind: 'digit'; readonly text: string }
  | { readonly kind: 'point' | 'comma' | 'slash' | 'percent' | 'text' | 'general' }
  /** `E+` or `E-`. */
  | { readonly kind: 'exponent'; readonly text: string }
  /** A run of `y`, `m`, `d`, `h`, `s`, `e`, `g` or `b`; `AM/PM` or `A/P`; a fraction of seconds as `.00`. */
  | { readonly kind: 'date'; readonly text: string }
  /** `[h]`, `[mm]`, `[s]`: all of them, not those of the day. */
  | { readonly kind: 'elapsed'; readonly text: string }

/** One section of a number format, ECMA-376 part 1, 18.8.31. */
export interface Section {
  readonly tokens: readonly Token[]
  /** `[<100]`: the numbers that the section is for. */
  readonly condition?: { readonly operator: string; readonly bound: number }
  readonly isDate: boolean
  readonly isText: boolean
}

/** Long date and time of the system, which a format names by language alone. */
const SYSTEM_DATE = 'dddd, mmmm dd, yyyy'
const SYSTEM_TIME = 'h:mm:ss AM/PM'

/** The sections of a format code, four at most. */
export function parseFormat(code: string): readonly Section[] {
  if (/^\[\$-F800\]/i.test(code)) return [parseSection(SYSTEM_DATE)]
  if (/^\[\$-F400\]/i.test(code)) return [parseSection(SYSTEM_TIME)]
  return split(code).slice(0, 4).map(parseSection)
}

function split(code: string): string[] {
  const sections: string[] = []
  let start = 0
  for (let i = 0; i < code.length; i++) {
    const char = code[i]
    if (char === '\\' || char === '_' || char === '*') i++
    else if (char === '"') i = endOf(code, '"', i)
    else if (char === '[') i = endOf(code, ']', i)
    else if (char === ';') {
      sections.push(code.slice(start, i))
      start = i + 1
    }
  }
  sections.push(code.slice(start))
  return sections
}

function endOf(code: string, mark: string, from: number): number {
  const at = code.indexOf(mark, from + 1)
  return at < 0 ? code.length : at
}

/** What a section may hold, the first that fits; `*` fills the width of a column, and text has no width. */
const RULES: readonly (readonly [
  RegExp,
  (text: string, before: readonly Token[]) => Token | null | undefined,
])[] = [
  [/^"[^"]*"?/, (text) => ({ kind: 'literal', text: text.slice(1).replace(/"$/, '') })],
  [/^\\[\s\S]?/, (text) => ({ kind: 'literal', text: text.slice(1) })],
  [/^_[\s\S]?/, () => ({ kind: 'literal', text: ' ' })],
  [/^\*[\s\S]?/, () => null],
  [/^\[[^\]]*\]?/, bracket],
  [/^general/i, () => ({ kind: 'general' })],
  [/^(?:am\/pm|a\/p)/i, (text) => ({ kind: 'date', text })],
  [/^e[+-]/i, (text, before) => (hasDigits(before) ? { kind: 'exponent', text } : undefined)],
  [/^([ymdhsegb])\1*/i, (text) => ({ kind: 'date', text: text.toLowerCase() })],
  [/^\.0+/, (text, before) => (isAfterSeconds(before) ? { kind: 'date', text } : undefined)],
  [/^[0#?]/, (text) => ({ kind: 'digit', text })],
  [/^\./, () => ({ kind: 'point' })],
  [/^,/, () => ({ kind: 'comma' })],
  [/^\//, () => ({ kind: 'slash' })],
  [/^%/, () => ({ kind: 'percent' })],
  [/^@/, () => ({ kind: 'text' })],
  [/^[\s\S]/, (text) => ({ kind: 'literal', text })],
]

function parseSection(code: string): Section {
  const tokens: Token[] = []
  for (let at = 0; at < code.length; ) {
    const rest = code.slice(at)
    for (const [pattern, toToken] of RULES) {
      const text = pattern.exec(rest)?.[0]
      const token = text === undefined ? undefined : toToken(text, tokens)
      if (text === undefined || token === undefined) continue
      if (token) tokens.push(token)
      at += text.length
      break
    }
  }
  const condition = conditionOf(code)
  return {
    tokens,
    ...(condition ? { condition } : {}),
    isDate: tokens.some(({ kind }) => kind === 'date' || kind === 'elapsed'),
    isText: tokens.some(({ kind }) => kind === 'text'),
  }
}

function hasDigits(tokens: readonly Token[]): boolean {
  return tokens.some(({ kind }) => kind === 'digit')
}

/** Whether the last thing of a date that was said are seconds. */
function isAfterSeconds(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1)
  return (last?.kind === 'date' || last?.kind === 'elapsed') && last.text.startsWith('s')
}

/** What stands in brackets: elapsed time and symbols are shown; colours, languages and conditions are not. */
function bracket(text: string): Token | null {
  const inside = text.slice(1).replace(/\]$/, '')
  if (/^(?:h+|m+|s+)$/i.test(inside)) return { kind: 'elapsed', text: inside.toLowerCase() }
  if (!inside.startsWith('$')) return null
  const symbol = inside.slice(1).replace(/-[0-9a-f,]*$/i, '')
  return symbol === '' ? null : { kind: 'literal', text: symbol }
}

function conditionOf(code: string): Section['condition'] {
  const bare = code.replace(/"[^"]*"?|\\[\s\S]?/g, '')
  const parts = /\[(<=|>=|<>|=|<|>)\s*(-?[0-9.]+(?:E[+-]?\d+)?)\]/i.exec(bare)
  return parts ? { operator: parts[1] as string, bound: Number(parts[2]) } : undefined
}
