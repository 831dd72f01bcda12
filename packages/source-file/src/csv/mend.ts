import { fits, isTelling, isTight, mayHold, type Profile } from './profile.ts'
import { delimiterBytes, fieldBytes, isDelimiter, isLineEnd, type Style } from './scan.ts'

/** What is known of the table that a record must fit in. */
export interface Fitting {
  readonly style: Style
  readonly columns: number
  readonly profiles: readonly Profile[]
}

/** What may have gone wrong in a record, beside its quotes. */
export interface Suspicion {
  /** A delimiter is missing. */
  readonly isShort?: boolean
  /** A delimiter is too many, or not quoted. */
  readonly isLong?: boolean
}

/** The one reading of a record. */
export interface Mended {
  readonly fields: readonly (Uint8Array | null)[]
  /** How far it is from what is written there. */
  readonly cost: number
}

interface Move {
  readonly cost: number
  /** The field; undefined where one was passed over. */
  readonly value?: Value
  /** Where the next field begins, or -1 at the end of the record. */
  readonly next: number
}

/** A field from `from` to `to`, and a quote after it when `isOpen`. */
interface Value {
  readonly from: number
  readonly to: number
  readonly isQuoted: boolean
  readonly hasQuoteAfter?: boolean
}

// The price of each deviation. A quote that means itself is the cheapest; to let one that could close a field pass
// for text, or to invent or ignore a delimiter, takes more.
const QUOTE_WITHIN = 1
const QUOTE_AT_END = 1
const QUOTE_AT_START = 2
const QUOTE_THAT_COULD_CLOSE = 3
const QUOTE_MISSING = 3
const DELIMITER = 2
const DELIMITER_AT_NOTHING = 4
const UNLIKE = 3
const MOST = 24

/** Beyond these a record is not worth the time. */
const MAX_BYTES = 64 * 1024
const MAX_STEPS = 50_000
/** Columns of a table in which a record is worth it, and fields that one reading passes through. */
const MAX_COLUMNS = 500
const MAX_DEPTH = 1000
/** A field that two may have become; longer text is split only at a quote. */
const MAX_JOINED = 512
/** Readings that are compared; a second one is enough. */
const MAX_READINGS = 3

/**
 * The only reading of `bytes[start, end)` as one record of the table with the fewest deviations, each field being
 * such as its column has; undefined where there is none, or more than one.
 */
export function mend(
  bytes: Uint8Array,
  start: number,
  end: number,
  fitting: Fitting,
  suspicion: Suspicion,
): Mended | undefined {
  if (end - start > MAX_BYTES || fitting.columns > MAX_COLUMNS) return undefined
  const search = createSearch(bytes, end, fitting, suspicion)
  const cost = search.best(start, 0)
  if (cost > MOST) return undefined
  const readings = search.readings(start, cost)
  return readings.length === 1 && !search.isExhausted() ? { fields: readings[0]!, cost } : undefined
}

interface Search {
  /** The least cost of reading what is at `at` as the fields from `column` on. */
  best(at: number, column: number): number
  /** It took too long, so that the result means nothing. */
  isExhausted(): boolean
  /** Distinct readings of that cost. */
  readings(start: number, cost: number): (Uint8Array | null)[][]
}

