import { crc32 } from 'node:zlib'
import { fileFault } from '../errors.ts'
import { readProperties } from './lzma.ts'
import { unpackLzma } from './lzma-stream.ts'
import { createWindow, expectOnlyZeros, takeAll, type Window } from './window.ts'

/** Memory that a file may ask for; the same as for zstd. */
export const MAX_DICTIONARY: number = 128 * 1024 * 1024

/** Decompresses `.lzma` files: 13 bytes of header and one stream without a checksum. */
export async function* unlzma(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  try {
    const header = await takeAll(window, 13, 'lzma')
    const view = new DataView(header.buffer, header.byteOffset)
    const properties = readProperties(view.getUint8(0))
    if (!properties) throw fileFault('file.corrupt', 'The lzma data does not begin with its header.')
    const dictionary = view.getUint32(1, true)
    const size = view.getBigUint64(5, true)
    const isSizeKnown = size !== 0xffff_ffff_ffff_ffffn
    // A size beyond 256 GiB is what the tool itself takes for a file of another kind.
    if (isSizeKnown && size > 1n << 38n) {
      throw fileFault('file.corrupt', 'The lzma data does not begin with its header.')
    }
    // Without need, a small file does not ask for a large dictionary.
    const needed = isSizeKnown ? Math.min(dictionary, Number(size)) : dictionary
    expectDictionary(needed, 'lzma')
    yield* unpackLzma(window, {
      properties,
      dictionary: needed,
      size: isSizeKnown ? Number(size) : undefined,
      what: 'lzma',
    })
    await expectOnlyZeros(window, 'lzma')
  } finally {
    await window.close()
  }
}

/** Decompresses LZMA inside a zip (APPNOTE 5.8): a header of its own, and the size from the archive or an end marker. */
export async function* unlzmaZip(
  source: AsyncIterable<Uint8Array>,
  size: number | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  try {
    const header = await takeAll(window, 9, 'lzma')
    const view = new DataView(header.buffer, header.byteOffset)
    const properties = readProperties(view.getUint8(4))
    if (!properties || view.getUint16(2, true) !== 5) {
      throw fileFault('file.corrupt', 'The lzma data does not begin with its header.')
    }
    const dictionary = Math.min(view.getUint32(5, true), size ?? Number.POSITIVE_INFINITY)
    expectDictionary(dictionary, 'lzma')
    yield* unpackLzma(window, { properties, dictionary, size, what: 'lzma' })
  } finally {
    await window.close()
  }
}

/** Decompresses lzip, one member or many (https://www.nongnu.org/lzip/manual/lzip_manual.html#File-format). */
export async function* unlzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  try {
    for (let members = 0; ; members++) {
      const magic = await window.peek(4)
      if (members > 0 && (magic.length === 0 || magic[0] !== 0x4c)) {
        await expectOnlyZeros(window, 'lzip')
        return
      }
      yield* unpackMember(window, members > 0)
    }
  } finally {
    await window.close()
  }
}

async function* unpackMember(window: Window, isLater: boolean): AsyncGenerator<Uint8Array, void, void> {
  const header = await takeAll(window, 6, 'lzip')
  if (Buffer.from(header.subarray(0, 4)).toString('latin1') !== 'LZIP') {
    throw isLater
      ? fileFault('file.trailing', 'Something else follows the end of the lzip data.')
      : fileFault('file.corrupt', 'The lzip data does not begin with its header.')
  }
  if (header[4] !== 1) throw fileFault('file.compression', `The lzip data has version ${header[4]}.`)
  const code = header[5] as number
  const base = 2 ** (code & 31)
  const dictionary = base - (base / 16) * (code >> 5)
  expectDictionary(dictionary, 'lzip')
  let sum = 0
  let size = 0n
  const properties = { lc: 3, lp: 0, pb: 2 }
  for await (const piece of unpackLzma(window, { properties, dictionary, size: undefined, what: 'lzip' })) {
    sum = crc32(piece, sum)
    size += BigInt(piece.length)
    yield piece
  }
  const trailer = await takeAll(window, 20, 'lzip')
  const view = new DataView(trailer.buffer, trailer.byteOffset)
  if (view.getUint32(0, true) !== sum || view.getBigUint64(4, true) !== size) {
    throw fileFault('file.corrupt', 'The checksum of the lzip data is wrong.')
  }
}

/** Refuses data that asks for more memory than we give. */
export function expectDictionary(bytes: number, what: string): void {
  if (bytes > MAX_DICTIONARY) {
    throw fileFault('file.compression', `The ${what} data needs more than 128 MiB of memory to decompress.`)
  }
}
