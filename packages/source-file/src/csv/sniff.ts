import { type Guess, guessEscape, guessQuotes } from './quotes.ts'
import { fieldText, isBlank, type Scanned, type Style, scanRecords } from './scan.ts'

/** Bytes of the head that are tried with every dialect. */
const TRIED_BYTES = 64 * 1024
/** Lines from which a quarter of them is enough. */
const TRIED_LINES = 100
/** The share of lines in which a delimiter stands. */
const OFTEN = 0.2
/** Records of which the values are looked at. */
const LOOKED_AT = 200
/** How likely a delimiter is beside the others, before anything is seen. */
const DELIMITERS: readonly (readonly [string, number])[] = [
  [',', 1],
  [';', 1],
  ['\t', 1],
  ['|', 1],
  ['||', 1],
  ['::', 1],
  [';;', 1],
  ['~~', 1],
  ['|~|', 1],
  ['~|~', 1],
  [' | ', 1],
  ['\x1f', 0.95],
  ['\x01', 0.95],
  ['§', 0.95],
  ['¦', 0.95],
  ['^', 0.9],
  ['~', 0.9],
  ['#', 0.8],
  [':', 0.8],
  [' ', 0.8],
]
/** The score below which nothing separates fields. */
const CONSISTENT = 0.3
const FEW_COLUMNS = 4
const SPACE = 32
const COLON = 58

/** Delimiter, quote, escape and width of a file, as far as its head tells. */
export interface Sniffed extends Style {
  readonly columns: number
  /** Records that were looked at, and those that have that many fields. */
  readonly records: number
  readonly fitting: number
}

/** What the caller knows already. */
export interface SniffHints {
  readonly delimiter?: Uint8Array
  readonly quote?: number
  readonly escape?: number
  /** The likelier one where several fit, by the name of the file. */
  readonly likely?: number
  /** The head is the whole file. */
  readonly complete: boolean
}

interface Trial {
  readonly sniffed: Sniffed
  readonly score: number
}

/** The dialect that gives the most records of the same width, with values that are alike down each column. */
export function sniff(head: Uint8Array, hints: SniffHints): Sniffed {
  const bytes = triedPart(head)
  const complete = hints.complete && bytes.length === head.length
  const delimiters = hints.delimiter ? [{ bytes: hints.delimiter, weight: 1 }] : candidates(bytes)
  let best: Trial | undefined
  for (const delimiter of delimiters) {
    const quotes: readonly Guess[] =
      hints.quote === undefined
        ? guessQuotes(bytes, delimiter.bytes, complete)
        : [{ quote: hints.quote, weight: 1 }]
    for (const { quote, weight } of quotes) {
      const style = styleOf(delimiter.bytes, quote, hints.escape)
      const isLikely = delimiter.bytes.length === 1 && delimiter.bytes[0] === hints.likely
      const trial = tryStyle(bytes, style, complete, delimiter.weight * weight, isLikely)
      if (!best || trial.score > best.score) best = trial
    }
  }
  if (best && (hints.delimiter || (best.score > CONSISTENT && best.sniffed.columns > 1))) {
    return refine(bytes, best.sniffed, hints, complete)
  }
  const only = Uint8Array.of(hints.likely ?? 44)
  const quote = hints.quote ?? guessQuotes(bytes, only, complete)[0]?.quote ?? 34
  return refine(
    bytes,
    tryStyle(bytes, styleOf(only, quote, hints.escape), complete, 1, false).sniffed,
    hints,
    complete,
  )
}

/** As much of the head as has enough lines; a text of few long ones is looked at in full. */
function triedPart(head: Uint8Array): Uint8Array {
  const part = head.subarray(0, TRIED_BYTES)
  let lines = 0
  for (let at = 0; at < part.length; at++) {
    if ((part[at] === 10 || part[at] === 13) && ++lines >= TRIED_LINES && at >= TRIED_BYTES / 4) {
      return part.subarray(0, at + 1)
    }
  }
  return part
}

