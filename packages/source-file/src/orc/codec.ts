import {
  type BlockDecoder,
  decodeBrotli,
  decodeDeflate,
  decodeLz4,
  decodeLzo,
  decodeSnappy,
  decodeZstd,
} from '../block-codec/index.ts'
import { damaged, orcFault } from './errors.ts'

/** How streams and metadata are packed. */
export interface Codec {
  readonly name: string
  /** Absent where nothing is compressed: then there are no chunk headers either. */
  readonly decode?: BlockDecoder
  /** Bytes that a chunk unpacks to, at most. */
  readonly blockBytes: number
}

/** CompressionKind of the specification, https://orc.apache.org/specification/ORCv1/#postscript */
const KINDS: readonly { readonly name: string; readonly decode?: BlockDecoder }[] = [
  { name: 'none' },
  { name: 'zlib', decode: decodeDeflate },
  { name: 'snappy', decode: decodeSnappy },
  { name: 'lzo', decode: decodeLzo },
  { name: 'lz4', decode: decodeLz4 },
  { name: 'zstd', decode: decodeZstd },
  { name: 'brotli', decode: decodeBrotli },
]

/** What a file has that does not say. */
const DEFAULT_BLOCK_BYTES = 256 * 1024
/** The length of a chunk has 23 bits, so no writer makes larger ones. */
const MAX_BLOCK_BYTES = 8 * 1024 * 1024

/** The codec that a PostScript names. */
export function codecOf(kind: number, blockBytes: number | undefined): Codec {
  const known = KINDS[kind]
  if (!known) {
    throw orcFault(
      'file.orc.unsupported',
      `The ORC file is compressed with number ${kind}, which is not known.`,
    )
  }
  const bytes = blockBytes === undefined || blockBytes === 0 ? DEFAULT_BLOCK_BYTES : blockBytes
  return { ...known, blockBytes: Math.min(bytes, MAX_BLOCK_BYTES) }
}

/** One chunk of a packed stream, unpacked, and where the next begins. Section "Compression". */
export function readChunk(
  packed: Uint8Array,
  at: number,
  codec: Codec,
  decode: BlockDecoder,
): { readonly bytes: Uint8Array; readonly next: number } {
  if (at + 3 > packed.length) throw damaged('a compressed stream ends in the middle of a header')
  const header =
    (packed[at] as number) | ((packed[at + 1] as number) << 8) | ((packed[at + 2] as number) << 16)
  const start = at + 3
  const next = start + (header >> 1)
  if (next > packed.length) throw damaged('a compressed stream ends in the middle of a chunk')
  const chunk = packed.subarray(start, next)
  if ((header & 1) === 1) return { bytes: chunk, next }
  const bytes = decode(chunk, codec.blockBytes)
  if (!bytes) throw damaged(`a chunk does not unpack as ${codec.name}`)
  return { bytes, next }
}

/** All of a packed part of the metadata. */
export function unpackAll(packed: Uint8Array, codec: Codec, maxBytes: number): Uint8Array {
  const { decode } = codec
  if (!decode) return packed
  const parts: Uint8Array[] = []
  let size = 0
  for (let at = 0; at < packed.length; ) {
    const { bytes, next } = readChunk(packed, at, codec, decode)
    size += bytes.length
    if (size > maxBytes)
      throw orcFault('file.orc.size', `The metadata of the ORC file has more than ${maxBytes} bytes.`)
    parts.push(bytes)
    at = next
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
}
