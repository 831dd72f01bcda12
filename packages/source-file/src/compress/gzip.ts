import { createGunzip } from 'node:zlib'
import { isFault } from '@omni/spec'
import { fileFault } from '../errors.ts'
import { through } from './through.ts'

const OUTPUT_BYTES = 256 * 1024

/** Decompresses gzip (RFC 1952), one member or many. Zeros may follow, as on tapes; nothing else. */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const stream = createGunzip({ chunkSize: OUTPUT_BYTES })
  const fed = trackFed(source)
  try {
    yield* through(fed.pieces(), stream)
    // Node stops in silence at the first zero after a member: https://nodejs.org/api/zlib.html#class-zlibgunzip
    await fed.expectZerosAfter(stream.bytesWritten)
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

interface Fed {
  pieces(): AsyncGenerator<Uint8Array, void, void>
  expectZerosAfter(consumed: number): Promise<void>
  close(): Promise<void>
}

/** Hands pieces on and keeps the last ones, to look at what the decompressor left. */
function trackFed(source: AsyncIterable<Uint8Array>): Fed {
  const iterator = source[Symbol.asyncIterator]()
  let total = 0
  let recent: { readonly at: number; readonly piece: Uint8Array }[] = []
  // The stream takes at most this many pieces ahead of what it decompresses.
  const keep = 64
  return {
    async *pieces() {
      while (true) {
        const next = await iterator.next()
        if (next.done) return
        recent.push({ at: total, piece: next.value })
        if (recent.length > keep) recent = recent.slice(keep / 2)
        total += next.value.length
        yield next.value
      }
    },
    async close() {
      await iterator.return?.()
    },
    async expectZerosAfter(consumed) {
      for (const { at, piece } of recent) expectZeros(piece.subarray(Math.max(0, consumed - at)))
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) expectZeros(next.value)
    },
  }
}

function expectZeros(rest: Uint8Array): void {
  if (rest.some((byte) => byte !== 0)) {
    throw fileFault('file.trailing', 'Something else follows the end of the gzip data.')
  }
}
