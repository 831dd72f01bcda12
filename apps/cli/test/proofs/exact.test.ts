import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Format, OmniCollector, type Row, type Snapshot } from '@omni/core'
import { file } from '@omni/source-file'
import { afterAll, describe, expect, it } from 'vitest'
import { duck, sqlText } from './duck.ts'
import { createFolders } from './root.ts'

// Values that careless programs change go in, and come back: as objects, and as DuckDB reads the parts.

const FORMATS: readonly Format[] = ['parquet', 'csv', 'ndjson']
const folders = createFolders()
afterAll(() => folders.remove())

/** Values of one column as DuckDB casts them to text. */
async function duckTexts(snapshot: Snapshot, column: string): Promise<(string | null)[]> {
  const files = snapshot.files.map(({ path }) => sqlText(join(snapshot.path, path))).join(', ')
  const name = `"${column.replaceAll('"', '""')}"`
  // As hex, since the client of DuckDB takes a byte order mark away.
  const rows = await duck(`SELECT hex(encode(${name}::VARCHAR)) AS v FROM read_parquet([${files}])`)
  return rows.map(({ v }) => (v === null ? null : Buffer.from(v as string, 'hex').toString('utf8')))
}

async function collected(name: string, content: string, format: Format = 'parquet'): Promise<Snapshot> {
  const path = join(folders.make('exact'), name)
  writeFileSync(path, content)
  return await new OmniCollector({ root: folders.make('exact') }).collect(file(path), { format })
}

/** Every value as text, so that 9007199254740993 and 9007199254740992 differ. */
const shown = (value: unknown): string | null =>
  value === null || value === undefined ? null : Object.is(value, -0) ? '-0' : String(value)

async function texts(snapshot: Snapshot, column: string): Promise<(string | null)[]> {
  return (await snapshot.rowsAsObjects()).map((row) => shown(row[column]))
}

const INT64 = [
  '-9223372036854775808',
  '-9007199254740993',
  '-1',
  '0',
  '9007199254740993',
  '9223372036854775807',
]
const DECIMALS = [
  '12345678901234567890123456789012345678',
  '-12345678901234567890123456789012345678',
  '99999999999999999999999999999999999999',
  '1',
]
const FRACTIONS = ['0.1000000000000000055511151231257827', '123456.7890123456789012345678901', '-0.5']
/** Texts that look like numbers or dates, and are none, or would come back as others. */
const KEPT_TEXT = [
  '007',
  '00',
  '+5',
  '1e5x',
  '0x1F',
  '1_000',
  '12.50.1',
  '-',
  '1,5',
  'Infinity?',
  ' 42',
  '42 ',
  '0049',
]

