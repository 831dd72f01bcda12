import { createRowInferrer, parseExactJson, rowsOf } from '@omni/arrow'
import type { Batch, Row } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FormatInput, FormatRequest } from '../format.ts'
import { ndjson } from './index.ts'
import { type Line, scanLines } from './scan.ts'

const LIMITS = { chunkRows: 1000, chunkBytes: 1 << 20, bufferBytes: 1 << 22 }

async function decode(text: string | Buffer, pieceBytes = 1 << 20, limits = LIMITS) {
  const bytes = Buffer.from(text as string)
  const input: FormatInput = {
    async *open() {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
    },
    head: { bytes, complete: true },
    fileName: 'a.ndjson',
    size: bytes.length,
  }
  const request: FormatRequest = { limits, signal: new AbortController().signal }
  const rows: unknown[] = []
  const rejected: { locator: string; code: string; raw?: string | Uint8Array }[] = []
  const sizes: number[] = []
  for await (const chunk of ndjson.decode(input, {} as never, request)) {
    if ('restart' in chunk) {
      rows.length = rejected.length = sizes.length = 0
      continue
    }
    const found = 'rows' in chunk ? [...chunk.rows] : [...rowsOf(chunk.batch as Batch)]
    rows.push(...found)
    rejected.push(...(chunk.rejected ?? []))
    sizes.push(found.length + (chunk.rejected?.length ?? 0))
  }
  return { rows, rejected, sizes }
}

/** The rows as they are after columns were made of them, with types that hold for all. */
function asInferred(rows: Row[]): Row[] {
  const inferrer = createRowInferrer()
  const { batch } = inferrer.encode(rows, inferrer.infer(rows))
  return [...rowsOf(batch as Batch)]
}

describe('ndjson', () => {
  it('gives every line, whatever the pieces, the line ends and the characters', async () => {
    const row = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.jsonValue({ maxDepth: 2 }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(row),
        fc.constantFrom('\n', '\r\n', '\n\n', '\n \t\n'),
        fc.integer({ min: 1, max: 64 }),
        fc.boolean(),
        async (rows, end, pieceBytes, ends) => {
          const text = rows.map((each) => JSON.stringify(each)).join(end) + (ends ? end : '')
          const result = await decode(text, pieceBytes)
          expect(result.rejected).toEqual([])
          // As it is written: large integers stay integers there.
          expect(result.rows).toEqual(asInferred(parseExactJson(JSON.stringify(rows)) as Row[]))
        },
      ),
    )
  })

  it('puts a wrong line aside with its number, and goes on', async () => {
    const lines = ['{"a":1}', '{"a":', '', '[1]', '7', '{"a":1}{"a":2}', '{"a":"\\ud800"}', 'null', '{"a":2}']
    const { rows, rejected } = await decode(`\uFEFF${lines.join('\n')}`)
    expect(rows).toEqual([
      { a: 1n, value: null },
      { a: null, value: '[1]' },
      { a: null, value: '7' },
      { a: null, value: null },
      { a: 2n, value: null },
    ])
    expect(
      rejected.map(({ locator, code, raw }) => [locator, code, Buffer.from(raw as Uint8Array).toString()]),
    ).toEqual([
      ['line 2, byte 11', 'file.ndjson.syntax', '{"a":'],
      ['line 6, byte 24', 'file.ndjson.syntax', '{"a":1}{"a":2}'],
      ['line 7, byte 39', 'file.ndjson.surrogate', '{"a":"\\ud800"}'],
    ])
    const bytes = Buffer.concat([Buffer.from('{"a":"é"}\n'), Buffer.from('{"a":"\xff"}\n', 'latin1')])
    expect(await decode(bytes)).toMatchObject({
      rows: [{ a: 'é' }],
      rejected: [{ locator: 'line 2, byte 11', code: 'file.ndjson.utf8' }],
    })
  })

  it('keeps chunks within the limits', async () => {
    const text = '{"a":"0123456789"}\n'.repeat(100)
    expect((await decode(text, 64, { ...LIMITS, chunkRows: 30 })).sizes).toEqual([30, 30, 30, 10])
    const bySize = await decode(text, 64, { ...LIMITS, chunkBytes: 200 })
    // Ten bytes a value.
    expect(Math.max(...bySize.sizes)).toBeLessThanOrEqual(20)
  })
})

describe('scanLines', () => {
  const scan = (text: string): Line[] => {
    const lines: Line[] = []
    scanLines(Buffer.from(text), Buffer.byteLength(text), (line) => lines.push(line) > 0)
    return lines
  }

  it('counts at least the names that are there, and exactly those where no string holds a colon', () => {
    expect(scan('{"a":1,"b" : {"c":"x"}}')[0]?.names).toBe(3)
    expect(scan('{"a":"x\\":"}')[0]?.names).toBeGreaterThanOrEqual(1)
  })

  it('sees every number that a double may not hold', () => {
    const risky = ['1234567890123456', '-1234567890.1234567', '1e5', '0.1E-9', '[1,12345678901234567890]']
    for (const text of risky) expect(scan(`{"a":${text}}`)[0]?.exact, text).toBe(true)
    for (const text of ['1', '-1.5', '"x1e5"', '"550e8400-e29b-41d4"', 'true', '123456789012345']) {
      expect(scan(`{"a":${text}}`)[0]?.exact, text).toBe(false)
    }
    fc.assert(
      fc.property(fc.bigInt(), fc.constantFrom('', ' ', '  '), (value, space) => {
        if (value >= -(2n ** 53n) && value <= 2n ** 53n) return
        expect(scan(`{"a":${space}[${space}${value}]}`)[0]?.exact).toBe(true)
      }),
    )
  })
})
