import { createGunzip } from 'node:zlib'
import { isFault } from '@omni/spec'
import { fileFault } from '../errors.ts'
import { trackFed } from './leftover.ts'
import { through } from './through.ts'

const OUTPUT_BYTES = 256 * 1024

/** Decompresses gzip (RFC 1952), one member or many. Zeros may follow, as on tapes; nothing else. */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const stream = createGunzip({ chunkSize: OUTPUT_BYTES })
  const fed = trackFed(source, 'gzip')
  try {
    yield* through(fed.pieces(), stream)
    // Node stops in silence at the first zero after a member: https://nodejs.org/api/zlib.html#class-zlibgunzip
    await fed.expectEndAfter(stream.bytesWritten, true)
  } catch (error) {
    throw explain(error)
  } finally {
    await fed.close()
  }
}

function explain(error: unknown): unknown {
  if (isFault(error)) return error
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'Z_BUF_ERROR') {
    return fileFault('file.truncated', 'The gzip data ends in the middle.', error)
  }
  // The first header was seen when the compression was detected, so this is about what follows a member.
  if (code === 'Z_DATA_ERROR' && message === 'incorrect header check') {
    return fileFault('file.trailing', 'Something else follows the end of the gzip data.', error)
  }
  if (code?.startsWith('Z_')) return fileFault('file.corrupt', 'The gzip data is damaged.', error)
  return error
}
