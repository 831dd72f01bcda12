import { fileFault } from '../errors.ts'
import { gunzip } from './gzip.ts'
import { unzstd } from './zstd.ts'

/** A compression that is known: by its first bytes, never by the name alone. */
export interface Compression {
  readonly name: 'gzip' | 'zstd'
  readonly suffix: RegExp
  readonly decompress: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}

const GZIP: Compression = { name: 'gzip', suffix: /\.(?:gz|gzip)$/i, decompress: gunzip }
const ZSTD: Compression = { name: 'zstd', suffix: /\.(?:zst|zstd)$/i, decompress: unzstd }

/** First bytes of compressions that are known and not read. */
const UNREAD: readonly (readonly [string, readonly number[]])[] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['rar', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['compress (.Z)', [0x1f, 0x9d]],
]

/** The compression of a file that begins with `head`, or undefined. Known but unread ones throw a fault. */
export function detectCompression(head: Uint8Array): Compression | undefined {
  const begins = (magic: readonly number[]): boolean => magic.every((byte, i) => head[i] === byte)
  if (begins([0x1f, 0x8b])) return GZIP
  if (begins([0x28, 0xb5, 0x2f, 0xfd])) return ZSTD
  if (((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18)
    return ZSTD
  const unread = UNREAD.find(([, magic]) => begins(magic))
  if (unread)
    throw fileFault('file.compression', `The file is compressed with ${unread[0]}, which is not read.`)
  return undefined
}

/** Output that any ratio may have. */
const FREE_BYTES = 256 * 1024 * 1024
/** Output bytes for one input byte, beyond that. */
const MAX_RATIO = 250

/** Ends a decompression that grows without measure with a fault; `consumed` gives the input bytes so far. */
export async function* guardRatio(
  output: AsyncIterable<Uint8Array>,
  consumed: () => number,
): AsyncGenerator<Uint8Array, void, void> {
  let produced = 0
  for await (const piece of output) {
    produced += piece.length
    if (produced > FREE_BYTES && produced > consumed() * MAX_RATIO) {
      const why = `The file unpacks to more than ${MAX_RATIO} times its size (${produced} bytes so far).`
      throw fileFault('file.bomb', why)
    }
    yield piece
  }
}
