import { isFault } from '@omni/spec'
import { unlz4 } from '../compress/lz4.ts'
import { unzstd } from '../compress/zstd.ts'
import { fileFault } from '../errors.ts'
import { arrowFault, corrupt } from './errors.ts'
import type { FlatTable } from './flatbuffer.ts'

/** How the buffers of a batch are compressed, each for itself. */
export type Codec = 'lz4' | 'zstd'

/** A batch is held in memory. */
const MAX_UNPACKED_BYTES = 1024 ** 3
/** Output that any ratio may have, and output bytes for one of input beyond that. */
const FREE_BYTES = 256 * 1024 * 1024
const MAX_RATIO = 250

/** BodyCompression: 0 codec, 1 method. */
export function readCodec(table: FlatTable | undefined): Codec | undefined {
  if (!table) return undefined
  const codec = (['lz4', 'zstd'] as const)[table.int8(0)]
  if (codec === undefined || table.int8(1) !== 0) {
    throw arrowFault('file.arrow.unsupported', 'The Arrow file is compressed in a way that is not known.')
  }
  return codec
}

/** Takes count of what is unpacked of one batch, and ends what goes beyond measure. */
export interface UnpackBudget {
  take(packed: number, unpacked: number): void
}

/** A {@link UnpackBudget} for one batch. */
export function createUnpackBudget(): UnpackBudget {
  let packedBytes = 0
  let unpackedBytes = 0
  return {
    take(packed, unpacked) {
      packedBytes += packed
      unpackedBytes += unpacked
      if (unpackedBytes > FREE_BYTES && unpackedBytes > packedBytes * MAX_RATIO) {
        throw fileFault('file.bomb', `A record batch unpacks to more than ${MAX_RATIO} times its size.`)
      }
      if (unpackedBytes > MAX_UNPACKED_BYTES) {
        throw arrowFault(
          'file.arrow.size',
          `A record batch unpacks to more than ${MAX_UNPACKED_BYTES} bytes.`,
        )
      }
    },
  }
}

/** A buffer: the length that it unpacks to, int64, -1 where it is as it is; then its bytes. */
export async function unpackBuffer(
  bytes: Uint8Array,
  codec: Codec,
  budget: UnpackBudget,
): Promise<Uint8Array> {
  if (bytes.length === 0) return bytes
  if (bytes.length < 8) throw corrupt('a compressed buffer has no length')
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true)
  const packed = bytes.subarray(8)
  if (length === -1n) return packed
  if (length < 0n) throw corrupt('a buffer has a negative length')
  budget.take(packed.length, Number(length))
  const out = new Uint8Array(Number(length))
  let at = 0
  try {
    for await (const piece of codec === 'lz4' ? unlz4(once(packed)) : unzstd(once(packed))) {
      if (at + piece.length > out.length) throw corrupt('a buffer is longer than it says')
      out.set(piece, at)
      at += piece.length
    }
  } catch (error) {
    throw isFault(error) ? error : corrupt('a compressed buffer cannot be read')
  }
  if (at < out.length) throw corrupt('a buffer is shorter than it says')
  return out
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}
