/** The start of a stream, and all of it. */
export interface Peeked {
  /** The pieces that were taken. */
  head(): AsyncIterable<Uint8Array>
  /** Those and the rest; may be read once, and closes the stream. */
  all(): AsyncIterable<Uint8Array>
  /** Closes the stream when `all` is not read. */
  close(): Promise<void>
  /** Nothing follows the head. */
  readonly isComplete: boolean
}

/** Takes at least `bytes` from a stream, if it has them, so that they can be seen twice and fetched once. */
export async function peek(pieces: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
  const rest = pieces[Symbol.asyncIterator]()
  const taken: Uint8Array[] = []
  let size = 0
  let isComplete = false
  while (size < bytes) {
    const next = await rest.next()
    if (next.done) {
      isComplete = true
      break
    }
    // The memory of a piece may be used again for the next.
    taken.push(next.value.slice())
    size += next.value.length
  }
  return {
    async *head() {
      yield* taken
    },
    async *all() {
      try {
        while (taken.length > 0) yield taken.shift()!
        while (!isComplete) {
          const next = await rest.next()
          if (next.done) return
          yield next.value
        }
      } finally {
        await rest.return?.()
      }
    },
    async close() {
      await rest.return?.()
    },
    isComplete,
  }
}
