import { readColumn } from '@omni/arrow'
import type { Batch, Schema } from '@omni/spec'
import type { ByteWriter } from './byte-writer.ts'

// RFC 4180 with LF line ends. Null is an empty field, empty text is "". Values are the canonical text of
// @omni/arrow: base64 for bytes, JSON text for nested values.

const QUOTED = /[",\r\n]/
/** UTF-16 units printed into one string before it becomes bytes. */
const STRIDE = 1 << 17

/** The line of names. */
export function csvHead(schema: Schema): Uint8Array {
  return Buffer.from(`${schema.fields.map((field) => quoted(field.name)).join(',')}\n`, 'utf8')
}

/** Appends the lines of a block. */
export function createCsvEncoder(schema: Schema): (block: Batch, out: ByteWriter) => void {
  // The text of these kinds never needs quotes.
  const isPlain = schema.fields.map(
    ({ type: { kind } }) => !['utf8', 'binary', 'fixed', 'list', 'struct', 'map'].includes(kind),
  )
  return (block, out) => {
    const readers = block.columns.map(readColumn)
    let lines = ''
    for (let row = 0; row < block.rows; row++) {
      for (let c = 0; c < readers.length; c++) {
        if (c > 0) lines += ','
        const text = readers[c]?.text(row)
        if (text === null || text === undefined) continue
        lines += isPlain[c] ? text : quoted(text)
      }
      lines += '\n'
      if (lines.length < STRIDE) continue
      appendText(lines, out)
      lines = ''
    }
    appendText(lines, out)
  }
}

function quoted(text: string): string {
  return text === '' || QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Appends a string as UTF-8. */
export function appendText(text: string, out: ByteWriter): void {
  // No UTF-16 unit becomes more than three bytes.
  const most = text.length * 3
  const bytes = out.reserve(most)
  const { written } = new TextEncoder().encodeInto(text, bytes.subarray(out.length, out.length + most))
  out.length += written
}
