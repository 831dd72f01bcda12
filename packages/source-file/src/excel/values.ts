import { type Book, CELL } from './book.ts'
import { NUMBER, NumberScan } from './number-scan.ts'
import { clockText, DAY_US, dateText, dayOfSerial, microsOf, momentText } from './serial.ts'

/** What a column's values are, as bits that add up. */
export const KIND = {
  int: 1,
  bigInt: 2,
  double: 4,
  wide: 8,
  bool: 16,
  date: 32,
  moment: 64,
  time: 128,
  duration: 256,
  text: 512,
  /** A moment, time or duration that is not a whole number of milliseconds. */
  fine: 1024,
} as const

const CLASSES = { number: 0, date: 1, time: 2, duration: 3, text: 0 } as const

/** Microseconds that a double counts exactly. */
const MAX_MICROS = Number.MAX_SAFE_INTEGER

/** Reads what a cell holds: its kind from {@link KIND}, and its value in the fields that the kind has. */
export class CellValues {
  /** Of numbers and booleans. */
  number = 0
  /** Days since 1970-01-01, of dates and moments. */
  days = 0
  /** In the day, of moments and times; all, of durations. */
  micros = 0
  private readonly scan: NumberScan = new NumberScan()
  private readonly classes: Uint8Array
  private readonly is1904: boolean

  constructor(book: Book) {
    this.classes = Uint8Array.from(book.styles, (style) => CLASSES[style.class])
    this.is1904 = book.is1904
  }

  /** Digits before and after the decimal point of the number read last; `scale` is -1 where it has an exponent. */
  get shape(): { readonly whole: number; readonly scale: number } {
    return this.scan
  }

  /** 0 for an error, which is no value. */
  read(kind: number, style: number, bytes: Uint8Array, start: number, end: number): number {
    if (kind === CELL.number) {
      const found = this.scan.scan(bytes, start, end)
      if (found === NUMBER.none) return KIND.text
      const { value } = this.scan
      this.number = value
      const styled = this.classes[style] ?? 0
      if (styled !== 0 && found !== NUMBER.wide) {
        const dated = this.serial(value, styled)
        if (dated !== 0) return dated
      }
      return 1 << (found - 1)
    }
    if (kind === CELL.text) return KIND.text
    if (kind === CELL.bool) {
      const byte = bytes[start]
      if (end - start !== 1 || (byte !== 0x30 && byte !== 0x31)) return KIND.text
      this.number = byte - 0x30
      return KIND.bool
    }
    return kind === CELL.error ? 0 : this.iso(Buffer.from(bytes.subarray(start, end)).toString('latin1'))
  }

  /** What the cell holds as text, the way its type would be printed. */
  text(kind: number, style: number, bytes: Uint8Array, start: number, end: number): string | undefined {
    const found = this.read(kind, style, bytes, start, end)
    if (found & KIND.date) return dateText(this.days)
    if (found & KIND.moment) return momentText(this.days, this.micros)
    if (found & (KIND.time | KIND.duration)) return clockText(this.micros)
    if (found === KIND.bool) return this.number === 1 ? 'TRUE' : 'FALSE'
    if (found === KIND.text && kind === CELL.number) return this.lostDay(bytes, start, end)
    if (found === KIND.double && this.scan.digits > 15) return String(this.number)
    return undefined
  }

  private serial(value: number, styled: number): number {
    if (styled === CLASSES.duration) {
      const micros = microsOf(value)
      if (Math.abs(micros) > MAX_MICROS) return 0
      this.micros = micros
      return KIND.duration | fineness(micros)
    }
    if (styled === CLASSES.time && value >= 0 && value < 1) {
      const micros = microsOf(value)
      if (micros >= DAY_US) return 0
      this.micros = micros
      return KIND.time | fineness(micros)
    }
    let day = Math.floor(value)
    let micros = value === day ? 0 : microsOf(value - day)
    if (micros >= DAY_US) {
      day++
      micros -= DAY_US
    }
    const days = dayOfSerial(day, this.is1904)
    if (days === undefined) return KIND.text
    this.days = days
    this.micros = micros
    // A time of day beyond the first day is a moment even at midnight.
    if (micros === 0 && styled === CLASSES.date) return KIND.date
    return KIND.moment | fineness(micros)
  }

  /** The days that Excel shows and that are none: 1900-01-00 and 1900-02-29. */
  private lostDay(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (this.scan.scan(bytes, start, end) === NUMBER.none || this.is1904) return undefined
    const day = Math.floor(this.number)
    const name = day === 0 ? '1900-01-00' : day === 60 ? '1900-02-29' : undefined
    if (name === undefined) return undefined
    const micros = microsOf(this.number - day)
    return micros === 0 ? name : `${name}T${clockText(micros)}`
  }

  /** A cell of type `d`, ECMA-376 part 1, 18.18.11: a date, a moment or a time of ISO 8601. */
  private iso(text: string): number {
    const parts =
      /^(?:(\d{4})-(\d\d)-(\d\d))?(?:(?:^T?|[T ])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?$/.exec(
        text.trim(),
      )
    if (!parts) return KIND.text
    const [, year, month, day, hour, minute, second = '0', fraction = ''] = parts
    let found = 0
    if (year !== undefined) {
      const ms = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
      if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(`${year}-${month}-${day}`))
        return KIND.text
      this.days = ms / 86_400_000
      this.micros = 0
      found = KIND.date
    }
    if (hour === undefined) return found === 0 ? KIND.text : found
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return KIND.text
    const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
    this.micros = seconds * 1_000_000 + Number(fraction.padEnd(6, '0'))
    return (found === 0 ? KIND.time : KIND.moment) | fineness(this.micros)
  }
}

function fineness(micros: number): number {
  return micros % 1000 === 0 ? 0 : KIND.fine
}
