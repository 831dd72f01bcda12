import { crc32 } from 'node:zlib'
import { isFault } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { ZipSource } from './zip-directory.ts'
import type { ZipEntry } from './zip-entry.ts'

const LOCAL_SIGNATURE = 0x04034b50
const LOCAL_BYTES = 30

type Decompress = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** How each method (APPNOTE 4.4.5) is undone; loaded when it is met. */
const METHODS: Readonly<Record<number, (entry: ZipEntry) => Promise<Decompress>>> = {
  0: async () => (source) => source,
  8: async () => {
    const { inflateRaw } = await import('../compress/zlib.ts')
    return (source) => inflateRaw(source, 'zip')
  },
  9: async () => (await import('../compress/deflate64.ts')).inflate64,
  12: async () => (await import('../compress/bzip2.ts')).bunzip2,
  14: async ({ flags, size }) => {
    const { unlzmaZip } = await import('../compress/lzma-file.ts')
    // Flag 1: an end marker is there.
    return (source) => unlzmaZip(source, (flags & 2) !== 0 ? undefined : size)
  },
  93: async () => (await import('../compress/zstd.ts')).unzstd,
  95: async () => (await import('../compress/xz.ts')).unxz,
}

/** The data of one member, with its size and checksum checked. `limit` is where the next thing in the archive begins. */
export async function* readMember(
  source: ZipSource,
  entry: ZipEntry,
  limit: number,
): AsyncGenerator<Uint8Array, void, void> {
  if ((entry.flags & 1) !== 0 || entry.method === 99) {
    throw fileFault('file.zip.encrypted', 'The file in the archive is encrypted.')
  }
  const load = METHODS[entry.method]
  if (load === undefined) {
    const why = `The file in the archive is compressed with method ${entry.method}, which is not read.`
    throw fileFault('file.zip.unsupported', why)
  }
  const decompress = await load(entry)
  const start = await findData(source, entry, limit)
  let sum = 0
  let size = 0
  try {
    for await (const piece of decompress(packedBytes(source, start, entry.packedSize))) {
      size += piece.length
      if (size > entry.size) throw damaged('is larger than the archive says')
      sum = crc32(piece, sum)
      yield piece
    }
  } catch (error) {
    throw explain(error)
  }
  if (size !== entry.size) throw damaged('is smaller than the archive says')
  if (sum !== entry.crc) throw damaged('has a wrong checksum')
}

/** Where the data begins: behind the local header (4.3.7), whose name and extra fields may differ from the directory's. */
async function findData({ object, signal }: ZipSource, entry: ZipEntry, limit: number): Promise<number> {
  const header = await object.read({ start: entry.offset, end: entry.offset + LOCAL_BYTES, signal })
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  if (header.length < LOCAL_BYTES || view.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw damaged('has no header where the archive says')
  }
  if (view.getUint16(8, true) !== entry.method) throw damaged('has two methods of compression')
  const start = entry.offset + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
  if (start + entry.packedSize > limit) throw damaged('reaches into the next one')
  return start
}

async function* packedBytes(
  { object, signal }: ZipSource,
  start: number,
  size: number,
): AsyncGenerator<Uint8Array, void, void> {
  if (size === 0) return
  let left = size
  for await (const piece of object.stream({ start, end: start + size, signal })) {
    left -= piece.length
    yield piece
  }
  if (left > 0) throw fileFault('file.truncated', 'The zip archive ends in the middle.')
}

/** Damage of the compressed data is damage of the archive. */
function explain(error: unknown): unknown {
  if (!isFault(error)) return error
  const isDamage = ['file.corrupt', 'file.truncated', 'file.trailing'].includes(error.code)
  return isDamage
    ? fileFault('file.zip.corrupt', 'The data of the file in the archive is damaged.', error)
    : error
}

function damaged(what: string): Error {
  return fileFault('file.zip.corrupt', `The zip archive is damaged: a file in it ${what}.`)
}
