import type { Rejected, Row } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { Format, FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import type { FileOptions } from '../options.ts'
import type { Captured } from './capture.ts'
import { rowLimits } from './chunk.ts'
import { scoreJson } from './detect.ts'
import { parsePath } from './path.ts'
import { JsonProblem } from './problem.ts'
import { parseRecord, type RecordMemory, toRow } from './record.ts'
import { createSplitter, parseCaptured } from './split.ts'

/** One JSON document: an array of records, a path to one, or a single record. RFC 8259, strictly. */
export const json: Format = {
  name: 'json',
  access: 'stream',
  detect: (head, fileName) => scoreJson(head, fileName).json,
  describe: (input, options) => ({ notes: [describeRecords(input, options)] }),
  decode: (input, options, request) => decodeDocument(input, options, request),
}

function describeRecords(input: FormatInput, options: FileOptions): string {
  if (parsePath(options.records).length > 0) return `records: at ${options.records}; the rest is left out`
  const first = /[^\s\uFEFF]/.exec(Buffer.from(input.head.bytes).toString('utf8'))?.[0]
  if (first === '[') return 'records: the items of the array'
  const paths = input.head.complete ? findArrays(input.head.bytes) : []
  const hint = paths.length > 0 ? `there are arrays at ${paths.join(', ')}` : 'see --records'
  return `records: the whole document is one (${hint})`
}

/** Paths that a person may have meant, shown only where they look like plain names. */
function findArrays(bytes: Uint8Array): string[] {
  const found: string[] = []
  const visit = (value: unknown, path: string, depth: number): void => {
    if (Array.isArray(value) && typeof value[0] === 'object') found.push(path)
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < 4) {
      for (const [name, inner] of Object.entries(value)) {
        if (/^[A-Za-z_][\w-]{0,40}$/.test(name)) visit(inner, path ? `${path}.${name}` : name, depth + 1)
      }
    }
  }
  try {
    visit(
      JSON.parse(
        Buffer.from(bytes)
          .toString('utf8')
          .replace(/^\uFEFF/, ''),
      ),
      '',
      0,
    )
  } catch {
    // The read says what is wrong, and where.
  }
  return found.slice(0, 5)
}

/** Bytes that are walked before rows are handed on. */
const STEP_BYTES = 256 * 1024

async function* decodeDocument(
  input: FormatInput,
  options: FileOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk> {
  const { limit = Number.POSITIVE_INFINITY } = request
  const most = rowLimits(request.limits)
  const full: FormatChunk[] = []
  let rows: Row[] = []
  let rejected: Rejected[] = []
  let bytes = 0
  let items = 0
  const memory: RecordMemory = { exactLeft: 0 }
  let total = 0
  const flush = (): void => {
    full.push(rejected.length > 0 ? { rows, rejected } : { rows })
    rows = []
    rejected = []
    bytes = 0
  }
  const splitter = createSplitter(parsePath(options.records), (record) => {
    if (total >= limit) return
    items++
    const parsed = parseItem(record, items, memory)
    if ('row' in parsed) {
      rows.push(parsed.row)
      total++
    } else rejected.push(parsed)
    bytes += record.bytes.length
    if (rows.length + rejected.length >= most.rows || bytes >= most.bytes) flush()
  })
  for await (const piece of input.open()) {
    for (let from = 0; from < piece.length && total < limit; from += STEP_BYTES) {
      const to = Math.min(from + STEP_BYTES, piece.length)
      splitter.push(Buffer.from(piece.buffer, piece.byteOffset + from, to - from))
      yield* full.splice(0)
    }
    request.signal.throwIfAborted()
    if (total >= limit) break
  }
  if (total < limit) {
    splitter.end()
    if (!splitter.isFound) {
      throw fileFault(
        'file.records.missing',
        `The document has nothing at ${JSON.stringify(options.records)}.`,
      )
    }
  }
  if (rows.length + rejected.length > 0) flush()
  yield* full
}

/** A row; or a record that is valid JSON and cannot be stored as it is. Throws a fault where it is not valid. */
function parseItem(record: Captured, number: number, memory: RecordMemory): { readonly row: Row } | Rejected {
  return parseCaptured(record, (text) => {
    try {
      return { row: toRow(parseRecord(text, record.names, record.exact, memory)) }
    } catch (error) {
      if (!(error instanceof JsonProblem) || error.kind !== 'surrogate') throw error
      const locator = `record ${number}, line ${record.at.line}, byte ${record.at.offset}`
      return {
        locator,
        code: 'file.json.surrogate',
        reason: error.reason,
        raw: Uint8Array.from(record.bytes),
      }
    }
  })
}
