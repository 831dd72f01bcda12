import type { Schema } from '@omni/spec'
import type { FormatChunk } from '../format.ts'
import type { SentChunk } from './messages.ts'

/** Turns what a thread sent back into chunks; one for each read, since a schema is sent once. */
export function createUnpacker(): (sent: SentChunk) => FormatChunk {
  let schema: Schema = { fields: [] }
  return (sent) => {
    if ('restart' in sent) return sent
    if ('rows' in sent) return sent
    const { columns, length, schema: changed, ...facts } = sent
    schema = changed ?? schema
    return { ...facts, batch: { schema, rows: length, columns } }
  }
}
