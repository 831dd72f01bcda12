import { Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { isFault, type StoredObject } from '@omni/spec'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'
import { through } from '../compress/through.ts'
import { fileFault } from '../errors.ts'
import { type Member, refuseName } from './member.ts'

/** Entries that are looked at, at most: their names are held in memory. */
const MAX_ENTRIES = 100_000

/** Compression method 8, APPNOTE 4.4.5; the only other one that is read is 0, none. */
const DEFLATE = 8
/** Each piece costs a turn of the event loop: in pieces of 16 KB, as by default, a workbook takes a third longer. */
const INFLATE = { chunkSize: 128 * 1024, readableHighWaterMark: 512 * 1024 }

/** The files of a zip archive, by its central directory (APPNOTE 4.3.12). Nothing is unpacked to a disk. */
export async function listZip(
  object: StoredObject,
  size: number,
  signal: AbortSignal,
): Promise<readonly Member[]> {
  try {
    const zip = await fromRandomAccessReaderPromise(new ObjectReader(object, signal), size, {
      autoClose: false,
    })
    const members: Member[] = []
    for await (const entry of zip.eachEntry()) {
      if (members.length >= MAX_ENTRIES) {
        throw fileFault('file.zip.unsupported', `The archive holds more than ${MAX_ENTRIES} files.`)
      }
      const refused = refuseName(entry.fileName)
      if (refused) throw fileFault('file.zip.path', `The name of entry ${members.length + 1} ${refused}.`)
      if (!entry.fileName.endsWith('/')) members.push(toMember(zip, entry))
    }
    return members
  } catch (error) {
    throw explain(error)
  }
}

function toMember(zip: ZipFile, entry: Entry): Member {
  return {
    name: entry.fileName.replace(/^(?:\.\/)+/, ''),
    size: entry.uncompressedSize,
    packedSize: entry.compressedSize,
    open: () => readEntry(zip, entry),
  }
}

async function* readEntry(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array, void, void> {
  if (entry.isEncrypted()) throw fileFault('file.zip.encrypted', 'The file in the archive is encrypted.')
  if (!entry.canDecodeFileData()) {
    const why = `The file in the archive is compressed with method ${entry.compressionMethod}, which is not read.`
    throw fileFault('file.zip.unsupported', why)
  }
  let sum = 0
  let size = 0
  try {
    const stored: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry, { decodeFileData: false })
    const pieces = entry.compressionMethod === DEFLATE ? through(stored, createInflateRaw(INFLATE)) : stored
    for await (const piece of pieces) {
      size += piece.length
      if (size > entry.uncompressedSize) break
      sum = crc32(piece, sum)
      yield piece
    }
  } catch (error) {
    throw explain(error)
  }
  if (size !== entry.uncompressedSize)
    throw fileFault('file.zip.corrupt', 'The file in the archive is not as long as the archive says.')
  if (sum !== entry.crc32)
    throw fileFault('file.zip.corrupt', 'The checksum of the file in the archive is wrong.')
}

/** What yauzl says, to a code; it has no codes of its own. https://github.com/thejoshwolfe/yauzl */
const MESSAGES: readonly (readonly [RegExp, Parameters<typeof fileFault>[0], string])[] = [
  [
    /^(?:absolute path|invalid relative path|invalid characters in fileName)/,
    'file.zip.path',
    'A name in the archive is absolute or leads out of its folder.',
  ],
  [/encryption/, 'file.zip.encrypted', 'The archive is encrypted.'],
  [/multi-disk/, 'file.zip.unsupported', 'The archive is one of several volumes.'],
  [
    /unsupported compression method/i,
    'file.zip.unsupported',
    'The file in the archive has a compression that is not read.',
  ],
  [
    /^(?:unexpected (?:EOF|end of file)|End of central directory record signature not found)/i,
    'file.truncated',
    'The zip archive ends in the middle.',
  ],
]

function explain(error: unknown): unknown {
  if (isFault(error)) return error
  const { code, message = '' } = error as { code?: string; message?: string }
  // A code that is not zlib's is the system's, which the source classifies.
  if (code && !code.startsWith('Z_')) return error
  const row = MESSAGES.find(([pattern]) => pattern.test(message))
  if (row) return fileFault(row[1], row[2], error)
  return fileFault('file.zip.corrupt', 'The zip archive is damaged.', error)
}

/** What yauzl reads from: ranges of the object. */
class ObjectReader extends RandomAccessReader {
  readonly #object: StoredObject
  readonly #signal: AbortSignal

  constructor(object: StoredObject, signal: AbortSignal) {
    super()
    this.#object = object
    this.#signal = signal
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#object.stream({ start, end, signal: this.#signal }), { objectMode: false })
  }
}
