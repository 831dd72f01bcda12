/** Memory of batches that came back, for the next ones: fresh memory costs the kernel and the collector of garbage. */
export interface BatchMemory {
  /** Room for at least `bytes`; what is in it is anything. */
  take(bytes: number): ArrayBuffer
  /** Takes memory that nobody uses any more. */
  give(memory: readonly ArrayBuffer[]): void
}

/** Bytes that may lie unused. */
const MOST_BYTES = 32 << 20
/** Memory more than this many times larger than is asked for is left to a larger batch. */
const WASTE = 1.25

export function createBatchMemory(): BatchMemory {
  const spare: ArrayBuffer[] = []
  let held = 0
  // A format that never asks has no use for what comes back.
  let isAsked = false
  return {
    take(bytes) {
      isAsked = true
      let best = -1
      for (const [i, { byteLength }] of spare.entries()) {
        if (byteLength < bytes || byteLength > WASTE * bytes) continue
        if (best < 0 || byteLength < spare[best]!.byteLength) best = i
      }
      if (best < 0) return new ArrayBuffer(bytes)
      const found = spare[best]!
      held -= found.byteLength
      const last = spare.pop()!
      if (best < spare.length) spare[best] = last
      return found
    },
    give(memory) {
      if (!isAsked) return
      for (const one of memory) {
        if (one.byteLength === 0 || held + one.byteLength > MOST_BYTES) continue
        spare.push(one)
        held += one.byteLength
      }
    },
  }
}
