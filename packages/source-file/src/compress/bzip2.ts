import { fileFault } from '../errors.ts'
import { BitReader } from './bits.ts'
import { Bzip2Block } from './bzip2-block.ts'
import { createWindow, expectOnlyZeros } from './window.ts'

/** Bytes of one block at most: 900,001 symbols of 20 bits, 32,767 selectors of 6 bits, six tables and the header. */
const BLOCK_BYTES = 2_500_000
/** Bytes of one piece of output. */
const OUTPUT_BYTES = 256 * 1024
/** pi and the square root of pi, in decimal digits as hex: a block, and the end of a stream. */
const BLOCK_MAGIC = 0x314159265359
const END_MAGIC = 0x177245385090

/**
 * Decompresses bzip2, one stream or many (as of pbzip2), with the checksums of blocks and streams. Zeros may follow.
 * The format has no specification but bzip2 1.0.8; described in https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf
 */
export async function* bunzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  let decoder: { readonly level: number; readonly block: Bzip2Block } | undefined
  try {
    for (let streams = 0; ; streams++) {
      const header = await window.peek(4)
      if (streams > 0 && (header.length === 0 || header[0] === 0)) {
        await expectOnlyZeros(window, 'bzip2')
        return
      }
      if (!isStreamHeader(header)) {
        const [code, why] =
          streams > 0
            ? (['file.trailing', 'Something else follows the end of the bzip2 data.'] as const)
            : (['file.corrupt', 'The bzip2 data does not begin with its header.'] as const)
        throw header.length < 4 && isStreamHeader(header, header.length) ? cut() : fileFault(code, why)
      }
      const level = (await window.take(4))[3]! - 0x30
      if (decoder?.level !== level) decoder = { level, block: new Bzip2Block(level) }
      let combined = 0
      let bit = 0
      while (true) {
        const bytes = await window.peek(BLOCK_BYTES)
        const bits = new BitReader(bytes, bit)
        const magic = bits.take(24) * 2 ** 24 + bits.take(24)
        const crc = ((bits.take(16) << 16) | bits.take(16)) >>> 0
        if (bits.overrun) throw cut()
        if (magic === END_MAGIC) {
          if (crc !== combined) throw wrongSum()
          await window.take((bits.position + 7) >>> 3)
          break
        }
        if (magic !== BLOCK_MAGIC) throw fileFault('file.corrupt', 'The bzip2 data is damaged.')
        decoder.block.load(bits)
        while (true) {
          const output = new Uint8Array(OUTPUT_BYTES)
          const size = decoder.block.drain(output)
          if (size > 0) yield output.subarray(0, size)
          if (size < output.length) break
        }
        if (decoder.block.crc !== crc) throw wrongSum()
        combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0
        await window.take(bits.position >>> 3)
        bit = bits.position & 7
      }
    }
  } finally {
    await window.close()
  }
}

/** `BZh` and a digit from 1 to 9, or the first `length` bytes of it. */
function isStreamHeader(bytes: Uint8Array, length = 4): boolean {
  if (bytes.length < length) return false
  const [b, z, h, level] = bytes
  const claims = [b === 0x42, z === 0x5a, h === 0x68, level! >= 0x31 && level! <= 0x39]
  return claims.slice(0, length).every(Boolean)
}

function cut(): Error {
  return fileFault('file.truncated', 'The bzip2 data ends in the middle.')
}

function wrongSum(): Error {
  return fileFault('file.corrupt', 'The checksum of the bzip2 data is wrong.')
}
