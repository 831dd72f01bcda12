import type { Rejected } from '@omni/spec'
import { decodeCsv } from './csv/decode.ts'
import { type FormatChunk, type FormatInput, type FormatRequest, HEAD_BYTES } from './format.ts'
import type { FileOptions } from './options.ts'

/** Cells of rows, null where there is none; and what was left out. */
export interface TextRows {
  readonly rows: readonly (readonly (string | null)[])[]
  readonly rejected: readonly Rejected[]
}

/** Rows of text as a format that has no types of its own finds them, typed by the rules of CSV. */
export async function* decodeRows(
  open: () => AsyncIterable<TextRows>,
  names: readonly string[],
  fileName: string,
  options: FileOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  let rejected: Rejected[] = []
  async function* write(): AsyncGenerator<Uint8Array, void, void> {
    // A second pass finds them again.
    rejected = []
    yield Buffer.from(`${names.map(quoted).join()}\n`)
    for await (const part of open()) {
      rejected.push(...part.rejected)
      if (part.rows.length > 0)
        yield Buffer.from(part.rows.map((row) => `${row.map(cell).join()}\n`).join(''))
    }
  }
  const input: FormatInput = { open: write, head: await headOf(write()), fileName, size: null }
  const dialect: FileOptions = {
    ...options,
    format: 'csv',
    encoding: 'utf-8',
    delimiter: ',',
    quote: '"',
    escape: '',
    comment: '',
    header: 'yes',
    skipLines: 0,
    repair: 'no',
  }
  for await (const chunk of decodeCsv(input, dialect, request)) {
    if ('restart' in chunk) yield chunk
    else {
      const found = rejected
      rejected = []
      yield found.length > 0 ? { ...chunk, rejected: [...found, ...(chunk.rejected ?? [])] } : chunk
    }
  }
  if (rejected.length > 0) yield { rows: [], rejected }
}

async function headOf(pieces: AsyncIterable<Uint8Array>): Promise<FormatInput['head']> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of pieces) {
    parts.push(part)
    size += part.length
    if (size > HEAD_BYTES) return { bytes: Buffer.concat(parts).subarray(0, HEAD_BYTES), complete: false }
  }
  return { bytes: Buffer.concat(parts), complete: true }
}

function cell(value: string | null): string {
  if (value === null) return ''
  return /^[\w.+:-][\w.+: -]*$/.test(value) && !value.endsWith(' ') ? value : quoted(value)
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
