import type { AnyBatch, Batch } from '@omni/spec'
import type { ArrowBatch } from './arrow-data.ts'
import { checkBatch } from './check-batch.ts'
import { concatBatches } from './concat.ts'
import { fromArrow } from './from-arrow.ts'
import { fromIpc } from './ipc.ts'

/**
 * What a source yields as our batch: ours after a check, an apache-arrow `RecordBatch` (dictionaries decoded, large
 * and view types as plain ones), or the batches of an Arrow IPC stream or file in one.
 */
export async function normalizeBatch(batch: AnyBatch): Promise<Batch> {
  if (batch instanceof Uint8Array) return checkBatch(concatBatches(await fromIpc(batch)))
  if ('columns' in batch) return checkBatch(batch)
  return checkBatch(fromArrow(batch as unknown as ArrowBatch))
}
