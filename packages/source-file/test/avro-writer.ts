import { randomBytes } from 'node:crypto'
import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib'
import { compress } from 'snappyjs'
import { runTool } from './packers.ts'

/** A zigzag varint, as Avro writes int and long. */
export function long(value: number | bigint): Buffer {
  const big = BigInt(value)
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (big << 1n) ^ (big >> 63n))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

/** Bytes behind their length. */
export function sized(bytes: Uint8Array | string): Buffer {
  const data = Buffer.from(bytes)
  return Buffer.concat([long(data.length), data])
}

/** Packs a block; undefined where this machine has no program for it. */
export function packBlock(codec: string, block: Uint8Array): Buffer | undefined {
  switch (codec) {
    case 'deflate':
      return deflateRawSync(block)
    case 'snappy': {
      const sum = Buffer.alloc(4)
      sum.writeUInt32BE(crc32(block))
      return Buffer.concat([compress(block), sum])
    }
    case 'zstandard':
      return zstdCompressSync(block)
    case 'bzip2':
      return runTool('bzip2', [], block)
    case 'xz':
      return runTool('xz', [], block)
    default:
      return Buffer.from(block)
  }
}

/** One block: the encoded records, each its own buffer. */
export type Records = readonly Uint8Array[]

/** An object container file of these blocks; undefined where the codec cannot be had. */
export function writeContainer(
  schema: unknown,
  codec: string,
  blocks: readonly Records[],
): Buffer | undefined {
  const sync = randomBytes(16)
  const meta = [sized('avro.schema'), sized(JSON.stringify(schema)), sized('avro.codec'), sized(codec)]
  const parts = [Buffer.from('Obj\x01'), long(2), ...meta, long(0), sync]
  for (const records of blocks) {
    const packed = packBlock(codec, Buffer.concat(records))
    if (!packed) return undefined
    parts.push(long(records.length), sized(packed), sync)
  }
  return Buffer.concat(parts)
}
