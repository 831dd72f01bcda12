import { isAscii } from 'node:buffer'
import type { Rejected, Row } from '@omni/spec'
import type { Format, FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import { rowLimits } from '../json/chunk.ts'
import { scoreJson } from '../json/detect.ts'
import { JsonProblem } from '../json/problem.ts'
import { decodeUtf8, parseRecord, type RecordMemory, toRow } from '../json/record.ts'
import { lineBlocks } from './blocks.ts'
import { type Line, scanLines } from './scan.ts'

/** One JSON value a line; https://github.com/ndjson/ndjson-spec. */
export const ndjson: Format = {
  name: 'ndjson',
  access: 'stream',
  detect: (head, fileName) => scoreJson(head, fileName).ndjson,
  describe: () => ({ notes: ['one JSON value a line'] }),
  decode: (input, _options, request) => decodeLines(input, request),
}

async function* decodeLines(input: FormatInput, request: FormatRequest): AsyncGenerator<FormatChunk> {
  const { limit = Number.POSITIVE_INFINITY } = request
  const most = rowLimits(request.limits)
  let rows: Row[] = []
  let rejected: Rejected[] = []
  let bytes = 0
  let total = 0
  let lineNumber = 0
  const memory: RecordMemory = { exactLeft: 0 }
  const take = (): FormatChunk => {
    const chunk: FormatChunk = rejected.length > 0 ? { rows, rejected } : { rows }
    rows = []
    rejected = []
    bytes = 0
    return chunk
  }
  for await (const block of lineBlocks(input.open())) {
    const start = block.offset === 0 && hasBom(block.bytes) ? 3 : 0
    const data = start === 0 ? block.bytes : block.bytes.subarray(start)
    const text = isAscii(data) ? data.toString('latin1') : undefined
    const full: FormatChunk[] = []
    scanLines(data, data.length, (line) => {
      lineNumber++
      if (line.blank || line.end === line.start) return true
      const parsed = parseLine(data, text, line, memory)
      if ('row' in parsed) {
        rows.push(parsed.row)
        total++
      } else rejected.push(reject(data, line, lineNumber, parsed))
      bytes += line.end - line.start
      if (rows.length + rejected.length >= most.rows || bytes >= most.bytes) full.push(take())
      return total < limit
    })
    yield* full
    request.signal.throwIfAborted()
    if (total >= limit) break
  }
  if (rows.length + rejected.length > 0) yield take()
}

interface BadLine {
  readonly code: string
  readonly reason: string
}

function parseLine(
  data: Buffer,
  text: string | undefined,
  line: Line,
  memory: RecordMemory,
): { readonly row: Row } | BadLine {
  const record =
    text === undefined ? decodeUtf8(data, line.start, line.end) : text.slice(line.start, line.end)
  if (record === undefined) return { code: 'file.ndjson.utf8', reason: 'the line is not UTF-8' }
  try {
    return { row: toRow(parseRecord(record, line.names, line.exact, memory)) }
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error
    return { code: `file.ndjson.${error.kind}`, reason: `${error.reason}, at character ${error.offset + 1}` }
  }
}

function reject(data: Buffer, line: Line, lineNumber: number, bad: BadLine): Rejected {
  // A copy: the block would stay in memory for the sake of one line.
  const raw = Uint8Array.from(data.subarray(line.start, line.end))
  return { locator: `line ${lineNumber}`, code: bad.code, reason: bad.reason, raw }
}

function hasBom(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}
