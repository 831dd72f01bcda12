import { normalizeBatch } from '@omni/arrow'
import type { Batch, Rejected, Row } from '@omni/spec'
import { type Format, type FormatChunk, type FormatInput, HEAD_BYTES } from '../src/format.ts'
import { type FileInput, options } from '../src/options.ts'
import { LIMITS } from './world.ts'

/** What a format makes of bytes in this thread: for thousands of small files, where a thread for each takes its time. */
export async function decodeBytes(
  format: Format,
  bytes: Uint8Array,
  input: Partial<FileInput> = {},
): Promise<{ rows: Row[]; batches: Batch[]; rejected: Rejected[] }> {
  const parsed = options.parse({ path: 'x', ...input })
  const found = { rows: [] as Row[], batches: [] as Batch[], rejected: [] as Rejected[] }
  const file: FormatInput = {
    async *open() {
      yield bytes
    },
    head: { bytes: bytes.subarray(0, HEAD_BYTES), complete: bytes.length <= HEAD_BYTES },
    fileName: 'x',
    size: bytes.length,
  }
  const [table] = (await format.tables?.(file, parsed)) ?? []
  const chosen: FormatInput = table ? { ...file, table: table.name } : file
  await format.describe(chosen, parsed)
  const request = { limits: LIMITS, signal: new AbortController().signal }
  for await (const chunk of format.decode(chosen, parsed, request)) await take(chunk, found)
  return found
}

async function take(
  chunk: FormatChunk,
  found: { rows: Row[]; batches: Batch[]; rejected: Rejected[] },
): Promise<void> {
  if ('restart' in chunk) {
    found.rows.length = found.batches.length = found.rejected.length = 0
    return
  }
  if ('rows' in chunk) found.rows.push(...chunk.rows)
  else found.batches.push(await normalizeBatch(chunk.batch))
  found.rejected.push(...(chunk.rejected ?? []))
}
