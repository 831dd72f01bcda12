import { appendJson, BLOCK_ROWS, createBatchBuilder, parseExactJson } from '@omni/arrow'
import type { Batch, Schema } from '@omni/spec'
import type { HomeFile } from '../home/home.ts'
import { damaged } from './damaged.ts'
import { itemsOf } from './text-lines.ts'

/** The rows of an NDJSON part that we wrote, by the schema exact again. */
export async function* readNdjson(file: HomeFile, schema: Schema): AsyncGenerator<Batch> {
  const builder = createBatchBuilder(schema)
  const names = schema.fields.map((field) => field.name)
  let rows = 0
  for await (const lines of itemsOf(file, splitLines)) {
    for (const line of lines) {
      const object = parseExactJson(line)
      if (typeof object !== 'object' || object === null) throw damaged()
      for (const [i, column] of builder.columns.entries()) {
        const name = names[i] as string
        if (!Object.hasOwn(object, name)) throw damaged()
        appendJson(column, (object as Readonly<Record<string, unknown>>)[name])
      }
      if (++rows === BLOCK_ROWS) {
        yield { ...builder.finish(), rows }
        rows = 0
      }
    }
  }
  if (rows > 0) yield { ...builder.finish(), rows }
}

function splitLines(text: string): { items: string[]; used: number } {
  const used = text.lastIndexOf('\n') + 1
  return { items: used === 0 ? [] : text.slice(0, used - 1).split('\n'), used }
}
