import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvField, readCsv } from '../../test/csv-world.ts'
import { csv } from './index.ts'

const text = fc.oneof(
  fc.constantFrom('', 'a', '"', '""', ',', '\n', '\r\n', '\r', 'é', '日本', ' x ', "'", '\t', 'NULL'),
  fc.string({ maxLength: 12, unit: 'grapheme' }).filter((value) => !value.includes('\0')),
)
const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.array(fc.array(fc.tuple(text, fc.boolean()), { minLength: width, maxLength: width }), {
    maxLength: 12,
  }),
)
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')

describe('reading', () => {
  it('agrees with csv-parse on every table, line end and piece size', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        lineEnd,
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (rows, end, last, piece) => {
          const width = rows[0]?.length ?? 1
          const head = Array.from({ length: width }, (_, i) => `n${i}`)
          const lines = rows.map((row) => row.map(([value, quoted]) => csvField(value, quoted)).join(','))
          const content = [head.join(','), ...lines].join(end) + (last ? end : '')
          const wanted: string[][] = parse(content, { record_delimiter: ['\r\n', '\n', '\r'], from: 2 })
          const read = await readCsv(content, {
            options: { types: 'text', delimiter: ',', quote: '"', header: 'yes' },
            pieceBytes: piece,
            limits: { bufferBytes: 16 },
          })
          expect(read.rejected).toEqual([])
          expect(read.rows).toEqual(wanted)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('tells an empty text from nothing', async () => {
    expect((await readCsv('a,b,c\n"",,x\n')).rows).toEqual([['', null, 'x']])
  })

  it('gives the same whatever the sizes of pieces, chunks and head', async () => {
    const lines = Array.from(
      { length: 500 },
      (_, i) => `${i},"n ""${i}""\n",${i / 4},${i % 7 === 0 ? '' : i}\n`,
    )
    const content = `id,name,part,some\n${lines.join('')}`
    const whole = await readCsv(content)
    expect(whole.types).toEqual(['int', 'utf8', 'float', 'int'])
    for (const how of [
      { pieceBytes: 1 },
      { pieceBytes: 333 },
      { limits: { chunkRows: 7 } },
      { limits: { chunkRows: 13, bufferBytes: 100 }, pieceBytes: 10 },
    ]) {
      const read = await readCsv(content, how)
      expect(read.rows).toEqual(whole.rows)
      expect(read.types).toEqual(whole.types)
    }
  })

  it('keeps within the limits of a chunk', async () => {
    const content = `a\n${`${'x'.repeat(100)}\n`.repeat(5000)}`
    const { batches } = await readCsv(content, { limits: { chunkRows: 1000, chunkBytes: 40_000 } })
    for (const batch of batches) {
      expect(batch.rows).toBeLessThanOrEqual(1000)
      expect(batch.columns[0]!.values.length).toBeLessThanOrEqual(40_000)
    }
    expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(5000)
  })

  it('stops at the limit', async () => {
    expect((await readCsv('a\n1\n2\n3\n', { limit: 2 })).rows).toEqual([['1'], ['2']])
  })

  it.each(['utf-16le', 'utf-16be', 'utf-8'] as const)('reads %s by its byte order mark', async (encoding) => {
    const bytes =
      encoding === 'utf-8'
        ? Buffer.from('\ufeffname\r\nJürgen 😀\r\n')
        : Buffer.from('\ufeffname\r\nJürgen 😀\r\n', 'utf16le')
    if (encoding === 'utf-16be') bytes.swap16()
    const read = await readCsv(bytes, { pieceBytes: 3 })
    expect([read.names, read.rows]).toEqual([['name'], [['Jürgen 😀']]])
  })

  it('reads the encoding it is told', async () => {
    const read = await readCsv(Buffer.from('name\nJürgen\n', 'latin1'), {
      options: { encoding: 'windows-1252' },
    })
    expect(read.rows).toEqual([['Jürgen']])
  })
})

describe('the stream of the file', () => {
  const open = async (aborted: boolean, limit?: number): Promise<{ closed: number }> => {
    const seen = { closed: 0 }
    const bytes = Buffer.from(`a\n${'1\n'.repeat(50_000)}`)
    const input = {
      async *open() {
        try {
          for (let i = 0; i < 100; i++) yield bytes
        } finally {
          seen.closed++
        }
      },
      head: { bytes, complete: false },
      fileName: 'x.csv',
      size: null,
    }
    const control = new AbortController()
    if (aborted) control.abort()
    const limits = { chunkRows: 100, chunkBytes: 1 << 20, bufferBytes: 1000 }
    const request = { limits, signal: control.signal, ...(limit ? { limit } : {}) }
    const options = { path: 'x', format: 'auto', header: 'auto', types: 'infer' } as const
    try {
      for await (const _ of csv.decode(input, options, request)) if (!limit) break
    } catch (error) {
      expect((error as Error).name).toBe('AbortError')
    }
    return seen
  }

  it.each([
    ['the reader stops', false, undefined],
    ['the limit is reached', false, 10],
    ['the run is aborted', true, undefined],
  ])('is closed when %s', async (_, aborted, limit) => {
    expect(await open(aborted, limit)).toEqual({ closed: 1 })
  })
})

describe('a record that is not whole', () => {
  const raw = (bytes: string | Uint8Array | undefined): string => Buffer.from(bytes ?? '').toString('latin1')

  it('is rejected as it came, with its line, and shifts nothing', async () => {
    const content = Buffer.concat([
      Buffer.from('id,name\n1,a\n"2\n",b,c\n3\n4,"x"y\n5,d\n6,'),
      Buffer.from([0xff]),
      Buffer.from('\n7,\0\n8,e\n9,"open\n10,f\n'),
    ])
    for (const pieceBytes of [1, 5, 1000]) {
      const { rows, rejected, repaired } = await readCsv(content, { pieceBytes, options: { quote: '"' } })
      expect(rows).toEqual([
        ['1', 'a'],
        ['4', '"x"y'],
        ['5', 'd'],
        ['8', 'e'],
        ['9', '"open'],
        ['10', 'f'],
      ])
      expect(repaired.map(({ locator, code }) => [locator, code])).toEqual([
        ['line 6', 'file.csv.quote'],
        ['line 11', 'file.csv.unclosed'],
      ])
      const seen = rejected.map((record) => [record.locator, record.code, raw(record.raw)])
      expect(seen.sort()).toEqual(
        [
          ['line 3', 'file.csv.ragged', '"2\n",b,c'],
          ['line 5', 'file.csv.ragged', '3'],
          ['line 8', 'file.csv.utf8', '6,\xff'],
          ['line 9', 'file.csv.nul', '7,\0'],
        ].sort(),
      )
    }
  })

  it('is counted once with every other, whatever the bytes are', async () => {
    const byte = fc.oneof(fc.constantFrom(44, 10, 34, 97, 13), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(byte, { maxLength: 80 }), async (array) => {
        const content = Buffer.concat([Buffer.from('id,name\n'), Uint8Array.from(array)])
        const how = {
          options: { delimiter: ',', quote: '"', header: 'yes', encoding: 'utf-8' } as const,
          limits: { bufferBytes: 8 },
        }
        const [slow, fast] = await Promise.all([
          readCsv(content, { ...how, pieceBytes: 1 }),
          readCsv(content, how),
        ])
        expect(slow.rows).toEqual(fast.rows)
        expect(slow.rejected).toEqual(fast.rejected)
      }),
      { numRuns: 300 },
    )
  })

  it.each(['', '\n', '\r\n\r\n', '\ufeff'])('is missing: %j is a table without columns', async (content) => {
    expect(await readCsv(content)).toMatchObject({ names: [], rows: [], rejected: [], batches: [] })
  })

  it('may not be endless', async () => {
    const content = `a,b\n1,2\n3,"${'x'.repeat(17 << 20)}`
    const seen = await readCsv(content).then(
      ({ rows }) => rows.length,
      (error: { code: string; why: string }) => [error.code, error.why],
    )
    const why = 'The record that begins at line 3 has more than 16777216 bytes.'
    expect(seen).toEqual(['file.csv.record-size', why])
  })

  it('swallows no other with a quote that is never closed', async () => {
    const rest = Array.from({ length: 40_000 }, (_, i) => `${i},"${'y'.repeat(500)}"\n`)
    for (const size of [20, 40_000]) {
      const content = `a,b\n1,"2"\n3,"x\n${rest.slice(0, size).join('')}`
      const { rows, rejected, repaired } = await readCsv(content)
      expect(rows.length).toBe(size + 2)
      expect(rows[1]).toEqual(['3', 'x'])
      expect(rejected).toEqual([])
      expect(repaired.map(({ locator }) => locator)).toEqual(['line 3'])
    }
  })

  it('may be long', async () => {
    const long = 'x\n,'.repeat(1 << 20)
    const { rows } = await readCsv(`a,b\n1,"${long}"\n2,y\n`)
    expect(rows.map(([a, b]) => [a, b?.length])).toEqual([
      ['1', long.length],
      ['2', 1],
    ])
  })
})

describe('a hostile record', () => {
  it.each([
    ['quotes without end', '"x'.repeat(30_000)],
    ['pairs of quotes', `"${'""x"'.repeat(15_000)}`],
    ['delimiters without end', ','.repeat(60_000)],
  ])('is given up, and nothing else: %s', async (_, record) => {
    const rows = Array.from({ length: 50 }, (_row, i) => `${i},"text ${i}",2024-01-01\n`).join('')
    const read = await readCsv(`a,b,c\n${rows}${record}\n${rows}`)
    expect(read.rows).toHaveLength(100)
    expect(read.rejected.map(({ locator }) => locator)).toEqual(['line 52'])
  })
})
