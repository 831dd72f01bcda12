import { fileFault } from '../errors.ts'
import { gunzip } from './gzip.ts'
import { unzstd } from './zstd.ts'

export { guardRatio, meter, unpackMeasured, unpackMember } from './guard.ts'

type Decompress = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** A compression that is known: by its first bytes, and only where it has none of its own by the name. */
export interface Compression {
  /** For a person: `bzip2`. */
  readonly name: string
  readonly suffix: RegExp
  /** Bytes in, bytes out, in flat memory. Rejects only with faults, and those of the source. */
  readonly decompress: Decompress
}

interface Row extends Compression {
  /** True for files that begin so; absent where a file of this kind may begin with anything. */
  readonly isBegun?: (head: Uint8Array) => boolean
  /** The suffix it has beside a tar in one word: `.tgz`. */
  readonly tar?: RegExp
}

/** Every compression that is read. Those with a magic number come first. */
const COMPRESSIONS: readonly Row[] = [
  {
    name: 'gzip',
    suffix: /\.(?:gz|gzip|bgz)$/i,
    tar: /\.tgz$/i,
    isBegun: startsWith([0x1f, 0x8b]),
    decompress: gunzip,
  },
  {
    name: 'zstd',
    suffix: /\.(?:zst|zstd)$/i,
    tar: /\.tzst$/i,
    isBegun: startsWith([0x28, 0xb5, 0x2f, 0xfd]),
    decompress: unzstd,
  },
  {
    name: 'bzip2',
    suffix: /\.(?:bz2?|bzip2)$/i,
    tar: /\.(?:tbz2?|tb2)$/i,
    isBegun: isBzip2,
    decompress: lazily(async () => (await import('./bzip2.ts')).bunzip2),
  },
  {
    name: 'xz',
    suffix: /\.xz$/i,
    tar: /\.txz$/i,
    isBegun: startsWith([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
    decompress: lazily(async () => (await import('./xz.ts')).unxz),
  },
  {
    name: 'lz4',
    suffix: /\.lz4$/i,
    tar: /\.tlz4$/i,
    isBegun: isLz4,
    decompress: lazily(async () => (await import('./lz4.ts')).unlz4),
  },
  {
    name: 'lzip',
    suffix: /\.lz$/i,
    tar: /\.tlz$/i,
    isBegun: startsWith([0x4c, 0x5a, 0x49, 0x50, 0x01]),
    decompress: lazily(async () => (await import('./lzma-file.ts')).unlzip),
  },
  {
    name: 'snappy',
    suffix: /\.(?:sz|snappy)$/i,
    isBegun: startsWith([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]),
    decompress: lazily(async () => (await import('./snappy.ts')).unsnappy),
  },
  {
    name: 'compress (.Z)',
    suffix: /\.Z$/,
    tar: /\.taz$/i,
    isBegun: startsWith([0x1f, 0x9d]),
    decompress: lazily(async () => (await import('./lzw.ts')).uncompressLzw),
  },
  { name: 'brotli', suffix: /\.br$/i, decompress: lazily(async () => (await import('./zlib.ts')).unbrotli) },
  {
    name: 'zlib',
    suffix: /\.(?:zz|zlib|deflate)$/i,
    decompress: lazily(async () => (await import('./zlib.ts')).inflate),
  },
  {
    name: 'lzma',
    suffix: /\.lzma$/i,
    decompress: lazily(async () => (await import('./lzma-file.ts')).unlzma),
  },
  {
    name: 'snappy',
    suffix: /\.snappy$/i,
    decompress: lazily(async () => (await import('./snappy.ts')).unsnappyHadoop),
  },
]

/** First bytes of files that are packed in a way that is not read. */
const UNREAD: readonly (readonly [string, readonly number[]])[] = [
  ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['rar', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['lzop', [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['compress -H', [0x1f, 0xa0]],
  ['pack', [0x1f, 0x1e]],
]

/**
 * The compression of a file that begins with `head`, or undefined. The name decides only for compressions whose files
 * have no first bytes of their own. Known but unread ones throw a fault.
 */
export function detectCompression(head: Uint8Array, fileName = ''): Compression | undefined {
  const skipped = skipFrames(head)
  const begun = COMPRESSIONS.find((row) => row.isBegun?.(skipped.rest))
  // Only zstd and lz4 have skippable frames; before the end of one, the name tells them apart.
  if (skipped.frames > 0) {
    const isLz4 = skipped.isOpen ? /lz4$/i.test(fileName) : begun?.name === 'lz4'
    return COMPRESSIONS.find(({ name }) => name === (isLz4 ? 'lz4' : 'zstd'))
  }
  if (begun) return begun
  const unread = UNREAD.find(([, magic]) => startsWith(magic)(head))
  if (unread) {
    throw fileFault('file.compression', `The file is compressed with ${unread[0]}, which is not read.`)
  }
  return COMPRESSIONS.find((row) => !row.isBegun && row.suffix.test(fileName))
}

/** The name that the file has after decompression: `a.csv.gz` to `a.csv`, `a.tgz` to `a.tar`. */
export function unpackedName(fileName: string): string {
  for (const { suffix, tar } of COMPRESSIONS) {
    if (suffix.test(fileName)) return fileName.replace(suffix, '')
    if (tar?.test(fileName)) return fileName.replace(tar, '.tar')
  }
  return fileName
}

function startsWith(magic: readonly number[]): (head: Uint8Array) => boolean {
  return (head) => magic.every((byte, i) => head[i] === byte)
}

/** `BZh`, a level, and the magic of a block or of the end of the stream, as far as the head goes. */
function isBzip2(head: Uint8Array): boolean {
  const [b, z, h, level = 0] = head
  if (b !== 0x42 || z !== 0x5a || h !== 0x68 || level < 0x31 || level > 0x39) return false
  const next = head.subarray(4, 10)
  return [
    [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
    [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
  ].some((magic) => next.every((byte, i) => byte === magic[i]))
}

/** The magic of a frame (04 22 4d 18) or a legacy one (02 21 4c 18). */
function isLz4(head: Uint8Array): boolean {
  return startsWith([0x04, 0x22, 0x4d, 0x18])(head) || startsWith([0x02, 0x21, 0x4c, 0x18])(head)
}

interface Skipped {
  readonly rest: Uint8Array
  readonly frames: number
  /** True when the last one goes on behind the head. */
  readonly isOpen: boolean
}

/** Looks past skippable frames (RFC 8878, 3.1.2; the LZ4 frame format has the same). */
function skipFrames(head: Uint8Array): Skipped {
  let at = 0
  let frames = 0
  while (head.length - at >= 8) {
    const view = new DataView(head.buffer, head.byteOffset + at)
    if ((view.getUint32(0, true) & 0xfffffff0) >>> 0 !== 0x184d2a50) break
    at += 8 + view.getUint32(4, true)
    frames++
  }
  return { rest: head.subarray(Math.min(at, head.length)), frames, isOpen: at >= head.length }
}

/** A decompression whose code is loaded when it is used first. */
function lazily(load: () => Promise<Decompress>): Decompress {
  return async function* decompressLoaded(source) {
    yield* (await load())(source)
  }
}
