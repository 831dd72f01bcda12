import { crc32 } from 'node:zlib'
import { decodeDeflate, decodeSnappy, decodeZstd } from '../block-codec/index.ts'
import { unpackWhole } from '../compress/whole.ts'
import { avroFault } from './errors.ts'

/** Unpacks a block; undefined where it is damaged or gives more than `maxBytes`. */
export type Unpack = (
  block: Uint8Array,
  maxBytes: number,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>

/** https://avro.apache.org/docs/1.12.0/specification/#required-codecs */
const CODECS: Readonly<Record<string, Unpack>> = {
  null: (block, maxBytes) => (block.length > maxBytes ? undefined : block),
  deflate: decodeDeflate,
  snappy: unpackSnappy,
  zstandard: decodeZstd,
  bzip2: async (block, maxBytes) =>
    unpackWhole(block, (await import('../compress/bzip2.ts')).bunzip2, maxBytes),
  xz: async (block, maxBytes) => unpackWhole(block, (await import('../compress/xz.ts')).unxz, maxBytes),
}

/** The codec of that name. */
export function codecOf(name: string): Unpack {
  const codec = Object.hasOwn(CODECS, name) ? CODECS[name] : undefined
  if (!codec)
    throw avroFault(
      'file.avro.codec',
      `The Avro file is compressed with ${JSON.stringify(name)}, which is not read.`,
    )
  return codec
}

/** Snappy, and a big-endian CRC-32 of what it unpacks to. */
function unpackSnappy(block: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const size = block.length - 4
  const bytes = size < 0 ? undefined : decodeSnappy(block.subarray(0, size), maxBytes)
  if (!bytes) return undefined
  const sum = Buffer.from(block.buffer, block.byteOffset + size, 4).readUInt32BE()
  return crc32(bytes) === sum ? bytes : undefined
}
