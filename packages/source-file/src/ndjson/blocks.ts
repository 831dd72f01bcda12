import { fileFault } from '../errors.ts'
import { MAX_RECORD_BYTES } from '../json/problem.ts'

/** Whole lines, and where they are in the file. */
export interface LineBlock {
  /** Valid until the next block. */
  readonly bytes: Buffer
  /** Byte offset in the decompressed file. */
  readonly offset: number
}

/** Cuts pieces into blocks that end after a line feed; the last ends with the file, or is left out when that is cut. */
export async function* lineBlocks(
  pieces: AsyncIterable<Uint8Array>,
  blockBytes: number,
  isCut: boolean,
): AsyncGenerator<LineBlock, void, void> {
  let held = Buffer.allocUnsafeSlow(2 * blockBytes)
  let size = 0
  let offset = 0
  /** After the last line feed. */
  let whole = 0
  for await (const piece of pieces) {
    if (size + piece.length > held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * held.length, size + piece.length))
      larger.set(held.subarray(0, size))
      held = larger
    }
    held.set(piece, size)
    const cut = piece.lastIndexOf(0x0a) + 1
    if (cut > 0) whole = size + cut
    size += piece.length
    if (whole >= blockBytes) {
      yield { bytes: held.subarray(0, whole), offset }
      held.copyWithin(0, whole, size)
      size -= whole
      offset += whole
      whole = 0
    }
    if (size - whole > MAX_RECORD_BYTES) {
      throw fileFault(
        'file.json.record-size',
        `A line has more than ${MAX_RECORD_BYTES} bytes, from byte ${offset + whole}.`,
      )
    }
  }
  const last = isCut ? whole : size
  if (last > 0) yield { bytes: held.subarray(0, last), offset }
}
