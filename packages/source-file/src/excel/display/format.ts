import { dateText } from './date.ts'
import { generalText } from './general.ts'
import { numberText } from './number.ts'
import { parseFormat, type Section } from './section.ts'

/** A number format, ready to use. */
export interface NumberFormat {
  number(value: number): string
  text(value: string): string
  /** Texts come out as they are. */
  readonly isPlainText: boolean
}

/** What Excel shows where a number is none that its format can show. */
const UNSHOWN = '#######'

/** The format of a code, as `#,##0.00;[Red](0)`. */
export function compileFormat(code: string, is1904: boolean): NumberFormat {
  const sections = parseFormat(code === '' ? 'General' : code)
  // The last section that holds `@` is for texts, and so is the fourth.
  const last = sections.at(-1)
  const textSection = sections.length === 4 || last?.isText ? last : undefined
  const forNumbers = textSection && sections.length > 1 ? sections.slice(0, -1) : sections
  return {
    number(value) {
      const { section, isBare } = choose(forNumbers, value)
      if (!section) return UNSHOWN
      if (section.isText) return generalText(value)
      if (section.isDate) return dateText(section, value, is1904) ?? UNSHOWN
      if (section.tokens.length === 0 && forNumbers.length === 1) return generalText(value)
      const text = numberText(section, Math.abs(value))
      return value < 0 && !isBare ? `-${text}` : text
    },
    text(value) {
      if (!textSection) return value
      return textSection.tokens
        .map((token) => (token.kind === 'text' ? value : token.kind === 'literal' ? token.text : ''))
        .join('')
    },
    isPlainText: !textSection || (textSection.tokens.length === 1 && textSection.isText),
  }
}

/** What numbers get that the only section is not for. */
const GENERAL: Section = { tokens: [{ kind: 'general' }], isDate: false, isText: false }

interface Choice {
  readonly section: Section | undefined
  /** The section is for negative numbers and shows no sign of its own. */
  readonly isBare: boolean
}

function choose(sections: readonly Section[], value: number): Choice {
  const [first, second, third] = sections
  if (!first || sections.length === 1) {
    return { section: first && !holds(first, value) ? GENERAL : first, isBare: false }
  }
  if (!first.condition && !second?.condition) {
    if (value > 0 || (value === 0 && !third)) return { section: first, isBare: false }
    return value < 0 ? { section: second, isBare: true } : { section: third, isBare: false }
  }
  if (first.condition ? holds(first, value) : value > 0) {
    return { section: first, isBare: isOnlyNegative(first) }
  }
  if (!third) {
    if (second?.condition && !holds(second, value)) return { section: undefined, isBare: false }
    return { section: second, isBare: second?.condition ? isOnlyNegative(second) : isBareElse(first) }
  }
  if (second?.condition ? holds(second, value) : value < 0) {
    return { section: second, isBare: second?.condition ? isOnlyNegative(second) : true }
  }
  return { section: third, isBare: false }
}

function holds({ condition }: Section, value: number): boolean {
  if (!condition) return true
  const { operator, bound } = condition
  switch (operator) {
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    case '=':
      return value === bound
    default:
      return value !== bound
  }
}

/** The condition lets only negative numbers through. */
function isOnlyNegative({ condition }: Section): boolean {
  return condition?.operator.startsWith('<') === true && condition.operator !== '<>' && condition.bound <= 0
}

/** What the first section leaves is negative. */
function isBareElse({ condition }: Section): boolean {
  return condition?.operator.startsWith('>') === true && condition.bound <= 0
}
