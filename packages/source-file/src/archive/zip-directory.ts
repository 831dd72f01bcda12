import type { StoredObject } from '@omni/spec'
import { createWindow } from '../compress/window.ts'
import { fileFault } from '../errors.ts'
import { ENTRY_BYTES, readZipEntry, type ZipEntry } from './zip-entry.ts'

// APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
const END_SIGNATURE = 0x06054b50
const END_BYTES = 22
const MAX_COMMENT = 0xffff
const LOCATOR_SIGNATURE = 0x07064b50
const LOCATOR_BYTES = 20
const END64_SIGNATURE = 0x06064b50
const END64_BYTES = 56
const DIGITAL_SIGNATURE = 0x05054b50
/** Entries that are looked at, at most: their names are held in memory. */
const MAX_ENTRIES = 1_000_000
/** A central directory of a million names of 400 characters. */
const MAX_DIRECTORY_BYTES = 512 * 1024 * 1024

/** Bytes of the directory that are looked at once; more than its longest entry. */
const PART_BYTES = 1 << 20

/** A zip archive with random access. */
export interface ZipSource {
  readonly object: StoredObject
  readonly size: number
  readonly signal: AbortSignal
}

/** Where the central directory is, and what it should hold. */
interface Directory {
  readonly start: number
  readonly bytes: number
  readonly entries: number
  /** True for the old count of 16 bits, which some writers let overflow. */
  readonly isShortCount: boolean
}

/** The entries of the central directory, in its order, many at once. */
export async function* readDirectory(source: ZipSource): AsyncGenerator<readonly ZipEntry[], void, void> {
  const { start, bytes, entries, isShortCount } = await findDirectory(source)
  if (entries > MAX_ENTRIES || bytes > MAX_DIRECTORY_BYTES) throw tooMany()
  const { object, signal } = source
  const window = createWindow(bytes === 0 ? none() : object.stream({ start, end: start + bytes, signal }))
  let count = 0
  try {
    for (let left = bytes; left > 0; ) {
      const part = await window.peek(Math.min(left, PART_BYTES))
      const found: ZipEntry[] = []
      let used = 0
      let isOver = false
      while (used < part.length && !isOver) {
        const size = sizeOfEntry(part, used)
        if (size === undefined) break
        isOver = count >= entries && viewOf(part).getUint32(used, true) === DIGITAL_SIGNATURE
        if (isOver) break
        found.push(readZipEntry(part.subarray(used, used + size), start))
        used += size
        count++
      }
      if (count > MAX_ENTRIES) throw tooMany()
      if (found.length > 0) yield found
      if (isOver) break
      if (used === 0) throw damaged('ends in the middle of an entry')
      left -= used
      await window.take(used)
    }
  } finally {
    await window.close()
  }
  if (count !== entries && !(isShortCount && count % 0x10000 === entries)) {
    throw damaged(`lists ${count} files and says that it lists ${entries}`)
  }
}

/** Bytes of the entry at `at`: its fixed part, the name, the extra fields and the comment; undefined if it is not there whole. */
function sizeOfEntry(part: Uint8Array, at: number): number | undefined {
  if (at + ENTRY_BYTES > part.length) return undefined
  const view = viewOf(part)
  const lengths =
    view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  return at + ENTRY_BYTES + lengths > part.length ? undefined : ENTRY_BYTES + lengths
}

async function* none(): AsyncGenerator<Uint8Array, void, void> {}

/** The end record (4.3.16) is the last thing but for a comment, whose length it says. */
async function findDirectory(source: ZipSource): Promise<Directory> {
  const { object, size, signal } = source
  const start = Math.max(0, size - END_BYTES - MAX_COMMENT - LOCATOR_BYTES)
  const tail = await object.read({ start, end: size, signal })
  const view = viewOf(tail)
  let found: number | undefined
  let isMisplaced = false
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END_SIGNATURE) continue
    if (at + END_BYTES + view.getUint16(at + 20, true) !== tail.length) {
      isMisplaced = true
      continue
    }
    // Two programs may choose two ends, and see two archives.
    if (found !== undefined && isPlausible(view, at, start)) {
      throw fileFault('file.zip.corrupt', 'The zip archive has two ends: its comment holds another one.')
    }
    found ??= at
  }
  if (found === undefined) {
    throw isMisplaced
      ? fileFault(
          'file.zip.corrupt',
          'The end of the zip archive is not where it says: it is cut, or something follows.',
        )
      : fileFault('file.truncated', 'The zip archive ends in the middle.')
  }
  const directory = await readEnd(source, view, found, start)
  const end = start + found
  if (directory.start + directory.bytes > end || directory.entries * ENTRY_BYTES > directory.bytes) {
    if (!(directory.isShortCount && directory.entries === 0xffff))
      throw damaged('is not where the archive says')
  }
  return directory
}

/** An end record whose directory lies right before it. */
function isPlausible(view: DataView, at: number, start: number): boolean {
  return view.getUint32(at + 16, true) + view.getUint32(at + 12, true) === start + at
}

async function readEnd(
  { object, signal }: ZipSource,
  view: DataView,
  at: number,
  start: number,
): Promise<Directory> {
  const locator = at - LOCATOR_BYTES
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_SIGNATURE) {
    const where = Number(view.getBigUint64(locator + 8, true))
    if (where + END64_BYTES > start + locator) throw damaged('is not where the archive says')
    const record = await object.read({ start: where, end: where + END64_BYTES, signal })
    if (record.length < END64_BYTES) throw damaged('is not where the archive says')
    return readEnd64(viewOf(record))
  }
  expectOneDisk(view.getUint16(at + 4, true), view.getUint16(at + 6, true))
  return {
    entries: view.getUint16(at + 10, true),
    bytes: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
    isShortCount: true,
  }
}

/** Zip64 end record, 4.3.14. */
function readEnd64(view: DataView): Directory {
  if (view.getUint32(0, true) !== END64_SIGNATURE) throw damaged('is not where the archive says')
  expectOneDisk(view.getUint32(16, true), view.getUint32(20, true))
  const [entries, bytes, start] = [32, 40, 48].map((at) => Number(view.getBigUint64(at, true))) as [
    number,
    number,
    number,
  ]
  return { entries, bytes, start, isShortCount: false }
}

function expectOneDisk(disk: number, directoryDisk: number): void {
  if (disk !== 0 || directoryDisk !== 0) {
    throw fileFault('file.zip.unsupported', 'The zip archive is one of several volumes.')
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function tooMany(): Error {
  return fileFault('file.zip.unsupported', `The zip archive holds more than ${MAX_ENTRIES} files.`)
}

function damaged(what: string): Error {
  return fileFault('file.zip.corrupt', `The zip archive is damaged: its directory ${what}.`)
}
