import { readColumn } from '@omni/arrow'
import { type Batch, fault, type Schema } from '@omni/spec'
import type { ByteWriter } from './byte-writer.ts'
import { appendText } from './csv.ts'

const STRIDE = 1 << 17

/**
 * Appends one JSON object a row, every field present. Numbers of every width are JSON numbers with all their
 * digits; other values as `jsonAt` of @omni/arrow says.
 */
export function createNdjsonEncoder(schema: Schema): (block: Batch, out: ByteWriter) => void {
  const names = schema.fields.map((field) => field.name)
  if (new Set(names).size < names.length) {
    throw fault({
      kind: 'unsupported',
      code: 'ndjson.names',
      why: 'Two columns have the same name, which a JSON object cannot hold.',
      fix: 'Rename one in the source, or write with --format parquet.',
    })
  }
  const heads = names.map((name, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  const end = heads.length === 0 ? '{}\n' : '}\n'
  return (block, out) => {
    const readers = block.columns.map(readColumn)
    let lines = ''
    for (let row = 0; row < block.rows; row++) {
      for (let c = 0; c < readers.length; c++)
        lines += (heads[c] as string) + (readers[c]?.json(row) as string)
      lines += end
      if (lines.length < STRIDE) continue
      appendText(lines, out)
      lines = ''
    }
    appendText(lines, out)
  }
}
