import { type Decimal, decimalOf, roundTo, shift } from './decimal.ts'
import { fractionText } from './fraction.ts'
import { generalText } from './general.ts'
import type { Section, Token } from './section.ts'

/** A number without its sign, by the digits of a section; the caller adds the sign. */
export function numberText({ tokens }: Section, value: number): string {
  if (tokens.some(({ kind }) => kind === 'general')) return withLiterals(tokens, generalText(value))
  if (tokens.some(({ kind }) => kind === 'slash') && isFraction(tokens)) return fractionText(tokens, value)
  const exponent = tokens.findIndex(({ kind }) => kind === 'exponent')
  if (exponent >= 0) return scientificText(tokens, exponent, value)
  const { decimal, places } = scaled(tokens, value)
  return fill(tokens, roundTo(decimal, places))
}

/** Digits on both sides of a slash. */
function isFraction(tokens: readonly Token[]): boolean {
  const slash = tokens.findIndex(({ kind }) => kind === 'slash')
  const isDigit = (token: Token | undefined): boolean =>
    token?.kind === 'digit' || (token?.kind === 'literal' && /^[ 1-9]$/.test(token.text))
  return (
    tokens.slice(0, slash).some(({ kind }) => kind === 'digit') &&
    tokens.slice(slash + 1).some((t) => isDigit(t))
  )
}

function withLiterals(tokens: readonly Token[], general: string): string {
  return tokens
    .map((token) =>
      token.kind === 'general' ? general : token.kind === 'literal' ? token.text : marks(token),
    )
    .join('')
}

function marks({ kind }: Token): string {
  return kind === 'percent'
    ? '%'
    : kind === 'comma'
      ? ','
      : kind === 'slash'
        ? '/'
        : kind === 'point'
          ? '.'
          : ''
}

/** The number as the section scales it: a percent sign times 100, a comma after the digits through 1000. */
function scaled(tokens: readonly Token[], value: number): { decimal: Decimal; places: number } {
  let power = 0
  let places = 0
  let isAfterPoint = false
  let commas = 0
  for (const { kind } of tokens) {
    if (kind === 'percent') power += 2
    else if (kind === 'comma') commas++
    else if (kind === 'point') {
      isAfterPoint = true
      power -= 3 * commas
      commas = 0
    } else if (kind === 'digit') {
      commas = 0
      if (isAfterPoint) places++
    }
  }
  if (tokens.some(({ kind }) => kind === 'digit')) power -= 3 * commas
  return { decimal: shift(decimalOf(value), power), places }
}

/** Whether a comma stands between digits before the point. */
function isGrouped(tokens: readonly Token[], point: number): boolean {
  let hasDigit = false
  let hasComma = false
  for (const { kind } of tokens.slice(0, point)) {
    if (kind === 'digit') {
      if (hasComma) return true
      hasDigit = true
    } else if (kind === 'comma' && hasDigit) hasComma = true
  }
  return false
}

/** Puts digits in the places of a section, from the point outwards. */
function fill(
  tokens: readonly Token[],
  { whole, fraction }: { readonly whole: string; readonly fraction: string },
): string {
  const found = tokens.findIndex(({ kind }) => kind === 'point')
  const point = found < 0 ? tokens.length : found
  const grouped = isGrouped(tokens, point)
  const before: string[] = []
  let left = whole.length
  let placed = 0
  const put = (digit: string): void => {
    if (grouped && placed > 0 && placed % 3 === 0) before.push(',')
    before.push(digit)
    placed++
  }
  const first = tokens.findIndex(({ kind }) => kind === 'digit')
  for (let i = point - 1; i >= 0; i--) {
    const token = tokens[i]!
    if (token.kind === 'digit') {
      if (left > 0) put(whole[--left]!)
      else if (token.text === '0') put('0')
      else if (token.text === '?') before.push(' ')
      if (i === first) while (left > 0) put(whole[--left]!)
    } else if (token.kind === 'literal') before.push(reverse(token.text))
    else if (token.kind === 'percent') before.push('%')
    else if (token.kind === 'slash') before.push('/')
  }
  // Without a place before the point, the digits stand right before it.
  let start = reverse(before.join(''))
  if (first >= point || first < 0) start += first < 0 ? '' : whole
  let after = ''
  const used = fraction.replace(/0+$/, '').length
  let next = 0
  for (const token of tokens.slice(point)) {
    if (token.kind === 'point') after += next === 0 && !after.includes('.') ? '.' : ''
    else if (token.kind === 'digit') {
      if (next < used || token.text === '0') after += fraction[next] ?? ''
      else if (token.text === '?') after += ' '
      next++
    } else if (token.kind === 'literal') after += token.text
    else if (token.kind === 'percent') after += '%'
    else if (token.kind === 'slash') after += '/'
  }
  return start + after
}

function reverse(text: string): string {
  return [...text].reverse().join('')
}

/** `0.00E+00`: as many digits before the point as places, and an exponent that fits. */
function scientificText(tokens: readonly Token[], at: number, value: number): string {
  const mantissa = tokens.slice(0, at)
  const point = mantissa.findIndex(({ kind }) => kind === 'point')
  const before = mantissa.slice(0, point < 0 ? at : point).filter(({ kind }) => kind === 'digit').length
  const places = point < 0 ? 0 : mantissa.slice(point).filter(({ kind }) => kind === 'digit').length
  const decimal = scaled(mantissa, value).decimal
  const step = Math.max(1, before)
  let exponent = decimal.digits === '' ? 0 : Math.floor((decimal.point - 1) / step) * step
  let rounded = roundTo(shift(decimal, -exponent), places)
  if (rounded.whole.length > step) {
    exponent += step
    rounded = roundTo(shift(decimal, -exponent), places)
  }
  const mark = tokens[at]
  const sign = exponent < 0 ? '-' : mark?.kind === 'exponent' && mark.text.endsWith('+') ? '+' : ''
  const power = String(Math.abs(exponent))
  return `${fill(mantissa, rounded)}E${sign}${fill(tokens.slice(at + 1), { whole: power === '0' ? '' : power, fraction: '' })}`
}