function createSearch(
  bytes: Uint8Array,
  end: number,
  { style, columns, profiles }: Fitting,
  { isShort = false, isLong = false }: Suspicion,
): Search {
  const { quote, escape: mark = -1, skipSpace = false, nullText } = style
  const width = delimiterBytes(style)
  const knows = isTelling(profiles)
  const known = new Map<number, number>()
  // Fields that were tried, each counted by its length too.
  let steps = 0
  let depth = 0

  const isEnd = (at: number): boolean => at >= end || isDelimiter(bytes, at, end, style)
  /** Where the field after the delimiter at `at` begins. */
  const after = (at: number): number => {
    if (at >= end) return -1
    const next = at + width
    return skipSpace && next < end && bytes[next] === 32 ? next + 1 : next
  }

  function textOf({ from, to, isQuoted, hasQuoteAfter }: Value): Uint8Array {
    const text = fieldBytes(bytes, { from, to, isQuoted }, style)
    return hasQuoteAfter ? Buffer.concat([text, Uint8Array.of(quote)]) : text
  }

  /** What it costs that a value is not like those of its column; too much where values tell the readings apart. */
  function unlike(column: number, value: Value): number {
    const profile = profiles[column]
    if (profile === undefined || !knows) return 0
    steps += (value.to - value.from) >> 6
    const text = textOf(value)
    if (fits(profile, text, value.isQuoted)) return 0
    if (isShort || isLong || !mayHold(profile, text, value.isQuoted)) return MOST + 1
    return UNLIKE
  }

  /** Ends of an unquoted field that begins at `at`, and what each costs. */
  function* unquoted(at: number, column: number): Generator<Move, void, void> {
    const opening = bytes[at] === quote && at < end ? QUOTE_AT_START : 0
    let joined = 0
    let lastDelimiter = at - width
    for (let to = at; ; to++) {
      if (to < end && isLineEnd(bytes, to)) return
      if (to > at && to < end && !isEnd(to)) {
        const isAtQuote = bytes[to] === quote
        const mayJoin = isShort && knows && to - at <= MAX_JOINED && joined === 0 && isBetween(column)
        if ((isAtQuote || mayJoin) && opening === 0) {
          yield { cost: DELIMITER + joined, value: { from: at, to, isQuoted: false }, next: to }
        }
      }
      if (to < end && bytes[to] === mark && to + 1 < end) {
        if (isDelimiter(bytes, to + 1, end, style)) to += width
        continue
      }
      if (!isEnd(to)) continue
      const isNothing = to === lastDelimiter + width
      const closing = to > at + 1 && bytes[to - 1] === quote && opening === 0 ? QUOTE_AT_END : 0
      const value = { from: at, to, isQuoted: false }
      yield {
        cost: opening + closing + joined + (isNothing && joined > 0 ? DELIMITER_AT_NOTHING - DELIMITER : 0),
        value,
        next: after(to),
      }
      if (to >= end || !isLong || !knows) return
      joined += isNothing ? DELIMITER_AT_NOTHING : DELIMITER
      if (joined > MOST) return
      lastDelimiter = to
      to += width - 1
    }
  }

  /** Whether a missing delimiter after the column would show. */
  function isBetween(column: number): boolean {
    const [here, next] = [profiles[column], profiles[column + 1]]
    return here !== undefined && next !== undefined && (isTight(here) || isTight(next))
  }

  /** Ends of a field that begins with the quote at `at`. */
  function* quotedField(at: number): Generator<Move, void, void> {
    let cost = 0
    let hasLines = false
    for (let i = at + 1; i < end && cost <= MOST && steps <= MAX_STEPS; i++) {
      const byte = bytes[i]
      if (byte === mark && i + 1 < end && (bytes[i + 1] === quote || bytes[i + 1] === mark)) {
        i++
        continue
      }
      if (byte !== quote) {
        // It may never be closed, and end here all the same.
        if (isLineEnd(bytes, i)) hasLines = true
        else if (!hasLines && isDelimiter(bytes, i, end, style)) yield unclosed(at, i, cost)
        continue
      }
      const value = { from: at + 1, to: i, isQuoted: true }
      if (i + 1 < end && bytes[i + 1] === quote) {
        // Two quotes are one; or the first is text and the second closes; or a delimiter between them is missing.
        if (isEnd(i + 2)) {
          yield { cost: cost + QUOTE_WITHIN, value: { ...value, hasQuoteAfter: true }, next: after(i + 2) }
        }
        yield { cost: cost + DELIMITER, value, next: i + 1 }
        i++
      } else if (isEnd(i + 1)) {
        yield { cost, value, next: after(i + 1) }
        cost += QUOTE_THAT_COULD_CLOSE
      } else {
        if (!isLineEnd(bytes, i + 1)) yield { cost: cost + DELIMITER, value, next: i + 1 }
        cost += QUOTE_WITHIN
      }
    }
    if (cost <= MOST && !hasLines) yield unclosed(at, end, cost)
  }

  function unclosed(at: number, to: number, cost: number): Move {
    const value = { from: at + 1, to, isQuoted: true }
    return { cost: cost + QUOTE_MISSING, value, next: after(to) }
  }

  function dearer(move: Move, column: number): Move {
    const more = move.value ? unlike(column, move.value) : 0
    return more === 0 ? move : { ...move, cost: move.cost + more }
  }

  function* moves(at: number, column: number): Generator<Move, void, void> {
    const isEmpty = isEnd(at)
    if (column === columns) {
      // Nothing may follow the last column but delimiters.
      if (isEmpty) yield { cost: DELIMITER, next: after(at) }
      return
    }
    if (isEmpty && isLong && knows) yield { cost: DELIMITER, next: after(at) }
    if (bytes[at] === quote && at < end) {
      for (const move of quotedField(at)) yield dearer(move, column)
    }
    for (const move of unquoted(at, column)) yield dearer(move, column)
  }

  /** The cost of a record that ends before this column: nothing, or null in columns that may have it. */
  function missing(column: number): number {
    if (column === columns) return 0
    if (!isShort || !knows) return Number.POSITIVE_INFINITY
    for (let i = column; i < columns; i++) {
      if (profiles[i]!.nulls === 0) return Number.POSITIVE_INFINITY
    }
    return DELIMITER * (columns - column)
  }

  function best(at: number, column: number): number {
    if (at < 0) return missing(column)
    const key = at * (columns + 1) + column
    const before = known.get(key)
    if (before !== undefined) return before
    let least = Number.POSITIVE_INFINITY
    known.set(key, least)
    if (++depth > MAX_DEPTH) steps = MAX_STEPS
    for (const move of moves(at, column)) {
      if (++steps > MAX_STEPS) break
      if (move.cost >= least || move.cost > MOST) continue
      least = Math.min(least, move.cost + best(move.next, column + (move.value ? 1 : 0)))
    }
    depth--
    known.set(key, least)
    return least
  }

  function finish({ from, to, isQuoted, hasQuoteAfter }: Value): Uint8Array | null {
    const text = textOf({ from, to, isQuoted, ...(hasQuoteAfter ? { hasQuoteAfter } : {}) })
    if (!isQuoted && (text.length === 0 || (nullText && Buffer.compare(text, nullText) === 0))) return null
    return text
  }

  function readings(start: number, cost: number): (Uint8Array | null)[][] {
    const found: (Uint8Array | null)[][] = []
    const seen = new Set<string>()
    const walk = (at: number, column: number, left: number, path: readonly Value[]): void => {
      if (found.length >= MAX_READINGS || ++steps > MAX_STEPS) return
      if (at < 0) {
        const fields = path.map(finish)
        while (fields.length < columns) fields.push(null)
        const key = fields
          .map((field) => (field ? Buffer.from(field).toString('latin1') : '\0'))
          .join('\x01\0')
        if (!seen.has(key)) found.push(fields)
        seen.add(key)
        return
      }
      for (const move of moves(at, column)) {
        if (move.cost > left) continue
        const rest = best(move.next, column + (move.value ? 1 : 0))
        if (move.cost + rest !== left) continue
        walk(move.next, column + (move.value ? 1 : 0), rest, move.value ? [...path, move.value] : path)
      }
    }
    walk(start, 0, cost, [])
    return found
  }

  return { best, readings, isExhausted: () => steps > MAX_STEPS }
}