/** The delimiters that many lines have. */
function candidates(bytes: Uint8Array): readonly { readonly bytes: Uint8Array; readonly weight: number }[] {
  const all = DELIMITERS.map(([text, weight]) => ({ bytes: Buffer.from(text), weight }))
  // Lines that have a byte, and the line in which it was seen last.
  const lines = new Uint32Array(256)
  const last = new Uint32Array(256)
  let line = 1
  for (const byte of bytes) {
    if (byte === 10 || byte === 13) line++
    else if (last[byte] !== line) {
      last[byte] = line
      lines[byte]!++
    }
  }
  return all.filter(
    ({ bytes: [first = 0] }) =>
      lines[first]! > 0 &&
      lines[first]! >=
        OFTEN *
          Math.min(
            line,
            lines.reduce((a, b) => Math.max(a, b)),
          ),
  )
}

function styleOf(delimiter: Uint8Array, quote: number, escapeByte: number | undefined): Style {
  return {
    delimiter: delimiter[0]!,
    ...(delimiter.length > 1 ? { delimiterTail: delimiter.slice(1) } : {}),
    quote,
    ...(escapeByte === undefined ? {} : { escape: escapeByte }),
  }
}

/** The same dialect with what shows only once delimiter and quote are known. */
function refine(bytes: Uint8Array, found: Sniffed, hints: SniffHints, complete: boolean): Sniffed {
  let style: Style = found
  if (hints.escape === undefined) style = guessEscape(bytes, style, complete)
  if (!hints.delimiter) style = widen(bytes, { ...found, ...style }, complete)
  const { sniffed } = tryStyle(bytes, style, complete, 1, false)
  return sniffed
}

/** The delimiter with a second one of its kind, when it never stands alone. */
function widen(bytes: Uint8Array, found: Sniffed, complete: boolean): Style {
  const { delimiter, delimiterTail } = found
  if (delimiterTail || found.columns < 2) return found
  const rows = rowsOf(bytes, found, complete).filter(({ fields }) => fields.length === found.columns)
  const isDoubled =
    found.columns % 2 === 1 &&
    rows.length > 1 &&
    rows.every(({ fields }) => fields.every(({ from, to }, i) => i % 2 === 0 || from === to)) &&
    rows.some(({ fields }) => fields.some(({ from, to }, i) => i > 0 && to > from))
  return isDoubled ? { ...found, delimiterTail: Uint8Array.of(delimiter) } : found
}

/** Whether a space follows every delimiter but those before nothing, as in `1, "a, b"`. */
function isSpaced(bytes: Uint8Array, rows: readonly Scanned[]): boolean {
  let [some, all] = [0, 0]
  for (const { fields } of rows) {
    for (const { from, to } of fields.slice(1)) {
      if (to === from) continue
      all++
      if (bytes[from] === SPACE) some++
    }
  }
  return all > 0 && some === all
}

function rowsOf(bytes: Uint8Array, style: Style, complete: boolean): Scanned[] {
  return [...scanRecords(bytes, 0, style, complete)].filter((record) => !isBlank(record))
}

function tryStyle(
  bytes: Uint8Array,
  given: Style,
  complete: boolean,
  weight: number,
  isLikely: boolean,
): Trial {
  let style: Style = given.skipSpace ? given : { ...given, skipSpace: hasSpaceBeforeQuote(bytes, given) }
  let scanned = [...scanRecords(bytes, 0, style, complete)]
  if (!style.skipSpace && style.delimiter !== SPACE && isSpaced(bytes, scanned)) {
    style = { ...style, skipSpace: true }
    scanned = [...scanRecords(bytes, 0, style, complete)]
  }
  // A first record that is longer than the head still says how many fields it has.
  if (scanned.length === 0) scanned.push(...scanRecords(bytes, 0, style, true))
  const rows = scanned.filter((record) => !isBlank(record))
  const counts = rows.map(({ fields, broken }) => (broken ? 0 : fields.length))
  const columns = chooseWidth(
    counts.length > 0 && counts[0] === 0 ? [rows[0]!.fields.length, ...counts.slice(1)] : counts,
  )
  const fitting = rows.filter(({ fields, broken }) => !broken && fields.length === columns)
  const sniffed = { ...style, columns, records: rows.length, fitting: fitting.length }
  if (columns < 2) return { sniffed, score: 0 }
  const share = rows.length === 0 ? 0 : fitting.length / rows.length
  const isFirst = counts[0] === columns
  // Names of people and times have as many spaces and colons each: without a first row of that width, they are text.
  if (isWeak(style) && !isFirst && columns < FEW_COLUMNS) return { sniffed, score: 0 }
  const alike = likeness(bytes, fitting.slice(0, LOOKED_AT), style, columns)
  const score =
    weight * (share * (isFirst ? 1 : 0.8) * (0.4 + 0.6 * alike)) +
    0.005 * Math.min(columns, 10) +
    (isLikely ? 0.15 : 0)
  return { sniffed, score }
}

