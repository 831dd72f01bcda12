import type { Section, Token } from './section.ts'

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** Days between the two date systems. */
const DAYS_1904 = 1462
/** The last day that Excel shows, 9999-12-31. */
const LAST_DAY = 2_958_465

interface Moment {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** All seconds of the serial. */
  readonly seconds: number
  /** Digits after the second. */
  readonly fraction: string
}

/** A serial by the date and time places of a section, or undefined where it is no day that Excel shows. */
export function dateText({ tokens }: Section, serial: number, is1904: boolean): string | undefined {
  const value = is1904 ? serial + DAYS_1904 : serial
  const isElapsed = tokens.some(({ kind }) => kind === 'elapsed')
  if (value < 0 || value >= LAST_DAY + 1) return undefined
  const places = Math.max(0, ...tokens.map((token) => (isFraction(token) ? token.text.length - 1 : 0)))
  const moment = momentOf(value, places, isElapsed && is1904 ? serial : value)
  const isHalfDay = tokens.some((token) => token.kind === 'date' && /^a/i.test(token.text))
  return tokens.map((token, i) => write(token, tokens, i, moment, isHalfDay)).join('')
}

function isFraction(token: Token): token is Token & { readonly text: string } {
  return token.kind === 'date' && token.text.startsWith('.')
}

function momentOf(value: number, places: number, elapsed: number): Moment {
  const unit = 10 ** places
  let day = Math.floor(value)
  let ticks = Math.round((value - day) * 86_400 * unit)
  if (ticks >= 86_400 * unit) {
    day++
    ticks -= 86_400 * unit
  }
  const inDay = Math.floor(ticks / unit)
  return {
    ...civil(day),
    weekday: (day + 6) % 7,
    hour: Math.floor(inDay / 3600),
    minute: Math.floor(inDay / 60) % 60,
    second: inDay % 60,
    seconds: Math.floor(elapsed) * 86_400 + inDay + (day - Math.floor(value)) * 86_400,
    fraction: places === 0 ? '' : String(ticks % unit).padStart(places, '0'),
  }
}

/** The day of a serial of the 1900 system, with the two that there never were. */
function civil(day: number): Pick<Moment, 'year' | 'month' | 'day'> {
  if (day === 0) return { year: 1900, month: 1, day: 0 }
  if (day === 60) return { year: 1900, month: 2, day: 29 }
  const date = new Date(Date.UTC(1899, 11, day < 60 ? 31 : 30) + day * 86_400_000)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

function write(
  token: Token,
  tokens: readonly Token[],
  at: number,
  moment: Moment,
  isHalfDay: boolean,
): string {
  switch (token.kind) {
    case 'literal':
      return token.text
    case 'slash':
      return '/'
    case 'comma':
      return ','
    case 'point':
      return '.'
    case 'percent':
      return '%'
    case 'digit':
      return token.text
    case 'elapsed':
      return elapsedText(token.text, moment.seconds)
    case 'date':
      return placeText(token.text, tokens, at, moment, isHalfDay)
    default:
      return ''
  }
}

function elapsedText(place: string, seconds: number): string {
  const count = place.startsWith('h')
    ? Math.floor(seconds / 3600)
    : place.startsWith('m')
      ? Math.floor(seconds / 60)
      : seconds
  return String(count).padStart(place.length, '0')
}

function placeText(
  place: string,
  tokens: readonly Token[],
  at: number,
  moment: Moment,
  isHalfDay: boolean,
): string {
  const two = (n: number): string => (place.length > 1 ? String(n).padStart(2, '0') : String(n))
  switch (place[0]) {
    case 'y':
      return place.length > 2
        ? String(moment.year).padStart(4, '0')
        : String(moment.year % 100).padStart(2, '0')
    case 'e':
      return String(moment.year).padStart(4, '0')
    case 'b':
      return place.length > 2 ? String(moment.year + 543) : String((moment.year + 543) % 100).padStart(2, '0')
    case 'm': {
      if (isMinute(tokens, at)) return two(moment.minute)
      const name = MONTHS[moment.month - 1] ?? ''
      if (place.length === 3) return name.slice(0, 3)
      if (place.length === 5) return name.slice(0, 1)
      return place.length > 3 ? name : two(moment.month)
    }
    case 'd': {
      const name = WEEKDAYS[moment.weekday] ?? ''
      return place.length === 3 ? name.slice(0, 3) : place.length > 3 ? name : two(moment.day)
    }
    case 'h':
      return two(isHalfDay ? moment.hour % 12 || 12 : moment.hour)
    case 's':
      return two(moment.second)
    case '.':
      return `.${moment.fraction.slice(0, place.length - 1)}`
    case 'a':
    case 'A': {
      const isLate = moment.hour >= 12
      if (place.length > 3) return isLate ? 'PM' : 'AM'
      return (isLate ? place[2] : place[0]) ?? ''
    }
    default:
      return ''
  }
}

/** `m` after hours or before seconds is minutes; what stands between does not count. */
function isMinute(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.kind === 'date' && (tokens[at] as { text: string }).text.length > 2) return false
  const isPlace = (token: Token): token is Token & { readonly text: string } =>
    (token.kind === 'date' && !/^[a.]/i.test(token.text)) || token.kind === 'elapsed'
  const before = tokens.slice(0, at).findLast(isPlace)
  if (before?.text.startsWith('h')) return true
  return (
    tokens
      .slice(at + 1)
      .find(isPlace)
      ?.text.startsWith('s') ?? false
  )
}
