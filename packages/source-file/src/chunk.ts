import { sliceBatch } from '@omni/arrow'
import type { Batch, Chunk } from '@omni/spec'
import type { FormatChunk } from './format.ts'

type DataChunk = Exclude<FormatChunk, { restart: unknown }>

/** Rows of a chunk. */
export function rowsOf(chunk: Exclude<Chunk, { restart: unknown }> | DataChunk): number {
  return 'rows' in chunk ? chunk.rows.length : (chunk.batch as Batch).rows
}

/** The chunk, without the rows that go over the limit. */
export function cutChunk(chunk: DataChunk, rows: number): DataChunk {
  if (rowsOf(chunk) <= rows) return chunk
  if ('rows' in chunk) return { ...chunk, rows: chunk.rows.slice(0, rows) }
  return { ...chunk, batch: sliceBatch(chunk.batch as Batch, 0, rows) }
}

/** The chunk without its first rows and rejected records. */
export function dropFirst(
  chunk: DataChunk,
  { rows, rejected }: { readonly rows: number; readonly rejected: number },
): DataChunk {
  if (rows === 0 && rejected === 0) return chunk
  const { rejected: refused, ...data } = chunk
  const kept = refused?.slice(rejected) ?? []
  const facts = kept.length > 0 ? { rejected: kept } : {}
  const from = Math.min(rows, rowsOf(chunk))
  if ('rows' in data) return { ...data, rows: data.rows.slice(from), ...facts }
  const batch = data.batch as Batch
  return { ...data, batch: sliceBatch(batch, from, batch.rows - from), ...facts }
}
