import { brotliDecompressSync, inflateRawSync } from 'node:zlib'
import { lz4Block } from '../compress/lz4-block.ts'
import { snappyBlock } from '../compress/snappy-block.ts'
import { decodeLzo } from './lzo.ts'
import { decodeZstd } from './zstd.ts'

/** Decompresses one block, whole; undefined where it is damaged or gives more than `maxBytes`. */
export type BlockDecoder = (block: Uint8Array, maxBytes: number) => Uint8Array | undefined

/** Raw deflate (RFC 1951), without a header. */
export function decodeDeflate(block: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    return inflateRawSync(block, { maxOutputLength: Math.max(1, maxBytes) })
  } catch {
    return undefined
  }
}

/** Brotli (RFC 7932). */
export function decodeBrotli(block: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    return brotliDecompressSync(block, { maxOutputLength: Math.max(1, maxBytes) })
  } catch {
    return undefined
  }
}

export { decodeLzo, decodeZstd, lz4Block as decodeLz4, snappyBlock as decodeSnappy }
