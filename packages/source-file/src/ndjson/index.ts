import { isUtf8 } from 'node:buffer'
import type { Format, FormatChunk, FormatRequest } from '../format.ts'
import { type Drive, decodeRecords } from '../json/decode.ts'
import { type Pass, stepBytes } from '../json/pass.ts'
import { JsonProblem } from '../json/problem.ts'
import { decodeUtf8, parseRecord, type RecordMemory } from '../json/record.ts'
import { lineBlocks } from './blocks.ts'
import { scanLines } from './scan.ts'

/** One JSON value a line; https://github.com/ndjson/ndjson-spec. */
export const ndjson: Format = {
  access: 'stream',
  describe: () => ({ notes: ['one JSON value a line'] }),
  decode: (input, _options, request) =>
    decodeRecords(input, request, (pieces, pass, isCut) => driveLines(pieces, pass, isCut, request), {
      reuse: true,
    }),
}

/** Where the walk over the lines is. */
interface Walk {
  readonly pass: Pass
  readonly memory: RecordMemory
  /** From 1: the line at which what was not read yet begins. */
  line: number
}

async function* driveLines(
  pieces: Parameters<Drive>[0],
  pass: Pass,
  isCut: boolean,
  { limits, signal }: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const walk: Walk = { pass, memory: { exactLeft: 0 }, line: 1 }
  for await (const block of lineBlocks(pieces, stepBytes(limits), isCut)) {
    const start = block.offset === 0 && hasBom(block.bytes) ? 3 : 0
    pass.load(block.bytes)
    for (const range of rangesOf(block.bytes, start, block.bytes.length)) {
      readRange(walk, block.bytes, block.offset, range)
      yield* pass.full.splice(0)
    }
    signal.throwIfAborted()
    if (pass.isDone) return
  }
}

/** Whole lines that are all UTF-8, or a single one that is not. */
interface Range {
  readonly from: number
  readonly to: number
  readonly isText: boolean
}

function* rangesOf(bytes: Buffer, from: number, to: number): Generator<Range> {
  if (from >= to) return
  const isText = isUtf8(bytes.subarray(from, to))
  const middle = isText ? -1 : lineNear(bytes, from, to)
  if (middle < 0) yield { from, to, isText }
  else {
    yield* rangesOf(bytes, from, middle)
    yield* rangesOf(bytes, middle, to)
  }
}

/** The start of a line near the middle that is neither end, or -1 where there is one line only. */
function lineNear(bytes: Buffer, from: number, to: number): number {
  const middle = (from + to) >> 1
  const after = bytes.indexOf(0x0a, middle) + 1
  if (after > 0 && after < to) return after
  const before = middle > from ? bytes.lastIndexOf(0x0a, middle - 1) + 1 : from
  return before > from ? before : -1
}

function readRange(walk: Walk, bytes: Buffer, offset: number, { from, to, isText }: Range): void {
  const { pass } = walk
  let at = from
  while (at < to && !pass.isDone) {
    if (isText) {
      const run = pass.run('lines', at, to)
      at += run.consumed
      walk.line += run.lines
      if (run.stop !== 'unusual') continue
    }
    const found = bytes.indexOf(0x0a, at)
    const end = found === -1 || found >= to ? to : found
    readLine(walk, bytes, at, end, offset)
    at = end + 1
    walk.line++
  }
}

function readLine(
  { pass, memory, line }: Walk,
  bytes: Buffer,
  from: number,
  to: number,
  offset: number,
): void {
  const data = bytes.subarray(from, to)
  const place = `line ${line}, byte ${offset + from}`
  const reject = (code: string, reason: string): void => {
    // A copy: the block would stay in memory for the sake of one line.
    const raw = Uint8Array.from(data.at(-1) === 0x0d ? data.subarray(0, -1) : data)
    pass.reject({ locator: place, code, reason, raw })
  }
  scanLines(data, data.length, ({ start, end, names, exact, blank }) => {
    if (blank || start === end) return false
    const text = decodeUtf8(data, start, end)
    if (text === undefined) {
      reject('file.ndjson.utf8', 'the line is not UTF-8')
      return false
    }
    let value: unknown
    try {
      value = parseRecord(text, names, exact, memory)
    } catch (error) {
      if (!(error instanceof JsonProblem)) throw error
      reject(`file.ndjson.${error.kind}`, `${error.reason}, at character ${error.offset + 1}`)
      return false
    }
    pass.add(value, place)
    return false
  })
}

function hasBom(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}