/** A delimiter that texts and times have too. */
function isWeak({ delimiter, delimiterTail }: Style): boolean {
  return delimiterTail === undefined && (delimiter === SPACE || delimiter === COLON)
}

/** Whether quotes follow the delimiter after a space, and never without one: `1, "a, b"`. */
function hasSpaceBeforeQuote(
  bytes: Uint8Array,
  { delimiter, delimiterTail = new Uint8Array(), quote }: Style,
): boolean {
  if (quote < 0 || (delimiter === SPACE && delimiterTail.length === 0)) return false
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const whole = [delimiter, ...delimiterTail]
  if (whole[whole.length - 1] === SPACE) return false
  return (
    view.includes(Buffer.from([...whole, SPACE, quote])) && !view.includes(Buffer.from([...whole, quote]))
  )
}

/** How far the values down each column are of one kind, 0 to 1: text that was cut at the wrong place rarely is. */
function likeness(bytes: Uint8Array, rows: readonly Scanned[], style: Style, columns: number): number {
  const values = rows.length > 2 ? rows.slice(1) : rows
  let sum = 0
  for (let column = 0; column < columns; column++) {
    const kinds = new Map<string, number>()
    let filled = 0
    for (const { fields } of values) {
      const field = fields[column]!
      if (field.from === field.to) continue
      filled++
      const kind = field.isQuoted ? 'quoted' : kindOf(fieldText(bytes, field, style))
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    const [kind, count] = [...kinds].sort((a, b) => b[1] - a[1])[0] ?? ['empty', 0]
    const share = filled === 0 ? 1 : count / filled
    sum += share * (KIND_WEIGHT[kind] ?? 0.3)
  }
  return sum / columns
}

const KIND_WEIGHT: Readonly<Record<string, number>> = {
  number: 1,
  time: 1,
  quoted: 1,
  code: 0.9,
  empty: 0.5,
  word: 0.7,
  text: 0.4,
  edged: 0.1,
}

function kindOf(text: string): string {
  if (/^\s|\s$/.test(text)) return 'edged'
  if (/^[-+]?[$€£]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?\s?[%€]?$/.test(text)) return 'number'
  if (/^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}:\d{2}.*)?$|^\d{1,2}:\d{2}(?::\d{2}.*)?$/.test(text))
    return 'time'
  if (/^\p{L}+$/u.test(text)) return 'word'
  return /^[\p{L}\d_\-./:@]+$/u.test(text) ? 'code' : 'text'
}

/**
 * The width of the table. The first record decides, unless few others agree and many agree on another: lines
 * above the header, or a header that is one short.
 */
function chooseWidth(counts: readonly number[]): number {
  const first = counts[0] ?? 1
  const tally = new Map<number, number>()
  for (const count of counts) if (count > 0) tally.set(count, (tally.get(count) ?? 0) + 1)
  let most = first
  for (const [count, times] of tally) if (times > (tally.get(most) ?? 0)) most = count
  const times = tally.get(most) ?? 0
  const agree = (tally.get(first) ?? 0) - 1
  const isAlone = agree === 0 || times >= 4 * (agree + 1)
  return most > 1 && isAlone && times >= 3 && times / counts.length >= (agree === 0 ? 0.3 : 0.5)
    ? most
    : first
}
