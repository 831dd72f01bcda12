import type { Batch, Schema } from '@omni/spec'
import { concatBatches, schemaChanged } from './concat.ts'
import { sliceBatch } from './slice.ts'
import { BLOCK_ROWS, sameSchema } from './types.ts'

/** Cuts batches of any size into blocks. Holds less than one block, plus the last batch while it is being cut. */
export interface Reblocker {
  readonly schema: Schema
  /** Rows held back for the next block. */
  readonly pending: number
  /** Takes a batch and returns the blocks that are now full. */
  push(batch: Batch): Batch[]
  /** The last block, of what is left; undefined if nothing is. */
  flush(): Batch | undefined
}

/**
 * Blocks of exactly `rows` rows, and a shorter last one. However the rows were chunked, the blocks are the same byte
 * for byte: buffers as long as needed, padding zero, no validity without a null. A block that lies within one batch
 * shares its memory.
 */
export function createReblocker(schema: Schema, rows: number = BLOCK_ROWS): Reblocker {
  let held: Batch[] = []
  let heldRows = 0

  const emit = (): Batch => {
    const block = held.length === 1 ? (held[0] as Batch) : concatBatches(held)
    held = []
    heldRows = 0
    return { ...block, schema }
  }

  return {
    schema,
    get pending() {
      return heldRows
    },
    push(batch) {
      if (!sameSchema(batch.schema, schema)) throw schemaChanged()
      const blocks: Batch[] = []
      let at = 0
      while (at < batch.rows) {
        const take = Math.min(rows - heldRows, batch.rows - at)
        held.push(sliceBatch(batch, at, at + take))
        heldRows += take
        at += take
        if (heldRows === rows) blocks.push(emit())
      }
      return blocks
    },
    flush() {
      return heldRows === 0 ? undefined : emit()
    },
  }
}
