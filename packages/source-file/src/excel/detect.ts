import type { Head } from '../format.ts'

const OLE2 = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]

/** Bytes in which an XML workbook says what it is. */
const XML_HEAD_BYTES = 4096

/** True for the members of a zip archive that is a workbook: .xlsx, .xlsm, .xlsb, or an OpenDocument file. */
export function isWorkbookZip(members: readonly { readonly name: string }[]): boolean {
  const names = new Set(members.map(({ name }) => name.toLowerCase().replaceAll('\\', '/')))
  if (names.has('mimetype') && names.has('content.xml')) return true
  if (!names.has('[content_types].xml')) return false
  return [...names].some((name) => name.startsWith('xl/') || /(?:^|\/)workbook\d*\.(?:xml|bin)$/.test(name))
}

/** True for a file in the container of old Office documents, [MS-CFB] 2.2. */
export function isOle2(head: Uint8Array): boolean {
  return OLE2.every((byte, i) => head[i] === byte)
}

/** True for a workbook of Excel 2 to 5 without a container: it begins with a BOF record, [MS-XLS] 2.4.21. */
export function isBareBiff(head: Uint8Array): boolean {
  const [type, version, length, zero] = head
  if (type !== 9 || zero !== 0) return false
  return (
    (version === 0 && length === 4) ||
    ((version === 2 || version === 4) && length === 6) ||
    (version === 8 && (length === 8 || length === 16))
  )
}

/** True for a workbook in one XML document: of Excel 2003, or a flat OpenDocument spreadsheet. */
export function isXmlWorkbook(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, XML_HEAD_BYTES)).toString('latin1').replaceAll('\0', '')
  if (!/^[^<]{0,3}</.test(start)) return false
  return (
    /<(?:\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet/.test(start) ||
    /<office:document\b[^>]*application\/vnd\.oasis\.opendocument\.spreadsheet/.test(start)
  )
}

/**
 * Workbooks have magic numbers. A zip archive comes here only when {@link isWorkbookZip} said so, and an OLE2
 * container is refused later when it holds another document.
 */
export function detectExcel({ bytes }: Head): number {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4) return 1
  return isOle2(bytes) || isBareBiff(bytes) || isXmlWorkbook(bytes) ? 1 : 0
}
