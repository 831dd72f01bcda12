import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvField, readCsv } from '../../test/csv-world.ts'
import { detectCsv } from './detect.ts'
import { csv } from './index.ts'

const options = { path: 'x', format: 'auto', header: 'auto', types: 'infer' } as const

function notesOf(content: string | Uint8Array, fileName = 'x.csv', more = {}): readonly string[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const input = { open: () => neverOpened(), head: { bytes, complete: true }, fileName, size: bytes.length }
  const facts = csv.describe(input, { ...options, ...more })
  return 'notes' in facts ? facts.notes : []
}

function neverOpened(): AsyncIterable<Uint8Array> {
  throw new RangeError('describe must look at the head only')
}

describe('the dialect', () => {
  it.each([
    ['comma', 'id,name\n1,a\n2,b\n', '","'],
    ['semicolon with decimal commas', 'id;amount\n1;1,5\n2;2,5\n3;3,5\n', '";"'],
    ['tab', 'id\tname, first\n1\ta, b\n2\tc, d\n', 'tab'],
    ['pipe', 'id|note\n1|a,b\n2|c;d\n', '"|"'],
    ['caret', 'id^note\n1^x\n2^y\n', '"^"'],
    ['colons of times are none', 'at,what\n10:00:00,a\n11:00:00,b\n', '","'],
    ['quoted delimiters are none', 'a,b\n"1;2;3;4",x\n"5;6;7;8",y\n"1;2;3;4",z\n', '","'],
    ['quoted line ends are none', 'a;b\n"x\ny,z\n,";1\n"p\nq,r\n,";2\n', '";"'],
  ])('is detected: %s', (_, text, delimiter) => {
    expect(notesOf(text)).toContainEqual(expect.stringContaining(`delimiter: ${delimiter} (`))
  })

  it('is found whatever the values hold, when the writer quotes them', async () => {
    const value = fc.stringMatching(/^[a-z;,|"\n ]{1,12}$/)
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain((width) =>
        fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 4, maxLength: 20 }),
      )
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(',', ';', '\t', '|'), async (rows, delimiter) => {
        const head = rows[0]!.map((_, i) => `name ${i}`)
        const lines = [head, ...rows].map((row) => row.map((text) => csvField(text, true)).join(delimiter))
        const read = await readCsv(`${lines.join('\n')}\n`, { options: { types: 'text' } })
        expect(read.rows).toEqual(rows)
        expect(read.names).toEqual(head)
      }),
      { numRuns: 200 },
    )
  })

  it('takes single quotes where they are the quotes', async () => {
    const read = await readCsv("'a';'b'\n'1;1';'it''s'\n'2';'x'\n")
    expect(read.rows).toEqual([
      ['1;1', "it's"],
      ['2', 'x'],
    ])
  })

  it.each([
    ['moments', 'at\n1969-12-31T23:59:59.999999Z\n1970-01-01T00:00:00.000001Z\n2024-02-29T12:34:56.1Z\n'],
    ['times', 'time\n10:00:01\n11:22:33\n12:00:00\n'],
    ['names of people', 'name\nAnna Maria\nBob Lee\nEve Ray\n'],
    ['addresses', 'url\nhttp://a.example/c\nhttps://b.example/d\nftp://c.example/e\n'],
  ])('one column of %s is one column', (_what, text) => {
    expect(notesOf(text)).toContain('columns: 1')
    expect(notesOf(text)).toContain('header: line 1')
  })

  it('takes a space before quotes for a part of the delimiter', async () => {
    const read = await readCsv('id, "name"\n1, "a, b"\n2, c\n3,  d\n')
    expect(read.names).toEqual(['id', 'name'])
    expect(read.rows.map((row) => row[1])).toEqual(['a, b', 'c', ' d'])
    expect(notesOf('id, "name"\n1, "a, b"\n')).toContain(
      'delimiter: "," and a space (2 of 2 records have 2 fields)',
    )
  })

  it('obeys every option', async () => {
    const text = 'a|b,c\n1|2,3\n'
    expect((await readCsv(text, { options: { delimiter: '|' } })).names).toEqual(['a', 'b,c'])
    expect((await readCsv(text, { options: { delimiter: ',' } })).names).toEqual(['a|b', 'c'])
    expect((await readCsv('a\tb\n1\t2\n', { options: { delimiter: 'tab' } })).names).toEqual(['a', 'b'])
    expect((await readCsv('a,b\tc\n', { options: { format: 'tsv' } })).names).toEqual(['a,b', 'c'])
    expect((await readCsv('"a,b"\n"1,2"\n', { options: { quote: '', delimiter: ',' } })).rows).toEqual([
      ['"1', '2"'],
    ])
    expect((await readCsv('a,b\nc,d\n', { options: { header: 'no' } })).rows).toHaveLength(2)
    expect((await readCsv('1,2\n3,4\n', { options: { header: 'yes' } })).names).toEqual(['1', '2'])
    expect((await readCsv('a\n1\n', { options: { types: 'text' } })).types).toEqual(['utf8'])
    expect((await readCsv('a,b\nNA,"NA"\n', { options: { nullText: 'NA' } })).rows).toEqual([[null, 'NA']])
  })

  it.each([
    [{ delimiter: 'a\nb' }, 'file.csv.delimiter'],
    [{ escape: 'x' }, 'file.csv.escape'],
    [{ comment: 'é' }, 'file.csv.comment'],
    [{ delimiter: "'", quote: "'" }, 'file.csv.quote'],
    [{ encoding: 'no-such' }, 'file.csv.encoding'],
  ])('refuses an option that does not fit: %o', (more, code) => {
    expect(() => notesOf('a,b\n', 'x.csv', more)).toThrow(expect.objectContaining({ kind: 'config', code }))
  })
})

