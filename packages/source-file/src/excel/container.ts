import type { StoredObject } from '@omni/spec'
import { excelFault } from './errors.ts'

/** Sectors of the directory that are looked at, at most. */
const MAX_SECTORS = 4096
const HEADER_BYTES = 512
const ENTRY_BYTES = 128
const LAST_SECTOR = 0xfffffffa

/** Refuses an OLE2 container that is encrypted or holds no workbook, by the names in its directory ([MS-CFB] 2.6). */
export async function refuseContainer(
  object: StoredObject,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  const { names, isComplete } = await readNames(object, size, signal)
  if (names.has('EncryptedPackage') || names.has('EncryptionInfo')) {
    throw excelFault('file.excel.encrypted', 'The workbook is protected by a password.')
  }
  const upper = new Set([...names].map((name) => name.toUpperCase()))
  if (isComplete && !upper.has('WORKBOOK') && !upper.has('BOOK')) {
    throw excelFault('file.excel.none', 'The file is an old Office document without a workbook in it.')
  }
}

interface Names {
  readonly names: ReadonlySet<string>
  readonly isComplete: boolean
}

async function readNames(object: StoredObject, size: number, signal: AbortSignal): Promise<Names> {
  const header = view(await object.read({ start: 0, end: HEADER_BYTES, signal }))
  if (header.byteLength < HEADER_BYTES) throw damaged()
  const shift = header.getUint16(30, true)
  if (shift !== 9 && shift !== 12) throw damaged()
  const sectorBytes = 1 << shift
  const readSector = async (sector: number): Promise<DataView> => {
    const start = (sector + 1) * sectorBytes
    if (sector >= LAST_SECTOR || start >= size) throw damaged()
    return view(await object.read({ start, end: Math.min(size, start + sectorBytes), signal }))
  }
  const names = new Set<string>()
  const seen = new Set<number>()
  for (let sector = header.getUint32(48, true); sector < LAST_SECTOR; ) {
    if (seen.has(sector) || seen.size === MAX_SECTORS) throw damaged()
    seen.add(sector)
    const entries = await readSector(sector)
    for (let at = 0; at + ENTRY_BYTES <= entries.byteLength; at += ENTRY_BYTES) {
      const length = Math.min(64, entries.getUint16(at + 64, true))
      let name = ''
      for (let i = 0; i + 2 < length; i += 2) name += String.fromCharCode(entries.getUint16(at + i, true))
      if (name !== '') names.add(name)
    }
    const next = await nextSector(sector, header, sectorBytes, readSector)
    if (next === undefined) return { names, isComplete: false }
    sector = next
  }
  return { names, isComplete: true }
}

/** What the allocation table says comes after a sector; undefined where that part of it is not in the header. */
async function nextSector(
  sector: number,
  header: DataView,
  sectorBytes: number,
  readSector: (sector: number) => Promise<DataView>,
): Promise<number | undefined> {
  const perSector = sectorBytes / 4
  const table = Math.floor(sector / perSector)
  if (table >= 109) return undefined
  const allocation = await readSector(header.getUint32(76 + 4 * table, true))
  const at = 4 * (sector % perSector)
  return at + 4 <= allocation.byteLength ? allocation.getUint32(at, true) : undefined
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function damaged(): Error {
  return excelFault('file.excel.corrupt', 'The container of the workbook is damaged.')
}
