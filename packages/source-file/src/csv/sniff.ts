import { type CsvDialect, type CsvSplitter, KIND, loadKernelsSync } from '@omni/kernels'

/** Bytes of the head that are tried with every dialect. */
const TRIED_BYTES = 64 * 1024
/** Common delimiters, likelier first; the second row only where it fits far better than the first. */
const DELIMITERS: readonly (readonly string[])[] = [
  [',', ';', '\t', '|'],
  ['\x1f', '\x01', '^', '~', ':', '#', ' '],
]
/** The share of records of one width above which a delimiter of each row is taken. */
const CONSISTENT = [0.5, 0.9]
const DOUBLE_QUOTE = 34
const SINGLE_QUOTE = 39
const SPACE = 32

/** Delimiter, quote and width of a file, as far as its head tells. */
export interface Sniffed {
  readonly delimiter: number
  /** -1: none. */
  readonly quote: number
  readonly columns: number
  /** A space after a delimiter belongs to it. */
  readonly skipSpace: boolean
  /** Share of records that have that many fields; 0 where there are none. */
  readonly share: number
}

/** What the caller knows already. */
export interface SniffHints {
  readonly delimiter?: number
  readonly quote?: number
  /** The likelier one where several fit, by the name of the file. */
  readonly likely?: number
  /** The head is the whole file. */
  readonly complete: boolean
}

interface Trial extends Sniffed {
  /** The first record has that width too. */
  readonly isFirst: boolean
  readonly score: number
}

/** The dialect that gives the most records of the same width; quoted text is never mistaken for structure. */
export function sniff(head: Uint8Array, hints: SniffHints): Sniffed {
  const bytes = head.subarray(0, TRIED_BYTES)
  const complete = hints.complete && bytes.length === head.length
  const quotes = hints.quote === undefined ? quotesIn(bytes) : [hints.quote]
  const rows = hints.delimiter === undefined ? DELIMITERS.map(codesOf) : [[hints.delimiter]]
  let fallback: Trial | undefined
  for (const [row, delimiters] of rows.entries()) {
    const trials = delimiters.flatMap((delimiter) =>
      quotes.map((quote) => tryDialect(bytes, delimiter, quote, complete, hints.likely)),
    )
    const best = trials.reduce((a, b) => (b.score > a.score ? b : a))
    if (hints.delimiter !== undefined) return best
    if (best.columns > 1 && best.share > (CONSISTENT[row] ?? 1) && (row === 0 || best.isFirst)) return best
    fallback ??= best
  }
  if (fallback && fallback.columns > 1) return fallback
  return tryDialect(bytes, hints.likely ?? 44, quotes[0] ?? DOUBLE_QUOTE, complete, undefined)
}

function codesOf(delimiters: readonly string[]): readonly number[] {
  return delimiters.map((delimiter) => delimiter.charCodeAt(0))
}

/** Single quotes are tried where half of the records open one; first, where they are the only ones and pair up. */
function quotesIn(bytes: Uint8Array): readonly number[] {
  if (!bytes.includes(SINGLE_QUOTE)) return [DOUBLE_QUOTE]
  const text = Buffer.from(bytes).toString('latin1')
  const opened = text.match(/(?:^|[\n\r,;\t|])'/g)?.length ?? 0
  const closed = text.match(/'(?=$|[\n\r,;\t|])/g)?.length ?? 0
  const records = text.match(/[^\r\n]+/g)?.length ?? 0
  if (opened * 2 < records) return [DOUBLE_QUOTE]
  const isOnly = opened === closed && !bytes.includes(DOUBLE_QUOTE)
  return isOnly ? [SINGLE_QUOTE, DOUBLE_QUOTE] : [DOUBLE_QUOTE, SINGLE_QUOTE]
}

function tryDialect(
  bytes: Uint8Array,
  delimiter: number,
  quote: number,
  complete: boolean,
  likely: number | undefined,
): Trial {
  const skipSpace = hasSpaceBeforeQuote(bytes, delimiter, quote)
  const counts = countFields(bytes, { delimiter, quote, skipSpace }, complete)
  const columns = chooseWidth(counts)
  const splitter = loadKernelsSync().createCsvSplitter({ delimiter, quote, columns, skipSpace })
  const found = splitter.split(bytes, 0, bytes.length, {
    final: complete,
    maxRows: counts.length + 1,
    line: 1,
  })
  const typed = countTyped(splitter, found.rows, columns)
  splitter.release()
  const seen = found.rows + found.rejected.length
  const share = seen === 0 ? 0 : found.rows / seen
  const isFirst = counts[0] === columns
  const score =
    columns < 2
      ? 0
      : share * (isFirst ? 1 : 0.7) +
        0.005 * Math.min(columns, 10) +
        0.1 * (typed / columns) +
        (delimiter === likely ? 0.2 : 0)
  return { delimiter, quote, columns, skipSpace, share, score, isFirst }
}

/** Whether quotes follow the delimiter after a space, and never without one: `1, "a, b"`. */
function hasSpaceBeforeQuote(bytes: Uint8Array, delimiter: number, quote: number): boolean {
  if (quote < 0 || delimiter === SPACE) return false
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return view.includes(Buffer.of(delimiter, SPACE, quote)) && !view.includes(Buffer.of(delimiter, quote))
}

/** Columns that hold numbers, dates or booleans below the first row: text cut at the wrong place rarely does. */
function countTyped(splitter: CsvSplitter, rows: number, columns: number): number {
  if (rows < 2) return 0
  splitter.drop([0])
  let typed = 0
  for (let column = 0; column < columns; column++) {
    const { kinds } = splitter.kinds(column)
    if (kinds !== 0 && (kinds & KIND.text) === 0) typed++
  }
  return typed
}

/** Fields of each record, blank ones left out. */
function countFields(bytes: Uint8Array, dialect: Omit<CsvDialect, 'columns'>, complete: boolean): number[] {
  const splitter = loadKernelsSync().createCsvSplitter({ ...dialect, columns: 0 })
  const counts: number[] = []
  // A first record that is longer than the head still says how many fields it has.
  for (let from = 0, final = complete; from < bytes.length; ) {
    const found = splitter.split(bytes, from, bytes.length, { final, maxRows: 1, line: 1 })
    for (const record of found.rejected) counts.push(record.fields)
    if (found.consumed === 0) {
      if (final || counts.length > 0) break
      final = true
    }
    from += found.consumed
  }
  splitter.release()
  return counts
}

/**
 * The width of the table. The first record decides, unless few others agree and many agree on another: lines
 * above the header, or a header that is one short.
 */
function chooseWidth(counts: readonly number[]): number {
  const first = counts[0] ?? 1
  const tally = new Map<number, number>()
  for (const count of counts) tally.set(count, (tally.get(count) ?? 0) + 1)
  let most = first
  for (const [count, times] of tally) if (times > (tally.get(most) ?? 0)) most = count
  const share = (tally.get(most) ?? 0) / counts.length
  const agree = (tally.get(first) ?? 0) - 1
  return most > 1 && agree === 0 && (tally.get(most) ?? 0) >= 3 && share >= 0.6 ? most : first
}
