import { fieldBytes, type Scanned, type Style } from './scan.ts'

/** What the values of a column look like, as far as the head of the file shows. */
export interface Profile {
  /** Records looked at. */
  readonly seen: number
  readonly nulls: number
  /** Values, of which so many are quoted. */
  readonly values: number
  readonly quoted: number
  /** Shapes of all values, when they are few; see {@link shapeOf}. */
  readonly exact: ReadonlySet<string> | null
  readonly loose: ReadonlySet<string> | null
  /** All values are numbers or times, in some way of writing. */
  readonly isNumeric: boolean
  /** The shapes have digits: a number, a date, a code. */
  readonly hasDigits: boolean
  /** Classes of the first byte. */
  readonly first: ReadonlySet<string>
  readonly shortest: number
  readonly longest: number
}

/** Values from which a profile says something about the next. */
const ENOUGH = 10
/** One shape for so many values, at least, is a pattern. */
const VALUES_PER_SHAPE = 5
/** Beyond it a value is text in any case. */
const SHAPED_BYTES = 48
/** Records of the head that are looked at. */
const SAMPLED = 500

const NUMERIC = /^[-+$€£]{0,2}\d[\d.,:/T Z%+-]*$/
const QUOTES = new Set([34, 39, 96])

/** The class of a byte: a digit, a capital, another letter, or the byte itself. */
function classOf(byte: number): string {
  if (byte >= 48 && byte < 58) return '9'
  if (byte >= 65 && byte < 91) return 'A'
  if ((byte >= 97 && byte < 123) || byte >= 128) return 'a'
  return String.fromCharCode(byte)
}

/** The classes of a text, of which `loose` leaves out repetitions: `28/01` is `99/99` or `9/9`. */
function shapeOf(bytes: Uint8Array, isLoose: boolean): string {
  let shape = ''
  let last = ''
  for (let i = 0; i < bytes.length && i < SHAPED_BYTES; i++) {
    const one = classOf(bytes[i]!)
    if (!isLoose || one !== last) shape += one
    last = one
  }
  return bytes.length > SHAPED_BYTES ? `${shape}…` : shape
}

/** Profiles of the columns of these records, of which those that are not of the table do not count. */
export function profileColumns(
  bytes: Uint8Array,
  records: Iterable<Scanned>,
  style: Style,
  columns: number,
): readonly Profile[] {
  const rows: Scanned[] = []
  for (const record of records) {
    if (record.fields.length !== columns || record.broken || record.isOdd) continue
    // A note beside the table, which says nothing of the other columns.
    if (columns > 2 && record.fields.every(({ from, to }, i) => i === 0 || from === to)) continue
    if (rows.push(record) === SAMPLED) break
  }
  return Array.from({ length: columns }, (_, column) => profileColumn(bytes, rows, style, column))
}

function profileColumn(bytes: Uint8Array, rows: readonly Scanned[], style: Style, column: number): Profile {
  const exact = new Set<string>()
  const loose = new Set<string>()
  const first = new Set<string>()
  let isNumeric = true
  let [nulls, quoted, shortest, longest] = [0, 0, Number.POSITIVE_INFINITY, 0]
  for (const row of rows) {
    const field = row.fields[column]!
    const value = trimQuotes(fieldBytes(bytes, field, style))
    if (value.length === 0) {
      nulls++
      continue
    }
    if (field.isQuoted) quoted++
    exact.add(shapeOf(value, false))
    loose.add(shapeOf(value, true))
    first.add(classOf(value[0]!))
    isNumeric &&= NUMERIC.test(Buffer.from(value.subarray(0, SHAPED_BYTES)).toString('latin1'))
    shortest = Math.min(shortest, value.length)
    longest = Math.max(longest, value.length)
  }
  const values = rows.length - nulls
  const few = (shapes: Set<string>): Set<string> | null =>
    values >= ENOUGH && shapes.size * VALUES_PER_SHAPE <= values ? shapes : null
  const tight = few(exact) ?? few(loose)
  return {
    seen: rows.length,
    nulls,
    values,
    quoted,
    exact: few(exact),
    loose: few(loose),
    hasDigits: tight !== null && [...tight].every((shape) => shape.includes('9')),
    first,
    isNumeric: isNumeric && values > 0,
    shortest,
    longest,
  }
}

/** Whether the profiles rest on enough records to judge by. */
export function isTelling(profiles: readonly Profile[]): boolean {
  return (profiles[0]?.seen ?? 0) >= ENOUGH
}

/** Whether a column has a pattern that text cut at the wrong place would not have. */
export function isTight(profile: Profile): boolean {
  return profile.exact !== null || profile.loose !== null
}

/** Whether the column may hold the text at all: nothing where it has values, quoted where it always is. */
export function mayHold(profile: Profile, text: Uint8Array, isQuoted: boolean): boolean {
  if (trimQuotes(text).length === 0) return profile.nulls > 0
  if (profile.values === 0) return false
  return isQuoted || profile.values < ENOUGH || profile.quoted < profile.values
}

/** Whether a text could stand in the column. Quotes at its ends do not count: they may be what is wrong. */
export function fits(profile: Profile, text: Uint8Array, isQuoted: boolean): boolean {
  if (profile.seen < ENOUGH) return true
  if (!mayHold(profile, text, isQuoted)) return false
  const plain = trimQuotes(text)
  return plain.length === 0 || profile.values < ENOUGH || hasShape(profile, plain)
}

function trimQuotes(text: Uint8Array): Uint8Array {
  let from = 0
  let to = text.length
  while (from < to && QUOTES.has(text[from]!)) from++
  while (to > from && QUOTES.has(text[to - 1]!)) to--
  return text.subarray(from, to)
}

/** Whether a text is like the values of the column. */
export function hasShape(profile: Profile, text: Uint8Array): boolean {
  if (profile.exact) return profile.exact.has(shapeOf(text, false))
  if (text.length > 2 * profile.longest + 8 || 2 * text.length + 8 < profile.shortest) return false
  if (profile.loose) return profile.loose.has(shapeOf(text, true))
  return profile.first.has(classOf(text[0]!))
}
