import type { CsvDialect } from '@omni/kernels'
import type { Rejected } from '@omni/spec'
import type { Head, Repaired } from '../format.ts'
import type { FileOptions } from '../options.ts'
import { type Encoding, findEncoding, headToUtf8 } from './encoding.ts'
import { csvFault } from './errors.ts'
import { findLayout, type Header, type Layout } from './header.ts'
import type { Fitting } from './mend.ts'
import { profileColumns } from './profile.ts'
import { lineAfter, scanRecords } from './scan.ts'
import { type Sniffed, sniff } from './sniff.ts'

/** How one file is read: what the options say, and for the rest what its head shows. */
export interface CsvPlan {
  readonly encoding: Encoding
  readonly dialect: CsvDialect
  readonly header: Header
  /** What is known of the records, to tell what is wrong with one that does not fit. */
  readonly fitting: Fitting
  /** Whether a record with one reading is kept. */
  readonly repairs: boolean
  /** Begins a comment line; -1 where none does. */
  readonly comment: number
  /** Records above the table. */
  readonly preamble: readonly Rejected[]
  /** The header, where it was broken. */
  readonly repaired: readonly Repaired[]
  /** Where the first row begins: bytes of UTF-8, and the line. */
  readonly dataStart: number
  readonly dataLine: number
  /** Records of the head, and those that have the columns. */
  readonly records: number
  readonly fits: number
  readonly lineEnds: readonly string[]
}

type CsvOptions = Pick<
  FileOptions,
  | 'format'
  | 'encoding'
  | 'delimiter'
  | 'quote'
  | 'escape'
  | 'header'
  | 'skipLines'
  | 'comment'
  | 'nullText'
  | 'repair'
>

const TAB = 9
const HASH = 35
const TSV_NAME = /\.(?:tsv|tab)$/i

/** Decides everything but the types; undefined where the file holds no record. Throws a fault when an option does not fit. */
export function planCsv(head: Head, fileName: string, options: CsvOptions): CsvPlan | undefined {
  const encoding = findEncoding(head.bytes, options.encoding, head.complete)
  const bytes = headToUtf8(head.bytes, encoding)
  if (head.complete && !/[^\r\n]/.test(Buffer.from(bytes).toString('latin1'))) return undefined
  const skipped = skipLines(bytes, options.skipLines ?? 0, head.complete)
  const comment = commentOf(bytes.subarray(skipped), options.comment)
  const table = commentsBlank(bytes.subarray(skipped), comment)
  const sniffed = sniffHead(table, head.complete, fileName, options)
  const layout = findLayout(bytes, sniffed, {
    wanted: options.header,
    complete: head.complete,
    skipped,
    skippedLines: options.skipLines ?? 0,
    comment,
  })
  const { records, fitting: fits, ...style } = sniffed
  const nullText = options.nullText ? { nullText: Buffer.from(options.nullText) } : {}
  const dialect = { ...style, ...nullText }
  const sample = scanRecords(bytes, layout.dataStart, dialect, head.complete)
  const profiles = profileColumns(bytes, sample, dialect, dialect.columns)
  return {
    encoding,
    dialect,
    header: layout.header,
    fitting: { style: dialect, columns: dialect.columns, profiles },
    repairs: options.repair !== 'no',
    comment,
    preamble: rejectPreamble(bytes, layout),
    repaired: repairedHeader(layout, dialect.columns),
    dataStart: layout.dataStart,
    dataLine: layout.dataLine,
    records,
    fits,
    lineEnds: lineEndsOf(bytes),
  }
}

function skipLines(bytes: Uint8Array, count: number, complete: boolean): number {
  let at = 0
  for (let i = 0; i < count; i++) {
    const line = lineAfter(bytes, at, bytes.length, complete)
    if (!line) return bytes.length
    at = line.next
  }
  return at
}

/** What the option says; else `#`, where lines above the table begin with it and the table does not. */
function commentOf(bytes: Uint8Array, wanted: string | undefined): number {
  if (wanted !== undefined) {
    if (wanted === '') return -1
    const code = wanted.charCodeAt(0)
    if (code > 127 || code < 33)
      throw csvFault('file.csv.comment', 'The start of a comment is no ASCII character.')
    return code
  }
  if (bytes[0] !== HASH) return -1
  const lines = Buffer.from(bytes.subarray(0, 16_384))
    .toString('latin1')
    .split(/\r\n|\n|\r/)
  const comments = lines.findIndex((line) => !line.startsWith('#'))
  if (comments <= 0) return -1
  // `#id,name` is a header: of the same make as the line below it.
  const marks = (line: string | undefined): string => (line ?? '').replace(/[^,;\t|]/g, '')
  const isHeader = comments === 1 && marks(lines[0]) !== '' && marks(lines[0]) === marks(lines[1])
  return isHeader ? -1 : HASH
}

/** The head with comments as blank lines, so that they say nothing of the dialect. */
function commentsBlank(bytes: Uint8Array, comment: number): Uint8Array {
  if (comment < 0) return bytes
  // A copy: slice() of a Buffer is none.
  const blank = new Uint8Array(bytes)
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const { end, next } = lineAfter(bytes, at, bytes.length, true)!
    const from = bytes[at] === comment ? end : at
    blank.set(bytes.subarray(from, next), size)
    size += next - from
    at = next
  }
  return blank.subarray(0, size)
}

