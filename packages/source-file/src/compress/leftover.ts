import { fileFault } from '../errors.ts'

/** Pieces on their way to a decompressor of node:zlib, which does not say what it left of them. */
export interface Fed {
  pieces(): AsyncGenerator<Uint8Array, void, void>
  /** Rejects unless all that follows the first `consumed` bytes is zeros; without `zeros`, when anything follows. */
  expectEndAfter(consumed: number, allowsZeros: boolean): Promise<void>
  close(): Promise<void>
}

/** Hands pieces on and keeps the last ones, to look at what the decompressor left. `what` names the data. */
export function trackFed(source: AsyncIterable<Uint8Array>, what: string): Fed {
  const iterator = source[Symbol.asyncIterator]()
  let total = 0
  let recent: { readonly at: number; readonly piece: Uint8Array }[] = []
  // The stream takes at most this many pieces ahead of what it decompresses.
  const keep = 64
  const expectEnd = (rest: Uint8Array, allowsZeros: boolean): void => {
    if (allowsZeros ? rest.some((byte) => byte !== 0) : rest.length > 0) {
      throw fileFault('file.trailing', `Something else follows the end of the ${what} data.`)
    }
  }
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
    async expectEndAfter(consumed, allowsZeros) {
      for (const { at, piece } of recent) {
        expectEnd(piece.subarray(Math.max(0, consumed - at)), allowsZeros)
      }
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        expectEnd(next.value, allowsZeros)
      }
    },
    async close() {
      await iterator.return?.()
    },
  }
}
