import { concatBatches, createRowInferrer, jsonAt } from '@omni/arrow'
import type { Batch, Rejected, Row } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Format, FormatInput, FormatRequest } from '../format.ts'
import { ndjson } from '../ndjson/index.ts'
import { scanLines } from '../ndjson/scan.ts'
import { json } from './index.ts'
import { JsonProblem } from './problem.ts'
import { decodeUtf8, parseRecord, toRow } from './record.ts'

const LIMITS = { chunkRows: 50, chunkBytes: 1 << 20, bufferBytes: 1 << 22 }

interface Read {
  readonly types: string
  readonly columns: readonly string[][]
  readonly rejected: readonly string[]
}

async function read(format: Format, bytes: Buffer, pieceBytes: number, sample: number): Promise<Read> {
  const input: FormatInput = {
    async *open() {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
    },
    head: { bytes, complete: true },
    fileName: 'a',
    size: bytes.length,
  }
  const request: FormatRequest = {
    limits: { ...LIMITS, bufferBytes: sample },
    signal: new AbortController().signal,
  }
  const batches: Batch[] = []
  const rejected: Rejected[] = []
  for await (const chunk of format.decode(input, {} as never, request)) {
    if ('restart' in chunk) batches.length = rejected.length = 0
    else {
      if ('batch' in chunk) batches.push(chunk.batch as Batch)
      else expect(chunk.rows).toEqual([])
      rejected.push(...(chunk.rejected ?? []))
    }
  }
  return seen(
    batches,
    rejected.map(
      ({ code, reason, raw }) => `${code} ${reason} ${Buffer.from(raw as Uint8Array).toString('hex')}`,
    ),
  )
}

function seen(batches: readonly Batch[], rejected: readonly string[]): Read {
  if (batches.length === 0) return { types: '', columns: [], rejected }
  const { schema, columns, rows } = concatBatches(batches)
  return {
    types: JSON.stringify(schema),
    columns: columns.map((column) => Array.from({ length: rows }, (_, i) => jsonAt(column, i))),
    rejected,
  }
}

/** What core makes of the rows of the strict parser, with types that hold for all of them. */
function expected(lines: readonly Buffer[]): Read {
  const rows: Row[] = []
  const rejected: string[] = []
  for (const bytes of lines) {
    scanLines(bytes, bytes.length, ({ start, end, names, exact, blank }) => {
      if (blank || start === end) return false
      const raw = bytes.subarray(start, end).toString('hex')
      const text = decodeUtf8(bytes, start, end)
      if (text === undefined) {
        rejected.push(`file.ndjson.utf8 the line is not UTF-8 ${raw}`)
        return false
      }
      try {
        rows.push(toRow(parseRecord(text, names, exact, { exactLeft: 0 })))
      } catch (error) {
        if (!(error instanceof JsonProblem)) throw error
        rejected.push(`file.ndjson.${error.kind} ${error.reason}, at character ${error.offset + 1} ${raw}`)
      }
      return false
    })
  }
  const inferrer = createRowInferrer()
  const schema = inferrer.infer(rows)
  if (rows.length === 0) return seen([], rejected)
  const { batch } = inferrer.encode(rows, schema)
  return seen([batch as Batch], rejected)
}

const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(String),
  fc.constantFrom(
    '0',
    '-0',
    '-0.0',
    '1.0',
    '2.50',
    '1e3',
    '1E+2',
    '1e400',
    '1e-400',
    '9007199254740993',
    '9007199254740992',
  ),
  fc.constantFrom(
    '100000000000000000.0',
    '12345678901234567890123456789012345678',
    '1.5e30',
    '123456789012345678901234567890123456789',
  ),
  fc.constantFrom(
    '0.1000000000000000055511151231257827',
    '0.10',
    '1e20',
    '123456789012345680',
    '4611686018427387904',
    '5e-324',
  ),
)
const name = fc.constantFrom(
  'a',
  'a',
  'b',
  'c',
  'id',
  'é',
  'a"b',
  '2',
  '1',
  '__proto__',
  'constructor',
  'value',
  '\u2028',
)
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '"\\u00e9"',
    '"\\ud83d\\ude00"',
    '"\\ud800"',
    '"\\u0000"',
    '"\\/"',
    '"x\\ny"',
    '"007"',
    '"2024-01-01"',
  ),
)
const { value } = fc.letrec<{ value: string; object: string; array: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(number, text, fc.constantFrom('true', 'false', 'null', 'null')),
  array: fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  object: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 3 })
    .map((members) => `{${members.map(([key, member]) => `${JSON.stringify(key)}:${member}`).join(',')}}`),
  value: fc.oneof({ maxDepth: 3 }, { weight: 5, arbitrary: tie('leaf') }, tie('array'), tie('object')),
}))