function rejectPreamble(bytes: Uint8Array, { preamble, header }: Layout): Rejected[] {
  const where = header.rows > 0 ? 'the names of the columns' : 'the first row'
  return preamble.map(({ record, line }) => ({
    locator: `line ${line}`,
    code: 'file.csv.preamble',
    reason: `stands above ${where}`,
    raw: new Uint8Array(bytes.subarray(record.start, record.end)),
  }))
}

function repairedHeader({ brokenHeader: record, header }: Layout, columns: number): Repaired[] {
  if (!record) return []
  const isRagged = record.fields.length !== columns && !record.broken
  const reason = isRagged
    ? `names ${record.fields.length} columns where there are ${columns}`
    : 'had a quote that does not fit'
  return [{ locator: `line ${header.line}`, code: `file.csv.${isRagged ? 'ragged' : 'quote'}`, reason }]
}

function lineEndsOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.subarray(0, 65_536)).toString('latin1')
  const kinds: readonly (readonly [string, RegExp])[] = [
    ['CRLF', /\r\n/],
    ['LF', /(?:^|[^\r])\n/],
    ['CR', /\r(?:[^\n])/],
  ]
  return kinds.filter(([, pattern]) => pattern.test(text)).map(([name]) => name)
}

/** Delimiter, quote, escape and width, of which the options may fix some. */
export function sniffHead(
  utf8: Uint8Array,
  complete: boolean,
  fileName: string,
  options: Pick<CsvOptions, 'format' | 'delimiter' | 'quote' | 'escape'>,
): Sniffed {
  const delimiter = delimiterOf(options)
  const quote = quoteOf(options.quote, delimiter)
  const mark = escapeOf(options.escape, delimiter, quote)
  return sniff(utf8, {
    complete,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(quote === undefined ? {} : { quote }),
    ...(mark === undefined ? {} : { escape: mark }),
    ...(TSV_NAME.test(fileName) ? { likely: TAB } : {}),
  })
}

function delimiterOf({
  format,
  delimiter,
}: Pick<CsvOptions, 'format' | 'delimiter'>): Uint8Array | undefined {
  if (delimiter === undefined) return format === 'tsv' ? Uint8Array.of(TAB) : undefined
  if (delimiter === 'tab' || delimiter === '\\t') return Uint8Array.of(TAB)
  if (/[\r\n\0]/.test(delimiter)) {
    throw csvFault('file.csv.delimiter', 'The delimiter holds a line end or a NUL.')
  }
  return Buffer.from(delimiter)
}

function quoteOf(quote: string | undefined, delimiter: Uint8Array | undefined): number | undefined {
  if (quote === undefined) return undefined
  if (quote === '') return -1
  const code = quote.charCodeAt(0)
  if (code > 127 || code === 10 || code === 13 || delimiter?.includes(code)) {
    throw csvFault('file.csv.quote', 'The quote is not one ASCII character of its own.')
  }
  return code
}

/** -1: none, though one may look like it. */
function escapeOf(
  mark: string | undefined,
  delimiter: Uint8Array | undefined,
  quote: number | undefined,
): number | undefined {
  if (mark === undefined) return undefined
  const code = mark === '' ? -1 : mark.charCodeAt(0)
  if (code > 127 || /[\w+\-.\s]/.test(mark) || delimiter?.includes(code)) {
    throw csvFault('file.csv.escape', 'The escape is not one mark of its own.')
  }
  return code === (quote ?? 34) ? -1 : code
}

/** The plan in words, without a value of the data. */
export function planNotes(plan: CsvPlan): string[] {
  const { encoding, dialect, header, comment, preamble, records, fits, lineEnds } = plan
  const { delimiter, delimiterTail = [], quote, columns, skipSpace, escape: mark = -1 } = dialect
  const text = Buffer.from([delimiter, ...delimiterTail]).toString('utf8')
  const columnsText = `${columns} ${columns === 1 ? 'field' : 'fields'}`
  const notes = [
    `encoding: ${encoding.name} (${encoding.why})`,
    `delimiter: ${nameText(text)}${skipSpace ? ' and a space' : ''} (${fits} of ${records} records have ${columnsText})`,
    `quote: ${quote < 0 ? 'none' : nameText(String.fromCharCode(quote))}`,
  ]
  if (mark >= 0) notes.push(`escape: ${nameText(String.fromCharCode(mark))}`)
  if (lineEnds.length > 0) notes.push(`line ends: ${lineEnds.join(', ')}`)
  if (comment >= 0) notes.push(`comments: lines that begin with ${nameText(String.fromCharCode(comment))}`)
  if (preamble.length > 0) notes.push(`above the table: ${preamble.length} records, quarantined`)
  const last = header.line + header.rows - 1
  notes.push(
    header.rows === 0
      ? 'header: none'
      : header.rows === 1
        ? `header: line ${header.line}`
        : `header: lines ${header.line} to ${last}, joined`,
    `columns: ${columns}`,
  )
  if (header.renamed.length > 0 && header.rows > 0) {
    notes.push(`renamed, for their names were empty or taken: columns ${header.renamed.join(', ')}`)
  }
  return notes
}

function nameText(text: string): string {
  if (text === '\t') return 'tab'
  return text.length === 1 && text < ' ' ? `byte ${text.charCodeAt(0)}` : JSON.stringify(text)
}
