/** Bytes of a stream by exact counts. For one reader. */
export interface Window {
  /** The next `bytes`, left in place; fewer only at the end. */
  peek(bytes: number): Promise<Uint8Array>
  /** The next `bytes`; fewer only at the end. */
  take(bytes: number): Promise<Uint8Array>
  /** What `take` gave last. */
  readonly last: Uint8Array
  close(): Promise<void>
}

/** A {@link Window} over pieces of any size; a part that lies within one piece is not copied. */
export function createWindow(source: AsyncIterable<Uint8Array>): Window {
  const iterator = source[Symbol.asyncIterator]()
  let buffer: Uint8Array = new Uint8Array(0)
  let last = buffer
  let isDone = false

  const fill = async (bytes: number): Promise<void> => {
    if (buffer.length >= bytes || isDone) return
    const parts = [buffer]
    let size = buffer.length
    while (size < bytes) {
      const next = await iterator.next()
      if (next.done) {
        isDone = true
        break
      }
      parts.push(next.value)
      size += next.value.length
    }
    buffer = Buffer.concat(parts)
  }

  return {
    get last() {
      return last
    },
    async peek(bytes) {
      await fill(bytes)
      return buffer.subarray(0, bytes)
    },
    async take(bytes) {
      await fill(bytes)
      last = buffer.subarray(0, bytes)
      buffer = buffer.subarray(last.length)
      return last
    },
    async close() {
      await iterator.return?.()
    },
  }
}
