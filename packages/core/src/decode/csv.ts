import { appendText, BLOCK_ROWS, createBatchBuilder } from '@omni/arrow'
import type { Batch, Schema } from '@omni/spec'
import type { HomeFile } from '../home/home.ts'
import { damaged } from './damaged.ts'
import { itemsOf } from './text-lines.ts'

/** One record: text, or null for a field that is empty and not quoted. */
type CsvRecord = readonly (string | null)[]

/** The rows of a CSV part that we wrote: the values of encode/csv.ts, by the schema exact again. */
export async function* readCsv(file: HomeFile, schema: Schema): AsyncGenerator<Batch> {
  const builder = createBatchBuilder(schema)
  const names = schema.fields.map((field) => field.name)
  let isHead = true
  let rows = 0
  for await (const records of itemsOf(file, splitRecords)) {
    for (const record of records) {
      if (record.length !== Math.max(1, names.length)) throw damaged()
      if (isHead) {
        if (names.some((name, i) => name !== (record[i] ?? ''))) throw damaged()
        isHead = false
        continue
      }
      for (const [i, column] of builder.columns.entries()) {
        const text = record[i]
        if (text === null || text === undefined) column.appendNull()
        else appendText(column, text)
      }
      if (++rows === BLOCK_ROWS) {
        yield { ...builder.finish(), rows }
        rows = 0
      }
    }
  }
  if (isHead) throw damaged()
  if (rows > 0) yield { ...builder.finish(), rows }
}

/** All records of `text` that are complete, and where the first incomplete one begins. RFC 4180 with LF. */
function splitRecords(text: string): { items: CsvRecord[]; used: number } {
  const items: CsvRecord[] = []
  let record: (string | null)[] = []
  let used = 0
  let at = 0
  while (at < text.length) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1)
      // The character after the quote decides, so it must be there.
      if (end < 0 || end + 1 >= text.length) break
      record.push(text.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 1
    } else {
      const end = plainEnd(text, at)
      if (end < 0) break
      record.push(end === at ? null : text.slice(at, end))
      at = end
    }
    const next = text[at++]
    if (next === '\n') {
      items.push(record)
      record = []
      used = at
    } else if (next !== ',') throw damaged()
  }
  return { items, used }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at
  }
  return -1
}

function plainEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x2c || code === 0x0a) return at
  }
  return -1
}
