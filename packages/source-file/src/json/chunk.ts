import type { Limits } from '@omni/spec'

/** Rows and bytes of text in one chunk. */
export interface RowLimits {
  readonly rows: number
  readonly bytes: number
}

/** Rows as objects that live past V8's young generation cost far more memory than they need, so chunks are small. */
export function rowLimits(limits: Limits): RowLimits {
  return { rows: Math.min(limits.chunkRows, 2048), bytes: Math.min(limits.chunkBytes, 1 << 20) }
}