describe('the header', () => {
  it.each([
    ['id,name\n1,a\n', ['id', 'name']],
    ['country,2019,2020\nFR,1,2\n', ['country', '2019', '2020']],
    ['1,a\n2,b\n', ['column_1', 'column_2']],
    ['a@x.org,1\nb@x.org,2\n', ['column_1', 'column_2']],
    ['a,b,a,,a_2\n1,2,3,4,5\n', ['a', 'b', 'a_3', 'column_4', 'a_2']],
    ['a,b\n1,2,\n4,5,\n7,8,\n', ['a', 'b', 'column_3']],
    ['a,b\n1,2,3\n4,5,6\n7,8,9\n', ['column_1', 'column_2', 'column_3']],
    ['a,bc\nx,y,z\np,q,r\ns,t,u\n', ['column_1', 'column_2', 'column_3']],
    ['Title\n\na,b\n1,2\n3,4\n5,6\n', ['a', 'b']],
  ])('%j has the names %j', async (text, names) => {
    expect((await readCsv(text)).names).toEqual(names)
  })

  it('says which columns were renamed', () => {
    expect(notesOf('a,,a\n')).toContain('renamed, for their names were empty or taken: columns 2, 3')
  })

  it('keeps the lines above it in the quarantine', async () => {
    const { rejected, rows } = await readCsv('Title\n\na,b\n1,2\n3,4\n5,6\n')
    expect(rows).toHaveLength(3)
    expect(rejected.map(({ locator, code }) => [locator, code])).toEqual([['line 1', 'file.csv.preamble']])
  })

  it('alone is a table without rows', async () => {
    const { names, rows, batches } = await readCsv('id,name\n')
    expect({ names, rows, count: batches.length }).toEqual({ names: ['id', 'name'], rows: [], count: 1 })
  })
})

describe('detection', () => {
  const score = (text: string | Uint8Array, fileName: string): number =>
    detectCsv({ bytes: typeof text === 'string' ? Buffer.from(text) : text, complete: true }, fileName)

  it('knows delimited text without its name', () => {
    expect(score('a,b\n1,2\n3,4\n', 'x')).toBeGreaterThan(0.5)
  })

  it('takes neither binary data nor prose for a table', () => {
    expect(score(Uint8Array.from([0, 1, 2, 3, 44, 10, 44, 10]), 'x')).toBe(0)
    expect(score('It was a dark night.\nNothing, at all, moved.\nThe end\n', 'x')).toBeLessThan(0.5)
  })
})
