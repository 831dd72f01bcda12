import { fieldBytes, type Scanned, type Style, scanRecords } from './scan.ts'

/** A quote that may be the one of the file, and how likely it is beside the others. */
export interface Guess {
  /** -1: none. */
  readonly quote: number
  readonly weight: number
}

const DOUBLE = 34
/** Others that are in use, the likelier first. */
const OTHERS = ["'", '`', '~', '^', '|', '%', '$', '*', '#', '/'].map((text) => text.charCodeAt(0))
/** A quote other than the usual one begins fields in at least this share of the records. */
const IN_USE = 0.3
/** Quotes that begin a field and close none, from which they may be no quotes. */
const MANY = 3

/** The quotes that may be those of a file with this delimiter. */
export function guessQuotes(bytes: Uint8Array, delimiter: Uint8Array, complete: boolean): readonly Guess[] {
  const guesses: Guess[] = []
  if (bytes.includes(DOUBLE) && !delimiter.includes(DOUBLE)) {
    const { proper, loose } = countQuoted(bytes, delimiter, DOUBLE, complete)
    // Where most quotes that begin a field close none, they are inch signs, or the format knows no quotes.
    guesses.push({ quote: DOUBLE, weight: 1 })
    if (loose >= MANY && loose > 4 * proper) guesses.push({ quote: -1, weight: 0.97 })
  }
  for (const quote of OTHERS) {
    if (delimiter.includes(quote) || !bytes.includes(quote)) continue
    const { proper, loose, records } = countQuoted(bytes, delimiter, quote, complete)
    if (proper >= IN_USE * records && proper > 2 * loose) {
      const isOnly = !bytes.includes(DOUBLE)
      guesses.push({ quote, weight: isOnly ? 1.02 : 1 })
    }
  }
  return guesses.length > 0 ? guesses : [{ quote: DOUBLE, weight: 1 }]
}

/** Fields between two such quotes, and those that only begin with one, when the text is cut at every delimiter. */
function countQuoted(
  bytes: Uint8Array,
  delimiter: Uint8Array,
  quote: number,
  complete: boolean,
): { readonly proper: number; readonly loose: number; readonly records: number } {
  const style: Style = {
    delimiter: delimiter[0]!,
    ...(delimiter.length > 1 ? { delimiterTail: delimiter.slice(1) } : {}),
    quote: -1,
    skipSpace: true,
  }
  let [begun, ended, records] = [0, 0, 0]
  for (const { fields } of scanRecords(bytes, 0, style, complete)) {
    records++
    for (const { from, to } of fields) {
      if (to - from < 1) continue
      if (bytes[from] === quote) begun++
      if (bytes[to - 1] === quote && to - from > 1) ended++
    }
  }
  const proper = Math.min(begun, ended)
  return { proper, loose: begun - proper, records }
}

/**
 * The escape that makes the most of the quotes fit; none where they fit as they are. `"` is one itself where other
 * quotes are used and it stands doubled all the time.
 */
export function guessEscape(bytes: Uint8Array, style: Style, complete: boolean): Style {
  const { quote } = style
  if (quote < 0) return guessUnquotedEscape(bytes, style, complete)
  const records = [...scanRecords(bytes, 0, style, complete)]
  if (quote !== DOUBLE && isAlwaysDoubled(bytes, records, style)) return { ...style, escape: DOUBLE }
  const broken = countBroken(records)
  if (broken === 0) return style
  let best: Style = style
  let least = broken
  for (const mark of marksBeforeQuotes(bytes, style)) {
    const tried = { ...style, escape: mark }
    const left = countBroken([...scanRecords(bytes, 0, tried, complete)])
    if (left < least) {
      best = tried
      least = left
    }
  }
  return best
}

function countBroken(records: readonly Scanned[]): number {
  return records.reduce((sum, { broken }) => sum + (broken ? 1 : 0), 0)
}

/** Bytes that stand before quotes which are neither at the start of a field nor doubled. */
function marksBeforeQuotes(bytes: Uint8Array, { quote, delimiter, delimiterTail }: Style): readonly number[] {
  const marks = new Map<number, number>()
  for (let at = bytes.indexOf(quote, 1); at >= 0; at = bytes.indexOf(quote, at + 1)) {
    const before = bytes[at - 1]!
    const isMark =
      before > 32 &&
      before < 127 &&
      !/[A-Za-z0-9+\-.]/.test(String.fromCharCode(before)) &&
      before !== quote &&
      before !== delimiter &&
      !delimiterTail?.includes(before)
    if (isMark) marks.set(before, (marks.get(before) ?? 0) + 1)
  }
  return [...marks]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([mark]) => mark)
}

/** Whether every `"` within fields of another quote is one of two. */
function isAlwaysDoubled(bytes: Uint8Array, records: readonly Scanned[], style: Style): boolean {
  let pairs = 0
  for (const { fields } of records) {
    for (const field of fields) {
      if (!field.isQuoted) continue
      const text = fieldBytes(bytes, field, style)
      for (let at = text.indexOf(DOUBLE); at >= 0; at = text.indexOf(DOUBLE, at + 2)) {
        if (text[at + 1] !== DOUBLE) return false
        pairs++
      }
    }
  }
  return pairs > 0
}

/** Without quotes a backslash may keep a delimiter within a field. */
function guessUnquotedEscape(bytes: Uint8Array, style: Style, complete: boolean): Style {
  const BACKSLASH = 92
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!view.includes(Buffer.from([BACKSLASH, style.delimiter]))) return style
  const widths = (some: Style): number =>
    new Set([...scanRecords(bytes, 0, some, complete)].map(({ fields }) => fields.length)).size
  const tried = { ...style, escape: BACKSLASH }
  return widths(tried) < widths(style) ? tried : style
}
