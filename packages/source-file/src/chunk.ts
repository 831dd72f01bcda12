import { sliceBatch } from '@omni/arrow'
import type { FormatChunk } from './format.ts'

type DataChunk = Exclude<FormatChunk, { restart: unknown }>

/** Rows of a chunk. */
export function rowsOf(chunk: DataChunk): number {
  return 'rows' in chunk ? chunk.rows.length : chunk.batch.rows
}

/** The chunk, without the rows that go over the limit. */
export function cutChunk(chunk: DataChunk, rows: number): DataChunk {
  if (rowsOf(chunk) <= rows) return chunk
  if ('rows' in chunk) return { ...chunk, rows: chunk.rows.slice(0, rows) }
  return { ...chunk, batch: sliceBatch(chunk.batch, 0, rows) }
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
  const batch = data.batch
  return { ...data, batch: sliceBatch(batch, from, batch.rows - from), ...facts }
}
