import type { CsvDialect } from '@omni/kernels'
import { fileFault } from '../errors.ts'
import type { Head } from '../format.ts'
import type { FileOptions } from '../options.ts'
import { type Encoding, findEncoding, headToUtf8 } from './encoding.ts'
import { csvFault } from './errors.ts'
import { findHeader, type Header } from './header.ts'
import { type Sniffed, sniff } from './sniff.ts'

/** How one file is read: what the options say, and for the rest what its head shows. */
export interface CsvPlan {
  readonly encoding: Encoding
  readonly dialect: CsvDialect
  readonly header: Header
}

type CsvOptions = Pick<FileOptions, 'format' | 'encoding' | 'delimiter' | 'quote' | 'header' | 'nullText'>

const TAB = 9
const TSV_NAME = /\.(?:tsv|tab)$/i

/** Decides everything but the types. Pure; throws a fault when the file is empty or an option does not fit. */
export function planCsv(head: Head, fileName: string, options: CsvOptions): CsvPlan {
  const encoding = findEncoding(head.bytes, options.encoding)
  const bytes = headToUtf8(head.bytes, encoding)
  if (head.complete && !/[^\r\n]/.test(Buffer.from(bytes).toString('latin1'))) {
    throw fileFault('file.empty', 'The file holds no record.')
  }
  const sniffed = sniffHead(bytes, head.complete, fileName, options)
  const header = findHeader(bytes, sniffed, options.header, head.complete)
  const { delimiter, quote, columns, skipSpace } = sniffed
  const nullText = options.nullText ? { nullText: Buffer.from(options.nullText) } : {}
  return { encoding, dialect: { delimiter, quote, columns, skipSpace, ...nullText }, header }
}

/** Delimiter, quote and width, of which the options may fix some. */
export function sniffHead(
  utf8: Uint8Array,
  complete: boolean,
  fileName: string,
  options: Pick<CsvOptions, 'format' | 'delimiter' | 'quote'>,
): Sniffed {
  const delimiter = delimiterOf(options)
  const quote = quoteOf(options.quote, delimiter)
  return sniff(utf8, {
    complete,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(quote === undefined ? {} : { quote }),
    ...(TSV_NAME.test(fileName) ? { likely: TAB } : {}),
  })
}

function delimiterOf({ format, delimiter }: Pick<CsvOptions, 'format' | 'delimiter'>): number | undefined {
  if (delimiter === undefined) return format === 'tsv' ? TAB : undefined
  if (delimiter === 'tab' || delimiter === '\\t') return TAB
  const code = delimiter.charCodeAt(0)
  if (delimiter.length !== 1 || code > 127 || code === 10 || code === 13) {
    throw csvFault('file.csv.delimiter', 'The delimiter is not one ASCII character.')
  }
  return code
}

function quoteOf(quote: string | undefined, delimiter: number | undefined): number | undefined {
  if (quote === undefined) return undefined
  if (quote === '') return -1
  const code = quote.charCodeAt(0)
  if (quote.length !== 1 || code > 127 || code === 10 || code === 13 || code === delimiter) {
    throw csvFault('file.csv.quote', 'The quote is not one ASCII character of its own.')
  }
  return code
}

/** The plan in words, without a value of the data. */
export function planNotes({ encoding, dialect, header }: CsvPlan): string[] {
  const { delimiter, quote, columns, skipSpace } = dialect
  const notes = [
    `encoding: ${encoding.name}${encoding.markBytes > 0 ? ' (byte order mark)' : ''}`,
    `delimiter: ${nameByte(delimiter)}${skipSpace ? ' and a space' : ''}`,
    `quote: ${quote < 0 ? 'none' : nameByte(quote)}`,
    header.start === null ? 'header: none' : `header: line ${header.line}`,
    `columns: ${columns}`,
  ]
  if (header.renamed.length > 0 && header.start !== null) {
    notes.push(`renamed, for their names were empty or taken: columns ${header.renamed.join(', ')}`)
  }
  return notes
}

function nameByte(byte: number): string {
  if (byte === TAB) return 'tab'
  return byte < 32 ? `byte ${byte}` : JSON.stringify(String.fromCharCode(byte))
}
