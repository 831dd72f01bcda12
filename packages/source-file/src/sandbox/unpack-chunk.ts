import { ExactNumber } from '@omni/arrow'
import type { Row, Schema } from '@omni/spec'
import type { FormatChunk } from '../format.ts'
import type { SentChunk } from './messages.ts'
import { EXACT } from './pack.ts'

/** Turns what a thread sent back into chunks; one for each read, since a schema is sent once. */
export function createUnpacker(): (sent: SentChunk) => FormatChunk {
  let schema: Schema = { fields: [] }
  return (sent) => {
    if ('restart' in sent) return sent
    if ('rows' in sent) return { ...sent, rows: sent.rows.map((row) => exactValue(row) as Row) }
    const { columns, length, schema: changed, ...facts } = sent
    schema = changed ?? schema
    return { ...facts, batch: { schema, rows: length, columns } }
  }
}

function exactValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(exactValue)
  if (value instanceof Date) return value
  if (EXACT in value) return new ExactNumber(String(value[EXACT]))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, exactValue(inner)]))
}
