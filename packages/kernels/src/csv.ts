/** How a CSV is written: RFC 4180 with any delimiter, any single-byte quote, and LF, CRLF or CR ends. */
export interface CsvDialect {
  readonly delimiter: number
  /** The byte around and, doubled, within fields; -1 where there is none. */
  readonly quote: number
  /** Fields in a record; every other number is ragged. */
  readonly columns: number
  /** What follows `delimiter` where a delimiter has several bytes. */
  readonly delimiterTail?: Uint8Array
  /**
   * The byte that, within quotes, makes a quote or itself ordinary, and outside of them a delimiter or line end too;
   * a quote may be doubled all the same. Absent: only doubled.
   */
  readonly escape?: number
  /** One space after a delimiter belongs to it, as in `1, "a, b"`. */
  readonly skipSpace?: boolean
  /** Unquoted text that stands for null, beside the empty one. */
  readonly nullText?: Uint8Array
}

/** One piece of input for {@link CsvSplitter.split}. */
export interface CsvPiece {
  /** The input ends here, so that its last record needs no line end. */
  readonly final: boolean
  /** Records in all, at most; the bound is {@link MAX_ROWS} in any case. */
  readonly maxRows: number
  /** The line at which the piece begins. */
  readonly line: number
  /** `to` and every byte from `from` to it are those of the call before, so that none is copied again. */
  readonly again?: boolean
}

/** Where a record is. Positions are relative to `from`; `end` excludes the line end. */
export interface CsvRecord {
  readonly start: number
  readonly end: number
  readonly line: number
}

/** A record that is not kept. */
export interface CsvRejected extends CsvRecord {
  /** Fields it has. */
  readonly fields: number
  /**
   * A quote that is never closed · text beside a quoted field · another number of fields · a quote that ends an
   * unquoted field, which may be a value as it stands.
   */
  readonly why: 'unclosed' | 'quote' | 'ragged' | 'odd'
  /** Records kept before it. */
  readonly before: number
}

/** A record to add to those that were kept, with the text of its fields: `null` is null, empty is empty. */
export interface CsvInsert extends CsvRecord {
  /** The record that was kept, by number, before which it belongs. */
  readonly before: number
  readonly fields: readonly (Uint8Array | null)[]
}

/** What {@link CsvSplitter.split} found. */
export interface CsvSplit {
  /** Records kept. */
  readonly rows: number
  /** Bytes of whole records, kept or not: go on after them. */
  readonly consumed: number
  /** The line after them. */
  readonly line: number
  readonly rejected: readonly CsvRejected[]
  /**
   * The last rejected record may end elsewhere: it has a quote that does not fit, or several lines. Nothing after it
   * was looked at.
   */
  readonly halted: boolean
}

/** A column of text, valid until the next call. */
export interface CsvText {
  readonly values: Uint8Array
  /** The end of each value, plus `base`. */
  readonly ends: Int32Array
  /** From bit `bit` (LSB first), 1 where the field is not null; the bits below are 0. */
  readonly validity: Uint8Array
  readonly nulls: number
}

/** A column of a fixed-width type, valid until the next call. */
export interface CsvFixed {
  /** Little-endian values, 0 for null; for `bool` bits like `validity`. */
  readonly values: Uint8Array
  readonly validity: Uint8Array
  readonly nulls: number
  /** The first row whose text the type would not print again, or -1. Otherwise the buffers mean nothing. */
  readonly failed: number
}

/** The types that text is parsed as. Each takes only what it prints as the very same text. */
export type CsvType =
  | { readonly kind: 'int64' }
  /** 128 bits, exactly `scale` digits after the point, at most 38 in all. */
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'float64' }
  /** `YYYY-MM-DD`, days since 1970-01-01, i32. */
  | { readonly kind: 'date' }
  /** i64 since the epoch in the unit of `stamp`, one of the {@link KIND} stamps. */
  | { readonly kind: 'timestamp'; readonly stamp: number }
  /** One spelling: 0 `true`, 1 `True`, 2 `TRUE`. */
  | { readonly kind: 'bool'; readonly spelling: number }

/** What the non-null texts of a column are, each as the narrowest kind. */
export interface CsvKinds {
  /** Bits of {@link KIND}. */
  readonly kinds: number
  /** Bit s: a fraction of s digits after the point. */
  readonly scales: bigint
}

type KindName =
  | 'text'
  | 'intSmall'
  | 'intBig'
  | 'intHuge'
  | 'fractionFast'
  | 'fractionDecimal'
  | 'fractionSlow'
  | 'exponent'
  | 'date'
  | 'bool'
  | 'stamp'
  | 'inexact'

/**
 * The bits of {@link CsvKinds}. From `bool` on there are 3 spellings; from `stamp` on 16, by separator
 * (`T`, space: 8), unit (s, ms, us, ns: 2) and zone (none, `Z`: 1).
 */
export const KIND: Readonly<Record<KindName, number>> = {
  text: 1 << 0,
  /** Integers of at most 15, of 64 bits, of at most 38 digits. */
  intSmall: 1 << 1,
  intBig: 1 << 2,
  intHuge: 1 << 3,
  /** Fractions that are a double too, are none, or may be one. */
  fractionFast: 1 << 4,
  fractionDecimal: 1 << 5,
  fractionSlow: 1 << 6,
  /** A number with an exponent, which may be a double. */
  exponent: 1 << 7,
  date: 1 << 8,
  bool: 1 << 9,
  stamp: 1 << 12,
  /** Some `fractionSlow` or `exponent` is no double. */
  inexact: 1 << 28,
}

/** Records that one call of {@link CsvSplitter.split} keeps, at most. */
export const MAX_ROWS: number = 16_384
/** Records that one call rejects, at most. */
export const MAX_REJECTED: number = 1024

/**
 * Splits records into columns; whoever made it releases it. `split` finds the fields of a piece; the other methods read columns of it,
 * in any order, until the next `split`.
 */
export interface CsvSplitter {
  /**
   * The records of `bytes[from, to)`. A last record without its end stays unconsumed unless the piece is
   * final; a record that is not kept is reported, and never shifts or pads anything.
   */
  split(bytes: Uint8Array, from: number, to: number, piece: CsvPiece): CsvSplit
  /** Where kept record `row` is. */
  record(row: number): CsvRecord
  /** Kept records that begin with these bytes, by ascending row number. */
  starting(prefix: Uint8Array): readonly number[]
  /** Kept records of which every field but the first is null, by ascending row number. */
  alone(): readonly number[]
  /** Forgets kept records by ascending row number; those after them move up. */
  drop(rows: readonly number[]): void
  /**
   * Adds records, in ascending order of `before`, as many as were rejected or dropped at most.
   */
  insert(records: readonly CsvInsert[]): void
  /** Column as text: quotes removed, doubled quotes single, an empty unquoted field null. */
  text(column: number, base: number, bit: number): CsvText
  /** Column as a type. */
  fixed(column: number, type: CsvType, bit: number): CsvFixed
  /** The kinds of a column. */
  kinds(column: number): CsvKinds
  /** Gives its memory to the next splitter. Call it once, last; views it returned mean nothing afterwards. */
  release(): void
}

/** Bytes of one value of the type; 0 for bits. */
export function widthOf(type: CsvType): number {
  if (type.kind === 'bool') return 0
  if (type.kind === 'decimal') return 16
  return type.kind === 'date' ? 4 : 8
}

/** Whether a double prints as this very text (ECMA-262 `Number::toString`). */
export function isDoubleText(text: string): boolean {
  return String(Number(text)) === text
}
