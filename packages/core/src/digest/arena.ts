/** Where buffers come from; they need not be zero. */
export interface Memory {
  bytes(count: number): Uint8Array
  /** 32-bit words, aligned. */
  ints(count: number): Int32Array
}

/** Memory of its own for each buffer. */
export const FRESH: Memory = {
  bytes: (count) => new Uint8Array(count),
  ints: (count) => new Int32Array(count),
}

/**
 * Memory for one block or column at a time. What it gives is valid until `reset`, is not zeroed, and costs the
 * collector of garbage nothing: buffers of 64 KiB and more would otherwise pile up between its rounds.
 */
export interface Arena extends Memory {
  /** As `ints`, without a sign. */
  words(count: number): Uint32Array
  reset(): void
}

const SLAB_BYTES = 1 << 20

/** An empty arena; it grows to what one round needs and stays there. */
export function createArena(): Arena {
  const slabs: ArrayBuffer[] = []
  let current = -1
  let at = 0
  const take = (bytes: number): { slab: ArrayBuffer; start: number } => {
    let slab = slabs[current]
    if (slab === undefined || at + bytes > slab.byteLength) {
      slab = slabs[++current]
      at = 0
      if (slab === undefined || slab.byteLength < bytes) {
        slab = new ArrayBuffer(Math.ceil(bytes / SLAB_BYTES) * SLAB_BYTES)
        slabs[current] = slab
      }
    }
    const start = at
    at += (bytes + 7) & ~7
    return { slab, start }
  }
  return {
    bytes(count) {
      const { slab, start } = take(count)
      return new Uint8Array(slab, start, count)
    },
    words(count) {
      const { slab, start } = take(count * 4)
      return new Uint32Array(slab, start, count)
    },
    ints(count) {
      const { slab, start } = take(count * 4)
      return new Int32Array(slab, start, count)
    },
    reset() {
      current = slabs.length > 0 ? 0 : -1
      at = 0
    },
  }
}
