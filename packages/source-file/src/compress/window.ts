import { fileFault } from '../errors.ts'

/** From here on, more is read than was asked for. */
const DOUBLED_BYTES = 1 << 16

/** Bytes of a stream by exact counts. For one reader. */
export interface Window {
  /** The next `bytes`, left in place; fewer only at the end. */
  peek(bytes: number): Promise<Uint8Array>
  /** The next `bytes`; fewer only at the end. */
  take(bytes: number): Promise<Uint8Array>
  /** The next bytes, as many as are there already, at most `bytes`; none at the end. */
  some(bytes: number): Promise<Uint8Array>
  /** What `take` gave last. */
  readonly last: Uint8Array
  /** All that was not taken, in pieces; ending it early closes the source. */
  rest(): AsyncGenerator<Uint8Array, void, void>
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
    // Twice as much where much is asked for, so that what is left is not copied for each part of it.
    const wanted = bytes < DOUBLED_BYTES ? bytes : bytes * 2
    while (size < wanted) {
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
    async some(bytes) {
      while (buffer.length === 0 && !isDone) {
        const next = await iterator.next()
        if (next.done) isDone = true
        else buffer = next.value
      }
      last = buffer.subarray(0, bytes)
      buffer = buffer.subarray(last.length)
      return last
    },
    async *rest() {
      try {
        if (buffer.length > 0) yield buffer
        buffer = new Uint8Array(0)
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
      } finally {
        await iterator.return?.()
      }
    },
    async close() {
      await iterator.return?.()
    },
  }
}

/** Exactly the next `bytes`; `what` ends in their middle otherwise. */
export async function takeAll(window: Window, bytes: number, what: string): Promise<Uint8Array> {
  const taken = await window.take(bytes)
  if (taken.length < bytes) throw fileFault('file.truncated', `The ${what} data ends in the middle.`)
  return taken
}

/** Zeros may follow compressed data, as on tapes; anything else is a fault. */
export async function expectOnlyZeros(window: Window, what: string): Promise<void> {
  for (let part = await window.take(1 << 16); part.length > 0; part = await window.take(1 << 16)) {
    if (part.some((byte) => byte !== 0)) {
      throw fileFault('file.trailing', `Something else follows the end of the ${what} data.`)
    }
  }
}
