import { fileFault } from '../errors.ts'
import { MAX_RECORD_BYTES } from '../json/problem.ts'

/** Whole lines, and where they are in the file. */
export interface LineBlock {
  readonly bytes: Buffer
  /** Byte offset in the decompressed file. */
  readonly offset: number
}

const BLOCK_BYTES = 256 * 1024

/** Cuts pieces into blocks that end after a line feed; the last ends with the file. */
export async function* lineBlocks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<LineBlock, void, void> {
  let pending: Uint8Array[] = []
  let size = 0
  let offset = 0
  for await (const piece of pieces) {
    const cut = piece.lastIndexOf(0x0a) + 1
    if (cut === 0 || size + cut < BLOCK_BYTES) {
      pending.push(piece)
      size += piece.length
      if (size > MAX_RECORD_BYTES) {
        throw fileFault(
          'file.json.record-size',
          `A line has more than ${MAX_RECORD_BYTES} bytes, from byte ${offset}.`,
        )
      }
      continue
    }
    pending.push(piece.subarray(0, cut))
    const bytes = Buffer.concat(pending)
    yield { bytes, offset }
    offset += bytes.length
    pending = cut < piece.length ? [piece.subarray(cut)] : []
    size = piece.length - cut
  }
  if (size > 0) yield { bytes: Buffer.concat(pending), offset }
}
