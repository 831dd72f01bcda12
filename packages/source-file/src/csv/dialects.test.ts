import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv } from '../../test/csv-world.ts'

const text = fc.oneof(
  fc.constantFrom('', 'a', '"', "'", ',', ';', '|', '||', '\n', '\r\n', 'é', '§', '\\', ' x', 'NULL', '#1'),
  fc.string({ maxLength: 9 }).filter((value) => !value.includes('\0')),
)
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 10 }))
const dialect = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|', '||', '::', '§', ', '),
  quote: fc.constantFrom('"', "'"),
  escape: fc.constantFrom('', '\\', '/'),
  end: fc.constantFrom('\n', '\r\n'),
  pieceBytes: fc.integer({ min: 1, max: 60 }),
})

describe('every dialect', () => {
  it('is read as csv-parse reads it', async () => {
    await fc.assert(
      fc.asyncProperty(table, dialect, async (rows, { delimiter, quote, escape: mark, end, pieceBytes }) => {
        const write = (value: string): string => {
          const marks = mark === '' ? [quote] : [mark, quote]
          const inner = marks.reduce((all, one) => all.replaceAll(one, (mark || quote) + one), value)
          return quote + inner + quote
        }
        const head = (rows[0] ?? ['a', 'b']).map((_, i) => `n${i}`)
        const lines = [head, ...rows].map((row) => row.map(write).join(delimiter))
        const content = lines.join(end) + end
        const wanted: string[][] = parse(content, {
          delimiter,
          quote,
          escape: mark || quote,
          record_delimiter: [end],
          from: 2,
        })
        const read = await readCsv(content, {
          options: { types: 'text', delimiter, quote, escape: mark, header: 'yes', encoding: 'utf-8' },
          pieceBytes,
        })
        expect(read.rejected).toEqual([])
        expect(read.rows).toEqual(wanted)
      }),
      { numRuns: 400 },
    )
  })

  it.each([
    ['two bars', 'id||name||amount\n1||a|b||2\n2||c||3\n3||d||4\n', '"||"'],
    ['a sign beyond ASCII', 'id§name\n1§a,b\n2§c\n', '"§"'],
    ['comma and space', 'id, name, town\n1, a, x\n2, b, y\n', '"," and a space'],
  ])('is detected: %s', async (_, content, delimiter) => {
    const { names, notes } = await readCsv(content)
    expect(names[0]).toBe('id')
    expect(notes).toContainEqual(expect.stringContaining(`delimiter: ${delimiter} (`))
  })

  it('takes the escape that makes the quotes fit', async () => {
    const content = 'id,name\n1,"a \\"b\\", c"\n2,"d"\n3,"\\"e\\""\n'
    const { rows, notes } = await readCsv(content)
    expect(rows.map(([, name]) => name)).toEqual(['a "b", c', 'd', '"e"'])
    expect(notes).toContain('escape: "\\\\"')
  })

  it('joins several lines of names, and passes over lines above the table', async () => {
    const content = 'skipped\nyear,kilo,kilo\n,gross,net\n2020,1.5,1\n2021,2.5,2\n'
    const { names, rows } = await readCsv(content, { options: { header: 2, skipLines: 1 } })
    expect(names).toEqual(['year', 'kilo gross', 'kilo net'])
    expect(rows).toHaveLength(2)
  })

  it('passes over comments, and no values that look like them', async () => {
    const content = '# made by x, y\n# z\nid,name\n1,a\n# more, less\n2,b\n'
    const { names, rows, rejected } = await readCsv(content)
    expect([names, rows, rejected]).toEqual([
      ['id', 'name'],
      [
        ['1', 'a'],
        ['2', 'b'],
      ],
      [],
    ])
    expect((await readCsv('#id,name\n1,a\n#2,b\n')).rows).toHaveLength(2)
  })
})
