import type { FormatInput } from '../format.ts'
import type { Book } from './book.ts'
import { isOle2 } from './detect.ts'
import { excelFault } from './errors.ts'
import { findWorkbook, openXlsx } from './xlsx/book.ts'
import { openPart, openParts, type Parts } from './xlsx/parts.ts'

const MEMO = 'excel.book'

/** Bytes that the parts of an .xlsb or OpenDocument workbook may unpack to: SheetJS holds them all. */
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024

/** The workbook of that file, opened once while its sheets are described. */
export async function openBook(input: FormatInput, signal: AbortSignal): Promise<Book> {
  const known = input.memo?.get(MEMO)
  if (isBook(known)) return known
  const book = await open(input, signal)
  input.memo?.set(MEMO, book)
  return book
}

function isBook(known: unknown): known is Book {
  return typeof known === 'object' && known !== null && 'sheets' in known
}

/** .xlsx by our own reader, every other kind by SheetJS. */
async function open(input: FormatInput, signal: AbortSignal): Promise<Book> {
  const { object, size, head } = input
  if (!object || size === null) {
    throw excelFault('file.excel.access', 'The workbook is packed, so it cannot be read here and there.')
  }
  const openOld = async (): Promise<Book> => {
    const { openLegacy } = await import('./legacy.ts')
    return openLegacy(object, size, signal)
  }
  if (isOle2(head.bytes)) {
    const { refuseContainer } = await import('./container.ts')
    await refuseContainer(object, size, signal)
    return openOld()
  }
  if (head.bytes[0] !== 0x50 || head.bytes[1] !== 0x4b) return openOld()
  const parts = await openParts(object, size, signal)
  const workbook = await findWorkbook(parts)
  if (workbook !== undefined && !workbook.toLowerCase().endsWith('.bin')) return openXlsx(parts, workbook)
  if (workbook === undefined) await requireSpreadsheet(parts)
  await measure(parts, signal)
  return openOld()
}

/** An OpenDocument file says what it is in its first member (OpenDocument 1.3 part 2, 3.3). */
async function requireSpreadsheet(parts: Parts): Promise<void> {
  const kind = parts.find('mimetype')
  const says = kind && kind.size < 200 ? (await textOf(openPart(kind))).trim() : ''
  if (!/^application\/vnd\.oasis\.opendocument\.spreadsheet/.test(says)) {
    throw excelFault('file.excel.none', 'The file is a document without a workbook in it.')
  }
  const manifest = parts.find('META-INF/manifest.xml')
  if (
    manifest &&
    manifest.size < 1024 * 1024 &&
    /:?encryption-data\b/.test(await textOf(openPart(manifest)))
  ) {
    throw excelFault('file.excel.encrypted', 'The workbook is protected by a password.')
  }
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(piece)
  return Buffer.concat(parts).toString('utf8')
}

/** Unpacks every part once, to nothing: what is said of their sizes may be a lie. */
async function measure(parts: Parts, signal: AbortSignal): Promise<void> {
  let bytes = 0
  for (const member of parts.members) {
    if (!/\.(?:xml|bin|rels)$/i.test(member.name)) continue
    for await (const piece of openPart(member)) {
      signal.throwIfAborted()
      bytes += piece.length
      if (bytes > MAX_UNPACKED_BYTES) {
        throw excelFault('file.excel.size', `The workbook unpacks to more than ${MAX_UNPACKED_BYTES} bytes.`)
      }
    }
  }
}
