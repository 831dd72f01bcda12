import { rowsOf, typeToString } from '@omni/arrow'
import { isFault } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csv } from '../src/csv/index.ts'
import { fixed } from '../src/fixed/index.ts'
import type { Format } from '../src/format.ts'
import { detectHtml } from '../src/html/detect.ts'
import { html } from '../src/html/index.ts'
import { detectLog } from '../src/log/detect.ts'
import { log } from '../src/log/index.ts'
import { options } from '../src/options.ts'
import { decodeBytes } from './decode-bytes.ts'

async function read(
  format: Format,
  text: string | Uint8Array,
  input: Parameters<typeof decodeBytes>[2] = {},
): Promise<{ columns: string[]; rows: unknown[][]; rejected: string[] }> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const { batches, rejected } = await decodeBytes(format, bytes, input)
  const fields = batches[0]?.schema.fields ?? []
  return {
    columns: fields.map(({ name, type }) => `${name}: ${typeToString(type)}`),
    rows: batches.flatMap((batch) => [...rowsOf(batch)].map((row) => fields.map(({ name }) => row[name]))),
    rejected: rejected.map(({ locator, code }) => `${locator} ${code}`),
  }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  )

describe('fixed', () => {
  it('passes over the lines that it is told to', async () => {
    const lines = 'Report of 2024\nby a person\nid  name\n 1  Ada\n 2  Bo\n'
    const wanted = { columns: ['id: int64', 'name: utf8'], rejected: [] }
    expect(await read(fixed, lines, { skipLines: 2 })).toMatchObject(wanted)
    expect(await read(fixed, lines, { skipLines: 2, header: 'yes' })).toMatchObject(wanted)
    const found = await read(fixed, lines, { skipLines: 3, widths: 'a:2,b:5', header: 'no' })
    expect(found.rows).toHaveLength(2)
    const [late] = (
      await read(fixed, `${lines} 3  toolong\n`, { skipLines: 3, widths: 'a:2,b:5', header: 'no' })
    ).rejected
    expect(late).toBe('line 6 file.fixed.long')
  })

  const lines = [
    'id   name    amount',
    '  1  Ann      10.50',
    ' 22  Bob ü     7.25',
    '',
    '333  "Q", #   0.00',
  ].join('\n')
  const rows = [
    [1n, 'Ann', '10.50'],
    [22n, 'Bob ü', '7.25'],
    [333n, '"Q", #', '0.00'],
  ]

  it('finds the columns where every line is blank, and their names', async () => {
    const found = await read(fixed, `${lines}\n`)
    expect(found.columns).toEqual(['id: int64', 'name: utf8', 'amount: decimal(38,2)'])
    expect(found.rows).toEqual(rows)
  })

  it('goes by a ruler, and by widths, with names and without', async () => {
    const ruled = `id   name       amount\n---- ---------- ------\n1    a b c d    1.00\n2               2.00\n`
    expect(await read(fixed, ruled)).toMatchObject({
      columns: ['id: int64', 'name: utf8', 'amount: decimal(38,2)'],
      rows: [
        [1n, 'a b c d', '1.00'],
        [2n, null, '2.00'],
      ],
    })
    const narrow = '001AB\n002CD\r\n003\n004EFG\n'
    expect(await read(fixed, narrow, { widths: '3,2', header: 'no' })).toEqual({
      columns: ['column_1: utf8', 'column_2: utf8'],
      rows: [
        ['001', 'AB'],
        ['002', 'CD'],
      ],
      rejected: ['line 3 file.fixed.short', 'line 4 file.fixed.long'],
    })
    expect((await read(fixed, '1  2  \n', { widths: 'a:3, b:3' })).columns).toEqual(['a: int64', 'b: int64'])
  })

  it('cuts no value in two where the edges were only found', async () => {
    const wide = `a   b\n${'1   2\n'.repeat(2000)}1  22\n3   4\n`
    const found = await read(fixed, wide)
    expect(found.rows).toHaveLength(2001)
    expect(found.rejected).toEqual(['line 2002 file.fixed.columns'])
  })

  it('counts characters, in any encoding, and gives any text back', async () => {
    const bytes = Buffer.from('\xfc1\nx2\n', 'latin1')
    const latin = await read(fixed, bytes, { widths: 'a:1,b:1', encoding: 'windows-1252' })
    expect(latin.rows).toEqual([
      ['ü', 1n],
      ['x', 2n],
    ])
    expect(
      (await read(fixed, Buffer.from('ok1\n\xff12\n', 'latin1'), { widths: 'a:2,b:1' })).rejected,
    ).toEqual(['line 2 file.fixed.text'])
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
      .filter((text) => /^[^\s\0]+$/.test(text) && [...text].length <= 8)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 20 }), async (pairs) => {
        const text = pairs
          .map((pair) => pair.map((cell) => cell + ' '.repeat(8 - [...cell].length)).join(''))
          .join('\n')
        const found = await read(fixed, text, { widths: 'a:8,b:8', types: 'text' })
        expect(found.rows).toEqual(pairs)
      }),
      { numRuns: 100 },
    )
    expect(await codeOf(read(fixed, 'abc\ndef\n'))).toBe('file.fixed.widths')
    expect(await codeOf(read(fixed, 'abc\n', { widths: '0,3' }))).toBe('file.fixed.widths')
  })

  const describeIt = async (text: string, input: Parameters<typeof decodeBytes>[2]): Promise<string[]> => {
    const bytes = Buffer.from(text)
    const file = {
      async *open() {
        yield bytes
      },
      head: { bytes, complete: true },
      fileName: 'x',
      size: bytes.length,
    }
    return [...(await fixed.describe(file, options.parse({ path: 'x', ...input }))).notes]
  }

  it('joins several lines of names as CSV does, by blanks, a ruler and widths', async () => {
    const top = ['', 'order   net     gross', 'no.     amount  amount', '']
    const table = [...top, '    1    10.50   12.00', '    2     7.25    8.00', ''].join('\n')
    const wanted = {
      columns: ['order no.: int64', 'net amount: decimal(38,2)', 'gross amount: decimal(38,2)'],
      rows: [
        [1n, '10.50', '12.00'],
        [2n, '7.25', '8.00'],
      ],
      rejected: [],
    }
    expect(await read(fixed, table, { header: 2 })).toEqual(wanted)
    expect(await read(fixed, table, { header: 2, widths: '8,8,7' })).toEqual(wanted)
    expect(await describeIt(table, { header: 2 })).toContain('header: lines 2 to 3, joined')
    // As CSV reads the same cells.
    const cells = 'order,net,gross\nno.,amount,amount\n1,10.50,12.00\n2,7.25,8.00\n'
    expect(await read(csv, cells, { header: 2 })).toEqual(wanted)
    const ruled = ['A report', ...top, '------  ------  ------', ...table.split('\n').slice(4)].join('\n')
    expect(await read(fixed, ruled, { header: 2 })).toEqual(wanted)
    expect(await describeIt(ruled, { header: 2 })).toContain('header: lines 3 to 4, joined')
    const framed = ['======  ======  ======', ...top, '======  ======  ======', '1       10.50   12.00'].join(
      '\n',
    )
    expect(await read(fixed, framed, { header: 2 })).toMatchObject({
      columns: wanted.columns,
      rows: [[1n, '10.50', '12.00']],
    })
    // Names that are said stay, and the lines are passed over all the same.
    expect(await read(fixed, table, { header: 2, widths: 'a:8,8,c:7' })).toMatchObject({
      columns: ['a: int64', 'net amount: decimal(38,2)', 'c: decimal(38,2)'],
      rows: wanted.rows,
    })
  })

  it('takes as many lines of names as are said, in files of any length', async () => {
    const text = 'a  b\nc  d\n1  2'
    expect((await read(fixed, text, { header: 0, types: 'text' })).rows).toHaveLength(3)
    expect(await read(fixed, text, { header: 1 })).toMatchObject({ columns: ['a: utf8', 'b: utf8'] })
    expect((await read(fixed, text, { header: 2 })).columns).toEqual(['a c: int64', 'b d: int64'])
    expect((await read(fixed, text, { header: 3 })).rows).toEqual([])
    expect((await read(fixed, text, { header: 9 })).rows).toEqual([])
    const long = Array.from({ length: 9 }, (_, i) => `${i}  ${'x'.repeat(60_000)}\n`).join('')
    expect(await codeOf(read(fixed, long, { header: 6, widths: '1,60002' }))).toBe('file.fixed.header')
    const ruled = `a    b\n---  ---\n1    2\n`
    expect((await read(fixed, ruled, { header: 'no', types: 'text' })).rows).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ])
  })

  it('tells columns apart below a title over several, and refuses to cut it', async () => {
    const below = ['id   2024', '     net gross', '  1  10    12', '  2   7     8', ''].join('\n')
    expect(await read(fixed, below, { header: 2 })).toMatchObject({
      columns: ['id: int64', '2024 net: int64', 'gross: int64'],
      rows: [
        [1n, 10n, 12n],
        [2n, 7n, 8n],
      ],
    })
    const over = below.replace('2024', 'Amount')
    expect(await codeOf(read(fixed, over, { header: 2 }))).toBe('file.fixed.header')
    expect((await read(fixed, over, { header: 2, widths: 'id:5,net:4,gross:6' })).columns).toEqual([
      'id: int64',
      'net: int64',
      'gross: int64',
    ])
    const ruled = ['id   Amount', '     net gross', '---  --- -----', '  1  10    12', ''].join('\n')
    expect(await codeOf(read(fixed, ruled, { header: 2 }))).toBe('file.fixed.header')
    expect(await codeOf(read(fixed, ruled, { header: 3 }))).toBe('file.fixed.header')
    const framed = '--- ---\na   b\n--- ---\n1   2\n'
    expect((await read(fixed, framed, { header: 'yes' })).columns).toEqual(['a: int64', 'b: int64'])
    expect(await codeOf(read(fixed, framed, { header: 2 }))).toBe('file.fixed.header')
  })

  it('gives any names and rows back, however many lines the names have', async () => {
    const word = fc.stringMatching(/^[a-z]{1,6}$/)
    const pair = fc.tuple(word, word)
    await fc.assert(
      fc.asyncProperty(
        fc.array(pair, { minLength: 1, maxLength: 5 }),
        fc.array(pair, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(undefined, '8,8'),
        async (names, rows, widths) => {
          const text = [...names, ...rows]
            .map((cells) => cells.map((cell) => cell.padEnd(8)).join(''))
            .join('\n')
          const input = { header: names.length, types: 'text', ...(widths && { widths }) }
          const found = await read(fixed, text, input)
          const joined = [0, 1].map((column) => names.map((cells) => cells[column as 0 | 1]).join(' '))
          const [first, second] = joined as [string, string]
          expect(found.columns).toEqual([
            `${first}: utf8`,
            `${second === first ? `${first}_2` : second}: utf8`,
          ])
          expect(found.rows).toEqual(rows)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('log', () => {
  const common = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'
  const combined = `${common} "http://x/\\"q\\"" "Mozilla/4.08 [en] (Win98)"`

  it('knows common and combined, and types time, status and bytes', async () => {
    expect(detectLog({ bytes: Buffer.from(`${common}\n`), complete: true })).toBeGreaterThan(0.9)
    expect(detectLog({ bytes: Buffer.from('a b c\n'), complete: true })).toBe(0)
    const found = await read(
      log,
      `${combined}\n${combined.replace('2326', '-').replace('frank', '-')}\n\nnonsense\n`,
      { pattern: 'combined' },
    )
    expect(found.columns).toEqual([
      'remote_addr: utf8',
      'remote_ident: utf8',
      'remote_user: utf8',
      'time_local: timestamp(s, UTC)',
      'request: utf8',
      'status: int64',
      'body_bytes_sent: int64',
      'http_referer: utf8',
      'http_user_agent: utf8',
    ])
    expect(found.rows[0]).toEqual([
      '127.0.0.1',
      null,
      'frank',
      '2000-10-10T20:55:36Z',
      'GET /a.gif HTTP/1.0',
      200n,
      2326n,
      'http://x/\\"q\\"',
      'Mozilla/4.08 [en] (Win98)',
    ])
    expect(found.rows[1]?.[6]).toBeNull()
    expect(found.rejected).toEqual(['line 4 file.log.line'])
  })

  it('rejects what is no time, status or count, and reads the rest', async () => {
    const bad = [
      common.replace('10/Oct', '31/Feb'),
      common.replace('200 ', 'ok '),
      common.replace(']', ''),
      `${common} more`,
    ]
    const found = await read(log, [...bad, common].join('\n'), { pattern: 'common' })
    expect(found.rejected).toEqual([1, 2, 3, 4].map((line) => `line ${line} file.log.line`))
    expect(found.rows).toHaveLength(1)
    expect(await codeOf(read(log, 'a\nb\n'))).toBe('file.log.unknown')
  })

  it('takes a log_format, and a regular expression that cannot run away', async () => {
    const format = '$remote_addr|$time_iso8601|$request_time|$status'
    expect(await read(log, '::1|2024-02-29T23:59:59+05:30|0.003|204\n', { pattern: format })).toMatchObject({
      columns: [
        'remote_addr: utf8',
        'time_iso8601: timestamp(s, UTC)',
        'request_time: utf8',
        'status: int64',
      ],
      rows: [['::1', '2024-02-29T18:29:59Z', '0.003', 204n]],
    })
    const pattern = '(?<level>[A-Z]+) (?<where>\\S*): (?<what>.*)'
    expect((await read(log, 'INFO a.b: c d\nno\n', { pattern })).rows).toEqual([['INFO', 'a.b', 'c d']])
    for (const wrong of [
      '(?<a>(x+)+)y',
      '(?<a>(?:a|a)*)b',
      '(?<a>x)\\1',
      '(?<a>(?=x)x)',
      '$a$b',
      '$a $a',
      'nothing',
      '(?<a>[',
    ])
      expect(await codeOf(read(log, 'x\n', { pattern: wrong })), wrong).toBe('file.log.pattern')
  })
})

describe('html', () => {
  const page = (body: string): string => `<!doctype html><html><body>${body}</body></html>`
  const simple = '<table><tr><th>a<th>b<tr><td>1<td>x &amp;  y<br>z<tr><td>2<td></table>'

  it('reads a table, its names, its line breaks and its empty cells', async () => {
    expect(detectHtml({ bytes: Buffer.from(page('')), complete: true })).toBeGreaterThan(0.9)
    expect(await read(html, page(simple))).toEqual({
      columns: ['a: int64', 'b: utf8'],
      rows: [
        [1n, 'x & y\nz'],
        [2n, null],
      ],
      rejected: [],
    })
    expect((await read(html, page(simple), { header: 'no', types: 'text' })).rows[0]).toEqual(['a', 'b'])
  })

  it('fills the places that a cell spans, in names too', async () => {
    const spans = `<table><thead><tr><th rowspan=2>k<th colspan=2>v</tr><tr><th>x<th>y</tr></thead>
      <tbody><tr><td rowspan=0>a<td>1<td>2<tr><td colspan=2>3</tbody><tfoot><tr><td>sum<td>4</tfoot></table>`
    expect(await read(html, page(spans))).toMatchObject({
      columns: ['k: utf8', 'v x: int64', 'v y: int64'],
      rows: [
        ['a', 1n, 2n],
        ['a', 3n, 3n],
        ['sum', 4n, null],
      ],
    })
  })

  it('names every table with data, those inside of others too, and chooses one', async () => {
    const nested = `<table><caption>Out  er</caption><tr><td>o ${simple}</table><table><tr><td></table>${simple}`
    const names = async (table?: string): Promise<string[]> => {
      const bytes = Buffer.from(page(nested))
      const input = {
        async *open() {
          yield bytes
        },
        head: { bytes, complete: true },
        fileName: 'x',
        size: bytes.length,
      }
      const options = { path: 'x', table, header: 'auto', format: 'html' } as never
      return ((await html.tables?.(input, options)) ?? []).map(({ name }) => name)
    }
    expect(await names()).toEqual(['Out er', 'table_2', 'table_4'])
    expect(await names('out er')).toEqual(['Out er'])
    expect(await names('3')).toEqual(['table_4'])
    expect(await codeOf(names('9'))).toBe('file.table.missing')
    expect((await read(html, page(nested), { table: '1' })).rows).toEqual([['o']])
  })

  it('reads what the page says of its encoding, and refuses what is too much', async () => {
    const latin = Buffer.from(page('<meta charset=iso-8859-1><table><tr><td>\xe4</table>'), 'latin1')
    expect((await read(html, latin)).rows).toEqual([['ä']])
    expect(await codeOf(read(html, page('<p>no table')))).toBe('file.html.none')
    expect(await codeOf(read(html, page('<div>'.repeat(5000))))).toBe('file.html.depth')
    const huge = '<td colspan=1000 rowspan=65534>x'.repeat(50)
    expect(await codeOf(read(html, page(`<table>${`<tr>${huge}`.repeat(100)}</table>`)))).toBe(
      'file.html.size',
    )
  })
})
