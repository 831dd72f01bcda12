/**
 * Memory for one block or column at a time. What it gives is valid until `reset`, is not zeroed, and costs the
 * collector of garbage nothing: buffers of 64 KiB and more would otherwise pile up between its rounds.
 */
export interface Arena {
  bytes(count: number): Uint8Array
  /** 32-bit words, aligned. */
  words(count: number): Uint32Array
  /** As `words`, signed. */
  ints(count: number): Int32Array
  reset(): void
}

const SLAB_BYTES = 1 << 20

/** An empty arena; it grows to what one round needs and stays there. */
export function createArena(): Arena {
  const slabs: ArrayBuffer[] = []
  let current = -1
  let at = SLAB_BYTES
  const take = (bytes: number): { slab: ArrayBuffer; start: number } => {
    // A single larger request has memory of its own, which is not kept.
    if (bytes > SLAB_BYTES) return { slab: new ArrayBuffer(bytes), start: 0 }
    if (at + bytes > SLAB_BYTES) {
      current++
      at = 0
      slabs[current] ??= new ArrayBuffer(SLAB_BYTES)
    }
    const start = at
    at += (bytes + 7) & ~7
    return { slab: slabs[current] as ArrayBuffer, start }
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
      at = slabs.length > 0 ? 0 : SLAB_BYTES
    },
  }
}
