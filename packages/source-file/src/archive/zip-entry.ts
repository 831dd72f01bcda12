import { crc32 } from 'node:zlib'
import { fileFault } from '../errors.ts'

/** Bytes of an entry of the central directory before its name, APPNOTE 4.3.12. */
export const ENTRY_BYTES = 46
const ENTRY_SIGNATURE = 0x02014b50
/** Unix file types, in the upper half of the external attributes: link, block device, folder, character device. */
const SPECIAL: ReadonlySet<number> = new Set([0xa000, 0x6000, 0x4000, 0x2000])

/** What the central directory says of one member. */
export interface ZipEntry {
  readonly name: string
  readonly method: number
  readonly flags: number
  readonly crc: number
  readonly packedSize: number
  readonly size: number
  /** Where its local header is. */
  readonly offset: number
  /** Known only where the archive says it with a time zone. */
  readonly modifiedMs: number | undefined
  /** Folders, links and devices are `other`. */
  readonly kind: 'file' | 'other'
}

/** Reads one entry whole; `directoryStart` is where the central directory is, before which all data lies. */
export function readZipEntry(bytes: Uint8Array, directoryStart: number): ZipEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== ENTRY_SIGNATURE) throw damaged('does not begin as one')
  const flags = view.getUint16(8, true)
  // Strong encryption, and a directory whose fields are masked by it.
  if ((flags & 0x2040) !== 0) {
    throw fileFault('file.zip.encrypted', 'The zip archive has strong encryption.')
  }
  const nameEnd = ENTRY_BYTES + view.getUint16(28, true)
  const extra = readExtra(bytes.subarray(nameEnd, nameEnd + view.getUint16(30, true)))
  const wide = new Wide(find(extra, 0x0001))
  // In this order, 4.5.3.
  const size = wide.resolve(view.getUint32(24, true), 'size')
  const packedSize = wide.resolve(view.getUint32(20, true), 'compressed size')
  const offset = wide.resolve(view.getUint32(42, true), 'offset')
  const method = view.getUint16(10, true)
  if (method === 0 && (flags & 1) === 0 && size !== packedSize)
    throw damaged('contradicts itself about the size')
  if (offset + packedSize > directoryStart) throw damaged('lies outside of the archive')
  const rawName = bytes.subarray(ENTRY_BYTES, nameEnd)
  const name = readName(rawName, flags, extra)
  return {
    name,
    method,
    flags,
    crc: view.getUint32(16, true),
    packedSize,
    size,
    offset,
    modifiedMs: readTime(extra),
    kind: name.endsWith('/') || isSpecial(view) ? 'other' : 'file',
  }
}

/** What is no data in archives of Unix (3) and macOS (19). A pipe or socket is: so Info-ZIP marks what it read from one. */
function isSpecial(view: DataView): boolean {
  const system = view.getUint8(5)
  const type = (view.getUint32(38, true) >>> 16) & 0xf000
  return (system === 3 || system === 19) && SPECIAL.has(type)
}

interface ExtraField {
  readonly id: number
  readonly data: Uint8Array
}

/** Extra fields in their order. Fewer than four bytes at the end are padding. */
function readExtra(bytes: Uint8Array): readonly ExtraField[] {
  const fields: ExtraField[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + (bytes[at + 2]! | (bytes[at + 3]! << 8))
    if (end > bytes.length) throw damaged('has an extra field longer than all of them')
    fields.push({ id: bytes[at]! | (bytes[at + 1]! << 8), data: bytes.subarray(at + 4, end) })
    at = end
  }
  return fields
}

function find(fields: readonly ExtraField[], id: number): Uint8Array | undefined {
  return fields.find((field) => field.id === id)?.data
}

/** Values of 64 bits that stand in the Zip64 field, for those that the entry has no room for. */
class Wide {
  readonly #view: DataView | undefined
  #at = 0

  constructor(field: Uint8Array | undefined) {
    this.#view = field && new DataView(field.buffer, field.byteOffset, field.byteLength)
  }

  resolve(value: number, what: string): number {
    if (value !== 0xffffffff || this.#view === undefined) return value
    if (this.#at + 8 > this.#view.byteLength) throw damaged(`has a Zip64 field without the ${what}`)
    const wide = Number(this.#view.getBigUint64(this.#at, true))
    this.#at += 8
    if (!Number.isSafeInteger(wide)) throw damaged('lies outside of the archive')
    return wide
  }
}

/** By the Unicode path (4.6.9) where it belongs to this name, as UTF-8 where a flag says so, else as code page 437. */
function readName(raw: Uint8Array, flags: number, extra: readonly ExtraField[]): string {
  let name: string
  const unicode = extra.find((field) => isPathOf(field, raw))?.data
  if (unicode) name = Buffer.from(unicode.subarray(5)).toString('utf8')
  else if ((flags & 0x800) !== 0) name = Buffer.from(raw).toString('utf8')
  else name = Array.from(raw, (byte) => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128])).join('')
  // Some programs for Windows write its separator, against 4.4.17.
  return name.replaceAll('\\', '/')
}

/** A Unicode path of version 1, made for just this name. */
function isPathOf({ id, data }: ExtraField, raw: Uint8Array): boolean {
  return id === 0x7075 && data.length > 5 && data[0] === 1 && readU32(data, 1) === crc32(raw)
}

const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

/** The extended timestamp of Info-ZIP, or the one of NTFS; the entry's own has no zone. */
function readTime(extra: readonly ExtraField[]): number | undefined {
  const unix = find(extra, 0x5455)
  if (unix && unix.length >= 5 && (unix[0]! & 1) === 1) return (readU32(unix, 1) | 0) * 1000
  const ntfs = find(extra, 0x000a)
  if (ntfs && ntfs.length >= 16 && readU32(ntfs, 4) === 0x00180001) {
    const ticks = new DataView(ntfs.buffer, ntfs.byteOffset).getBigUint64(8, true)
    return Number(ticks / 10_000n - 11_644_473_600_000n)
  }
  return undefined
}

function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
}

function damaged(what: string): Error {
  return fileFault('file.zip.corrupt', `The zip archive is damaged: an entry of its directory ${what}.`)
}