/** Records that are alike: each column keeps to one kind of value, most of the time. */
const likeRecords = fc
  .uniqueArray(
    fc.tuple(
      name,
      fc.constantFrom(number, text, fc.integer().map(String), fc.constant('true'), value, fc.constant('{}')),
    ),
    {
      selector: ([key]) => key,
      maxLength: 5,
    },
  )
  .chain((fields) =>
    fc.array(
      fc
        .tuple(
          ...fields.map(([key, kind]) =>
            fc
              .oneof({ weight: 8, arbitrary: kind }, { weight: 1, arbitrary: fc.constant('null') })
              .map((each) => `${JSON.stringify(key)}: ${each}`),
          ),
        )
        .map((members) => `{${members.join(', ')}}`),
      { maxLength: 30 },
    ),
  )
const anyRecords = fc.array(
  fc.oneof({ weight: 3, arbitrary: value.filter((each) => each.startsWith('{')) }, value),
  { maxLength: 8 },
)
const records = fc.oneof(
  likeRecords,
  fc.tuple(likeRecords, anyRecords).map(([a, b]) => [...a, ...b]),
  anyRecords,
)

const sizes = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom(0, 1, 100, 1 << 20))

describe('records as columns', () => {
  it('are what the strict parser and the inference of rows make of the same lines: types, values, rejected', async () => {
    let kept = 0
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.constantFrom('\n', '\r\n', '\n\n', ' \n'),
        sizes,
        fc.option(
          fc.tuple(
            fc.nat(),
            fc.constantFrom(Buffer.from([0xff]), Buffer.from(','), Buffer.from('"'), Buffer.from('}')),
          ),
        ),
        async (lines, end, [pieceBytes, sample], damage) => {
          let bytes = Buffer.from(lines.map((line) => line + end).join(''))
          if (damage !== null) {
            const at = damage[0] % (bytes.length + 1)
            bytes = Buffer.concat([bytes.subarray(0, at), damage[1], bytes.subarray(at)])
          }
          const want = expected(linesOf(bytes))
          kept += want.columns[0]?.length ?? 0
          expect(await read(ndjson, bytes, pieceBytes, sample)).toEqual(want)
        },
      ),
      { numRuns: 800 },
    )
    expect(kept).toBeGreaterThan(1000)
  })

  it('are the same from an array of them, however it is laid out, and from objects one after another', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.constantFrom('', ' ', '\n', '\r\n        '),
        sizes,
        fc.boolean(),
        async (all, gap, [pieceBytes, sample], isArray) => {
          const want = expected(all.map((record) => Buffer.from(record)))
          // Valid JSON that cannot be stored keeps its bytes in both; the document tells it another way.
          const kept = all.filter((record) => expected([Buffer.from(record)]).rejected.length === 0)
          if (!isArray && !kept.every((record) => record.startsWith('{'))) return
          const spread = kept.map((record) => gap + record.replaceAll(/(?<=[,:]) /g, gap) + gap)
          const text = isArray ? `[${spread.join(',')}]` : spread.join('')
          if (text.trim() === '') return
          const got = await read(json, Buffer.from(`\uFEFF${text}`), pieceBytes, sample)
          expect({ ...got, rejected: [] }).toEqual({ ...want, rejected: [] })
        },
      ),
      { numRuns: 500 },
    )
  })
})

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(10, at)
    const end = found < 0 ? bytes.length : found
    lines.push(bytes.subarray(at, end))
    at = end + 1
  }
  return lines
}
