import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** The bytes of `source` after a transforming stream, which is destroyed when the reader stops early. */
export async function* through(
  source: AsyncIterable<Uint8Array>,
  stream: Duplex,
): AsyncGenerator<Uint8Array, void, void> {
  // Its failure reaches the reader through the stream, which pipeline destroys with it.
  const fed = pipeline(Readable.from(source), stream).catch(() => undefined)
  try {
    yield* stream as AsyncIterable<Uint8Array>
  } finally {
    stream.destroy()
    await fed
  }
}
