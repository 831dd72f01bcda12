import type { Token } from './section.ts'

/** Digits of a denominator, at most. */
const MAX_DIGITS = 7

/** A number without its sign as a fraction: `# ?/?`, `??/??`, `# ?/8`. */
export function fractionText(tokens: readonly Token[], value: number): string {
  const slash = tokens.findIndex(({ kind }) => kind === 'slash')
  let numerator = slash - 1
  while (numerator >= 0 && !isDigit(tokens[numerator])) numerator--
  const numeratorEnd = numerator + 1
  while (numerator > 0 && isDigit(tokens[numerator - 1])) numerator--
  let denominator = slash + 1
  while (denominator < tokens.length && !isPart(tokens[denominator])) denominator++
  let denominatorEnd = denominator
  while (denominatorEnd < tokens.length && isPart(tokens[denominatorEnd])) denominatorEnd++
  const bottom = textsOf(tokens.slice(denominator, denominatorEnd))
  const top = textsOf(tokens.slice(numerator, numeratorEnd))
  const hasWhole = tokens.slice(0, numerator).some(isDigit)
  const given = /^[1-9]\d*$/.test(bottom) ? Number(bottom) : undefined
  const whole = hasWhole ? Math.floor(value) : 0
  const rest = value - whole
  let [over, under] =
    given === undefined
      ? approximate(rest, 10 ** Math.min(MAX_DIGITS, bottom.length) - 1)
      : [Math.round(rest * given), given]
  let carried = whole
  if (hasWhole && over === under) {
    carried++
    over = 0
    under = given ?? 1
  }
  const isBlank = hasWhole && over === 0
  const middle = literals(tokens.slice(numeratorEnd, slash))
  const afterSlash = literals(tokens.slice(slash + 1, denominator))
  const size = top.length + 1 + bottom.length + middle.length + afterSlash.length
  const part = isBlank
    ? ' '.repeat(size)
    : `${pad(String(over), top)}${middle}/${afterSlash}${given === undefined ? padEnd(String(under), bottom) : bottom}`
  let start = ''
  let isPlaced = false
  for (const token of tokens.slice(0, numerator)) {
    if (token.kind === 'literal') start += token.text
    else if (token.kind === 'digit' && !isPlaced) {
      const places = textsOf(tokens.slice(0, numerator).filter(isDigit))
      start += carried === 0 && !isBlank ? pad('', places) : pad(String(carried), places)
      isPlaced = true
    }
  }
  return start + part + literals(tokens.slice(denominatorEnd))
}

function isDigit(token: Token | undefined): boolean {
  return token?.kind === 'digit'
}

/** A place of the denominator, or a digit of one that is given. */
function isPart(token: Token | undefined): boolean {
  return token?.kind === 'digit' || (token?.kind === 'literal' && /^[1-9]$/.test(token.text))
}

function textsOf(tokens: readonly Token[]): string {
  return tokens.map((token) => ('text' in token ? token.text : '')).join('')
}

function literals(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.kind === 'literal' ? token.text : '')).join('')
}

/** Digits behind what their places show where there are none. */
function pad(digits: string, places: string): string {
  const missing = places.slice(0, Math.max(0, places.length - digits.length))
  return blanks(missing) + digits
}

function padEnd(digits: string, places: string): string {
  return digits + blanks(places.slice(digits.length))
}

function blanks(places: string): string {
  return places.replaceAll('#', '').replaceAll('?', ' ')
}

/** The nearest fraction with a denominator up to `max`, by continued fractions. */
function approximate(value: number, max: number): [number, number] {
  let [overBefore, over, underBefore, under] = [0, 1, 1, 0]
  let rest = value
  for (let i = 0; i < 40; i++) {
    const whole = Math.floor(rest)
    const nextOver = whole * over + overBefore
    const nextUnder = whole * under + underBefore
    if (nextUnder > max) {
      // Between the last two lie fractions of a smaller step, of which the best may be nearer.
      const step = Math.floor((max - underBefore) / under)
      const [middleOver, middleUnder] = [step * over + overBefore, step * under + underBefore]
      if (step > 0 && Math.abs(middleOver / middleUnder - value) < Math.abs(over / under - value)) {
        return [middleOver, middleUnder]
      }
      break
    }
    ;[overBefore, over, underBefore, under] = [over, nextOver, under, nextUnder]
    if (Math.abs(rest - whole) < 1e-11 || over / under === value) break
    rest = 1 / (rest - whole)
  }
  return [over, under]
}
