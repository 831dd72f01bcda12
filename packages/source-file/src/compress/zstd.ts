import { constants, createZstdDecompress } from 'node:zlib'
import { isFault } from '@omni/spec'
import { fileFault } from '../errors.ts'
import { through } from './through.ts'
import { createWindow, type Window } from './window.ts'

/** RFC 8878, section 3.1.1. */
const FRAME_MAGIC = 0xfd2fb528
/** Skippable frames, section 3.1.2: 16 magic numbers. */
const SKIPPABLE_MAGIC = 0x184d2a50
/** Memory that a frame may ask for, as a power of two; the tool's own default. */
const WINDOW_LOG_MAX = 27

/**
 * Decompresses zstd (RFC 8878) of any number of frames, skippable ones too. node:zlib decodes only the first
 * of several, without an error (https://github.com/nodejs/node/issues/64741), so frames are cut apart here.
 */
export async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  try {
    for (let frames = 0; ; frames++) {
      const magic = await window.peek(4)
      if (magic.length === 0 && frames > 0) return
      const value = magic.length < 4 ? 0 : readU32(magic)
      if ((value & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) await skipFrame(window)
      else if (value === FRAME_MAGIC) yield* decompressFrame(window)
      else if (frames > 0)
        throw fileFault('file.trailing', 'Something else follows the end of the zstd data.')
      else throw fileFault('file.corrupt', 'The zstd data does not begin with a frame.')
    }
  } finally {
    await window.close()
  }
}

async function* decompressFrame(window: Window): AsyncGenerator<Uint8Array, void, void> {
  const stream = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX } })
  try {
    yield* through(framePieces(window), stream)
  } catch (error) {
    if (isFault(error)) throw error
    const code = String((error as { code?: unknown }).code)
    if (code === 'ZSTD_error_frameParameter_windowTooLarge') {
      throw fileFault(
        'file.compression',
        'The zstd data needs more than 128 MiB of memory to decompress.',
        error,
      )
    }
    throw fileFault('file.corrupt', 'The zstd data is damaged.', error)
  }
}

/** The bytes of exactly one frame: header, blocks, checksum. */
async function* framePieces(window: Window): AsyncGenerator<Uint8Array, void, void> {
  const descriptor = (await take(window, 5))[4] as number
  yield window.last
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number
  const rest = (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
  if (rest > 0) yield await take(window, rest)
  for (let isLast = false; !isLast; ) {
    const header = await take(window, 3)
    yield header
    const bits = (header[0] as number) | ((header[1] as number) << 8) | ((header[2] as number) << 16)
    isLast = (bits & 1) === 1
    // Type 1 repeats one byte; type 3 is reserved, and the decompressor refuses it.
    const bytes = ((bits >> 1) & 3) === 1 ? 1 : bits >> 3
    if (bytes > 0) yield await take(window, bytes)
  }
  if ((descriptor & 4) !== 0) yield await take(window, 4)
}

async function skipFrame(window: Window): Promise<void> {
  const header = await take(window, 8)
  for (let left = readU32(header.subarray(4)); left > 0; ) {
    const part = Math.min(left, 1 << 20)
    await take(window, part)
    left -= part
  }
}

async function take(window: Window, bytes: number): Promise<Uint8Array> {
  const taken = await window.take(bytes)
  if (taken.length < bytes) throw fileFault('file.truncated', 'The zstd data ends in the middle of a frame.')
  return taken
}

function readU32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
}
