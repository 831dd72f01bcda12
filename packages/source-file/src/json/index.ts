import { isUtf8 } from 'node:buffer'
import type { JsonRun } from '@omni/kernels'
import { fileFault } from '../errors.ts'
import type { Format, FormatChunk, FormatInput, FormatRequest } from '../format.ts'
import type { FileOptions } from '../options.ts'
import type { Captured } from './capture.ts'
import { decodeRecords } from './decode.ts'
import { type Pass, stepBytes } from './pass.ts'
import { parsePath } from './path.ts'
import { JsonProblem } from './problem.ts'
import { parseRecord, type RecordMemory } from './record.ts'
import { createSplitter, type FastReader, parseCaptured } from './split.ts'

/** One JSON document: an array of records, a path to one, or a single record. RFC 8259, strictly. */
export const json: Format = {
  access: 'stream',
  describe: (input, options) => ({ notes: [describeRecords(input, options)] }),
  decode: (input, options, request) =>
    decodeRecords(
      input,
      request,
      (pieces, pass, isCut) => driveDocument(pieces, pass, isCut, options, request),
      // A record that is cut out of several pieces holds on to them.
      { reuse: false },
    ),
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

async function* driveDocument(
  pieces: AsyncIterable<Uint8Array>,
  pass: Pass,
  isCut: boolean,
  options: FileOptions,
  { limits, signal }: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const memory: RecordMemory = { exactLeft: 0 }
  const step = stepBytes(limits)
  let items = 0
  let piece: Buffer = Buffer.alloc(0)
  let isLoaded = false
  const fast: FastReader = {
    run(mode, from) {
      if (pass.isDone) return NOT_READ
      const end = textEnd(piece)
      if (!isLoaded) {
        // From here on, since a piece may begin inside a character.
        if (!isUtf8(piece.subarray(from, end))) return NOT_READ
        pass.load(piece)
        isLoaded = true
      }
      const found = pass.run(mode, from, end)
      items += found.rows
      return found
    },
  }
  const splitter = createSplitter(parsePath(options.records), (record) => takeRecord(record), fast)

  function takeRecord(record: Captured): void {
    items++
    if (pass.isDone) return
    const { line, offset } = record.at
    const locator = `record ${items}, line ${line}, byte ${offset}`
    parseCaptured(record, (text) => {
      if (isOneLine(record.bytes) && pass.one(record.bytes)) return
      try {
        pass.add(parseRecord(text, record.names, record.exact, memory), locator)
      } catch (error) {
        if (!(error instanceof JsonProblem) || error.kind !== 'surrogate') throw error
        const raw = Uint8Array.from(record.bytes)
        pass.reject({ locator, code: 'file.json.surrogate', reason: error.reason, raw })
      }
    })
  }

  for await (const whole of pieces) {
    for (let from = 0; from < whole.length && !pass.isDone; from += step) {
      piece = Buffer.from(whole.buffer, whole.byteOffset + from, Math.min(step, whole.length - from))
      isLoaded = false
      splitter.push(piece)
      yield* pass.full.splice(0)
    }
    signal.throwIfAborted()
    if (pass.isDone) return
  }
  if (isCut) return
  splitter.end()
  if (!splitter.isFound) {
    throw fileFault('file.records.missing', `The document has nothing at ${JSON.stringify(options.records)}.`)
  }
}

const NOT_READ: JsonRun = { rows: 0, consumed: 0, stop: 'unusual', lines: 0, lineStart: -1 }

/** The decoder takes a single record as a line. */
function isOneLine(bytes: Buffer): boolean {
  return bytes.indexOf(0x0a) < 0
}

/** The end of a piece without the character that it may cut through. */
function textEnd(piece: Buffer): number {
  for (let back = 1; back <= 3 && back <= piece.length; back++) {
    const byte = piece[piece.length - back] as number
    if (byte < 0x80) break
    // The first byte of a sequence says how long it is (RFC 3629, section 3).
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? piece.length - back : piece.length
    }
  }
  return piece.length
}