describe.each(FORMATS)('in %s', (format) => {
  it('64-bit integers', async () => {
    for (const [name, content] of [
      ['a.csv', `n\n${INT64.join('\n')}\n`],
      ['a.ndjson', INT64.map((n) => `{"n":${n}}`).join('\n')],
      ['a.json', `[${INT64.map((n) => `{"n":${n}}`).join(',')}]`],
    ] as const) {
      const snapshot = await collected(name, content, format)
      expect(await texts(snapshot, 'n'), name).toEqual(INT64)
      expect(snapshot.schema().fields[0]!.type).toEqual({ kind: 'int', bits: 64, signed: true })
      if (format === 'parquet') expect(await duckTexts(snapshot, 'n')).toEqual(INT64)
    }
  })

  it('numbers of 38 digits, and one more than int64 holds', async () => {
    for (const values of [DECIMALS, ['9223372036854775808', '1'], ['18446744073709551616', '-1']]) {
      for (const [name, content] of [
        ['a.csv', `n\n${values.join('\n')}\n`],
        ['a.ndjson', values.map((n) => `{"n":${n}}`).join('\n')],
      ] as const) {
        const snapshot = await collected(name, content, format)
        expect(await texts(snapshot, 'n'), name).toEqual(values)
        if (format === 'parquet') expect(await duckTexts(snapshot, 'n')).toEqual(values)
      }
    }
  })

  it('fractions keep every digit', async () => {
    for (const [name, content] of [
      ['a.csv', `n\n${FRACTIONS.join('\n')}\n`],
      ['a.ndjson', FRACTIONS.map((n) => `{"n":${n}}`).join('\n')],
    ] as const) {
      const back = await texts(await collected(name, content, format), 'n')
      const plain = (text: string | null): string => String(text).replace(/0+$/, '').replace(/\.$/, '')
      expect(back.map(plain), name).toEqual(FRACTIONS.map(plain))
    }
  })

  it('what only looks like a number stays as it was written', async () => {
    for (const odd of KEPT_TEXT) {
      const values = ['1', odd, '3']
      const snapshot = await collected('a.csv', `n\n${values.map((v) => `"${v}"`).join('\n')}\n`, format)
      expect(await texts(snapshot, 'n'), odd).toEqual(values)
      if (format === 'parquet') expect(await duckTexts(snapshot, 'n')).toEqual(values)
    }
  })

  it('a number is never written otherwise, whatever its neighbours are', async () => {
    for (const values of [
      ['1', '2.50', '3'],
      ['1.10', '2.2'],
      ['1e3', '2'],
      ['-0', '0'],
      ['-0.0', '0.0'],
      ['0.30000000000000004', '1e-7'],
      ['1.7976931348623157e308', '5e-324'],
      ['true', 'false', 'TRUE'],
      ['NaN', '1'],
      ['2024-01-31', '2024-02-30'],
      ['2024-01-31T23:59:59.123456Z', '2024-01-31T23:59:59.1Z'],
      ['12:00', '24:00'],
    ]) {
      const snapshot = await collected('a.csv', `n\n${values.join('\n')}\n`, format)
      const back = await texts(snapshot, 'n')
      for (const [i, value] of values.entries())
        expect(same(value, back[i]!), `${value} became ${back[i]}`).toBe(true)
    }
  })

  it('null, empty and missing are three, or two where CSV has but two', async () => {
    const rows = ['{"a":null,"b":1}', '{"a":"","b":2}', '{"b":3}', '{"a":" ","b":4}', '{"a":"null","b":5}']
    const snapshot = await collected('a.ndjson', rows.join('\n'), format)
    expect((await snapshot.rowsAsObjects()).map((row) => row['a'])).toEqual([null, '', null, ' ', 'null'])
    if (format === 'parquet') expect(await duckTexts(snapshot, 'a')).toEqual([null, '', null, ' ', 'null'])
    const csv = await collected('a.csv', 'a,b\n,1\n"",2\nNULL,3\nx,4\n', format)
    expect((await csv.rowsAsObjects()).map((row) => row['a'])).toEqual([null, '', 'NULL', 'x'])
  })

  it('doubles that arithmetic mixes up, times to the microsecond, bytes, long and strange text', async () => {
    const long = 'ü€😀"\n,\r\n\t\\'.repeat(60_000)
    const rows: Row[] = [
      { f: 0, d: new Date(0), t: long, b: new Uint8Array([0, 255, 10, 13, 34]), l: [1n, null], s: { x: '' } },
      { f: -0, d: new Date(-1), t: '\u0000', b: new Uint8Array(0), l: [], s: { x: null } },
      { f: Number.NaN, d: new Date(8.64e15), t: '\ufeffBOM', b: null, l: null, s: null },
      {
        f: Infinity,
        d: null,
        t: 'e\u0301 é',
        b: new Uint8Array([239, 187, 191]),
        l: [2n ** 63n - 1n],
        s: { x: 'y' },
      },
      { f: 5e-324, d: new Date('2024-02-29T12:34:56.789Z'), t: '', b: null, l: [0n], s: { x: ' ' } },
      {
        f: -Infinity,
        d: new Date(-8.64e15),
        t: '"',
        b: new Uint8Array([92]),
        l: [-(2n ** 63n)],
        s: { x: '\u2028' },
      },
    ]
    const oc = new OmniCollector({ root: folders.make('exact') })
    const snapshot = await oc.save(rows, { dataset: 'd', label: 'test:d', format })
    const back = await snapshot.rowsAsObjects()
    for (const [i, row] of rows.entries()) {
      const got = back[i]!
      expect(Object.is(got['f'], row['f']), `${row['f']} became ${got['f']}`).toBe(true)
      expect(got['t'] === row['t'], `text ${i}`).toBe(true)
      expect(got['b'] === null ? null : [...(got['b'] as Uint8Array)]).toEqual(
        row['b'] === null ? null : [...(row['b'] as Uint8Array)],
      )
      expect(shownList(got['l']), `list ${i}`).toEqual(shownList(row['l']))
      expect(got['s'], `struct ${i}`).toEqual(row['s'])
    }
    expect(sameInstant(back[4]!['d'], '2024-02-29T12:34:56.789Z'), String(back[4]!['d'])).toBe(true)
    expect(sameInstant(back[1]!['d'], '1969-12-31T23:59:59.999Z'), String(back[1]!['d'])).toBe(true)
    if (format !== 'parquet') return
    expect(await duckTexts(snapshot, 't')).toEqual(rows.map((row) => row['t']))
    expect(await duckTexts(snapshot, 'f')).toEqual(['0.0', '-0.0', 'nan', 'inf', '5e-324', '-inf'])
  })

  it('microseconds, before and after the epoch', async () => {
    const values = [
      '1969-12-31T23:59:59.999999Z',
      '1970-01-01T00:00:00.000001Z',
      '2024-02-29T12:34:56.123456Z',
    ]
    const snapshot = await collected('a.csv', `at\n${values.join('\n')}\n`, format)
    const back = await texts(snapshot, 'at')
    for (const [i, value] of values.entries())
      expect(same(value, back[i]!), `${value} became ${back[i]}`).toBe(true)
    if (format === 'parquet') {
      const seen = await duckTexts(snapshot, 'at')
      for (const [i, value] of values.entries()) {
        expect(String(seen[i]).replace('T', ' ')).toContain(value.slice(0, 26).replace('T', ' '))
      }
    }
  })

  it('no rows at all, with columns and without', async () => {
    const oc = new OmniCollector({ root: folders.make('exact') })
    const path = join(folders.make('exact'), 'none.csv')
    writeFileSync(path, 'a,b\n')
    const snapshot = await oc.collect(file(path), { format })
    expect(snapshot.counts).toEqual({ read: 0, kept: 0, quarantined: 0, filtered: 0 })
    expect(snapshot.schema().fields.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(await snapshot.rowsAsObjects()).toEqual([])
    const empty = await oc.save([], { dataset: 'empty', label: 'test:empty', format })
    expect(await empty.rowsAsObjects()).toEqual([])
    expect((await oc.verify()).findings).toEqual([])
  })

  it.each([16_383, 16_384, 16_385, 32_768])('%i rows, the last one too', async (count) => {
    const numbers = Array.from({ length: count }, (_, i) => i * 7)
    const snapshot = await collected('n.csv', `n\n${numbers.join('\n')}`, format)
    expect(snapshot.rows).toBe(count)
    expect(await texts(snapshot, 'n')).toEqual(numbers.map(String))
    if (format === 'parquet') expect(await duckTexts(snapshot, 'n')).toEqual(numbers.map(String))
    expect((await new OmniCollector({ root: join(snapshot.path, '../../../..') }).verify()).findings).toEqual(
      [],
    )
  })

  it('a value that needs a wider type in the very last row changes no other', async () => {
    const numbers = Array.from({ length: 20_000 }, (_, i) => String(i))
    for (const last of ['0.5', '9223372036854775808', 'x', '007', '']) {
      const snapshot = await collected(
        'n.csv',
        `n,m\n${[...numbers, last].map((n) => `${n},`).join('\n')}\n`,
        format,
      )
      const back = await texts(snapshot, 'n')
      expect(back).toHaveLength(20_001)
      expect(back.at(-1) ?? '', last).toBe(last)
      expect(back.every((value, i) => i === 20_000 || Number(value) === i)).toBe(true)
      // Text keeps the digits as they stood; a number has no others.
      if (last === 'x' || last === '007') expect(back[12]).toBe('12')
    }
  })

  it('columns of odd names', async () => {
    const names = [
      'a b',
      'ünï',
      '"q"',
      "it's",
      'a.b',
      'a,b',
      'SELECT',
      '😀',
      '__proto__',
      'constructor',
      '1',
      ' x ',
      'a[0]',
      'A',
    ]
    const cells = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',')
    const path = join(folders.make('exact'), 'a.csv')
    writeFileSync(path, `${cells}\n${names.map((_, i) => `v${i}`).join(',')}\n`)
    const oc = new OmniCollector({ root: folders.make('exact') })
    const snapshot = await oc.collect(file(path, { header: 'yes' }), { format })
    expect(snapshot.schema().fields.map(({ name }) => name)).toEqual(names)
    const [row] = await snapshot.rowsAsObjects()
    expect(Object.entries(row!).sort()).toEqual(names.map((name, i) => [name, `v${i}`]).sort())
    if (format !== 'parquet') return
    for (const [i, name] of names.entries()) {
      // DuckDB's names do not tell `A` from `a`, and there is none here.
      expect(await duckTexts(snapshot, name), name).toEqual([`v${i}`])
    }
  })
})

function shownList(value: unknown): (string | null)[] | null {
  return value === null ? null : (value as unknown[]).map(shown)
}

/** The same text, or the same number or instant written in another way that loses nothing. */
function same(wanted: string, got: string | null): boolean {
  if (got === wanted) return true
  if (got === null) return false
  if (/^\d{4}-/.test(wanted)) return sameInstant(got, wanted)
  if (!/^-?[\d.]+(e[+-]?\d+)?$/i.test(wanted)) return false
  return Object.is(Number(got), Number(wanted)) && digitsOf(got) === digitsOf(wanted)
}

/** Digits that count, without the exponent and zeros at the ends. */
function digitsOf(text: string): string {
  return text
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '')
}

function sameInstant(got: unknown, wanted: string): boolean {
  const parts = (text: string): string => {
    const m = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?)?Z?$/.exec(text)
    return m === null ? text : `${m[1]} ${m[2] ?? '00:00:00'} ${(m[3] ?? '').replace(/0+$/, '')}`
  }
  return parts(String(got instanceof Date ? got.toISOString() : got)) === parts(wanted)
}
