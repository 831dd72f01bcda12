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
    if (!('rows' in chunk)) throw new Error('rows were expected')
    rows.push(...chunk.rows)
    rejected.push(...(chunk.rejected ?? []))
    sizes.push(chunk.rows.length + (chunk.rejected?.length ?? 0))
  }
  return { rows, rejected, sizes }
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
          // As text: integers past 2^53 come as what prints the same, not as doubles.
          expect(JSON.stringify(result.rows)).toBe(JSON.stringify(rows))
        },
      ),
    )
  })

  it('puts a wrong line aside with its number, and goes on', async () => {
    const lines = ['{"a":1}', '{"a":', '', '[1]', '7', '{"a":1}{"a":2}', '{"a":"\\ud800"}', 'null', '{"a":2}']
    const { rows, rejected } = await decode(`\uFEFF${lines.join('\n')}`)
    expect(rows).toEqual([{ a: 1 }, { value: [1] }, { value: 7 }, { value: null }, { a: 2 }])
    expect(
      rejected.map(({ locator, code, raw }) => [locator, code, Buffer.from(raw as Uint8Array).toString()]),
    ).toEqual([
      ['line 2', 'file.ndjson.syntax', '{"a":'],
      ['line 6', 'file.ndjson.syntax', '{"a":1}{"a":2}'],
      ['line 7', 'file.ndjson.surrogate', '{"a":"\\ud800"}'],
    ])
    const bytes = Buffer.concat([Buffer.from('{"a":"é"}\n'), Buffer.from('{"a":"\xff"}\n', 'latin1')])
    expect(await decode(bytes)).toMatchObject({
      rows: [{ a: 'é' }],
      rejected: [{ locator: 'line 2', code: 'file.ndjson.utf8' }],
    })
  })

  it('keeps chunks within the limits', async () => {
    const text = '{"a":"0123456789"}\n'.repeat(100)
    expect((await decode(text, 64, { ...LIMITS, chunkRows: 30 })).sizes).toEqual([30, 30, 30, 10])
    const bySize = await decode(text, 64, { ...LIMITS, chunkBytes: 200 })
    expect(Math.max(...bySize.sizes)).toBeLessThanOrEqual(12)
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
