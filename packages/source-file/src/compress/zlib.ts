import { createBrotliDecompress, createInflate, createInflateRaw } from 'node:zlib'
import { isFault } from '@omni/spec'
import { fileFault } from '../errors.ts'
import { trackFed } from './leftover.ts'
import { through } from './through.ts'
import { createWindow } from './window.ts'

const OUTPUT_BYTES = 256 * 1024
/** Each piece costs a turn of the event loop, so more than one is ready at a time. */
const INFLATE = { chunkSize: OUTPUT_BYTES, readableHighWaterMark: 4 * OUTPUT_BYTES }

/** Decompresses brotli (RFC 7932): one stream, which has no magic and no checksum. */
export function unbrotli(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  return runZlib(source, 'brotli', createBrotliDecompress({ chunkSize: OUTPUT_BYTES }))
}

/** Decompresses raw deflate (RFC 1951), as inside a zip. */
export function inflateRaw(
  source: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Uint8Array, void, void> {
  return runZlib(source, what, createInflateRaw(INFLATE))
}

/** Decompresses a zlib stream (RFC 1950), or raw deflate where the header of one is not there. */
export async function* inflate(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const window = createWindow(source)
  const [method = 0, flags = 0] = await window.peek(2)
  const isWrapped = (method & 0x0f) === 8 && method >> 4 <= 7 && ((method << 8) | flags) % 31 === 0
  yield* isWrapped
    ? runZlib(window.rest(), 'zlib', createInflate({ chunkSize: OUTPUT_BYTES }))
    : runZlib(window.rest(), 'deflate', createInflateRaw(INFLATE))
}

async function* runZlib(
  source: AsyncIterable<Uint8Array>,
  what: string,
  stream: ReturnType<typeof createInflate | typeof createBrotliDecompress>,
): AsyncGenerator<Uint8Array, void, void> {
  const fed = trackFed(source, what)
  try {
    yield* through(fed.pieces(), stream)
    await fed.expectEndAfter(stream.bytesWritten, false)
  } catch (error) {
    throw explain(error, what)
  } finally {
    await fed.close()
  }
}

/** https://nodejs.org/api/zlib.html#error-codes; those of brotli are its decoder's. */
function explain(error: unknown, what: string): unknown {
  if (isFault(error)) return error
  const { code } = error as { code?: string }
  if (code === 'Z_BUF_ERROR')
    return fileFault('file.truncated', `The ${what} data ends in the middle.`, error)
  if (code === 'Z_NEED_DICT') {
    return fileFault('file.compression', `The ${what} data needs a dictionary.`, error)
  }
  if (code?.startsWith('Z_') || code?.startsWith('ERR_BROTLI') || code?.startsWith('ERR__ERROR_')) {
    return fileFault('file.corrupt', `The ${what} data is damaged.`, error)
  }
  return error
}
