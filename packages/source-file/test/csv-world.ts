import { type ColumnReader, readColumn } from '@omni/arrow'
import type { Batch, Limits, Rejected } from '@omni/spec'
import { csv } from '../src/csv/index.ts'
import type { Repaired } from '../src/format.ts'
import type { FileOptions } from '../src/options.ts'

/** Everything that reading one CSV gave. */
export interface Read {
  readonly names: readonly string[]
  readonly types: readonly string[]
  /** Canonical text of every value, null for null. */
  readonly rows: readonly (readonly (string | null)[])[]
  readonly rejected: readonly Rejected[]
  readonly repaired: readonly Repaired[]
  readonly restarts: readonly string[]
  /** What `describe` says. */
  readonly notes: readonly string[]
  /** The file has names of its own. */
  readonly header: boolean
  readonly batches: readonly Batch[]
}

export interface ReadHow {
  readonly options?: Partial<FileOptions>
  readonly fileName?: string
  /** Bytes of a piece of input. */
  readonly pieceBytes?: number
  readonly headBytes?: number
  readonly limits?: Partial<Limits>
  readonly limit?: number
}

/** Reads a CSV as `source.ts` would, from memory. */
export async function readCsv(content: string | Uint8Array, how: ReadHow = {}): Promise<Read> {
  const { fileName = 'x.csv', pieceBytes = 64 * 1024, headBytes = 256 * 1024 } = how
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const input = {
    async *open() {
      for (let i = 0; i < bytes.length; i += pieceBytes) yield bytes.slice(i, i + pieceBytes)
    },
    head: { bytes: bytes.slice(0, headBytes), complete: bytes.length <= headBytes },
    fileName,
    size: bytes.length,
  }
  const options: FileOptions = {
    path: fileName,
    format: 'auto',
    header: 'auto',
    types: 'infer',
    ...how.options,
  }
  const limits = { chunkRows: 16_384, chunkBytes: 16 << 20, bufferBytes: 16 << 20, ...how.limits }
  const request = { limits, signal: new AbortController().signal, ...(how.limit ? { limit: how.limit } : {}) }
  const restarts: string[] = []
  let batches: Batch[] = []
  let rejected: Rejected[] = []
  let repaired: Repaired[] = []
  for await (const chunk of csv.decode(input, options, request)) {
    if ('restart' in chunk) {
      restarts.push(chunk.restart.why)
      batches = []
      rejected = []
      repaired = []
    } else if ('batch' in chunk) {
      batches.push(chunk.batch as Batch)
      rejected.push(...(chunk.rejected ?? []))
      repaired.push(...(chunk.repaired ?? []))
    }
  }
  const fields = batches[0]?.schema.fields ?? []
  const { notes } = await csv.describe(input, options)
  return {
    names: fields.map((field) => field.name),
    types: fields.map(({ type }) => ('scale' in type ? `${type.kind}(${type.scale})` : type.kind)),
    rows: batches.flatMap(textRows),
    rejected,
    repaired,
    restarts,
    notes,
    header: notes.every((note) => note !== 'header: none'),
    batches,
  }
}

function textRows(batch: Batch): (string | null)[][] {
  const readers: ColumnReader[] = batch.columns.map(readColumn)
  return Array.from({ length: batch.rows }, (_, row) => readers.map((reader) => reader.text(row)))
}

/** A field as RFC 4180 has it, quoted when it must be or when told. */
export function csvField(text: string | null, isQuoted: boolean): string {
  if (text === null) return ''
  return isQuoted || text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
