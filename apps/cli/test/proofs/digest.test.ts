import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineSource, type Format, OmniCollector, type Row, type Snapshot } from '@omni/core'
import { file } from '@omni/source-file'
import { afterAll, describe, expect, it } from 'vitest'
import { omniSha256 } from './omni-sha256.ts'
import { bytesOf, createFolders, runProgram } from './root.ts'

// The same rows give the same digest: the one that a second implementation, made from the specification, gives too.

const folders = createFolders()
afterAll(() => folders.remove())

const COUNT = 40_000
const FORMATS: readonly Format[] = ['parquet', 'csv', 'ndjson']

/** Row i, the same every time; nothing personal in it. */
function rowAt(i: number): Row {
  return {
    id: BigInt(i) * 7_777_777_777n - 5_000_000_000n,
    price: i % 11 === 0 ? null : (i % 1000) / 8,
    name: i % 13 === 0 ? null : i % 7 === 0 ? '' : `item "${i % 97}", größe ${'x'.repeat(i % 50)}`,
    sold: i % 5 === 0 ? null : i % 2 === 0,
    tags: i % 17 === 0 ? null : Array.from({ length: i % 4 }, (_, k) => `t${k}`),
  }
}
const ROWS = Array.from({ length: COUNT }, (_, i) => rowAt(i))

function specified(rows: readonly Row[]): string {
  const values = (name: string): unknown[] => rows.map((row) => row[name])
  return omniSha256([
    { name: 'id', type: 'int64', values: values('id') },
    { name: 'price', type: 'float64', values: values('price') },
    { name: 'name', type: 'utf8', values: values('name') },
    { name: 'sold', type: 'bool', values: values('sold') },
    { name: 'tags', type: 'list<utf8>', values: values('tags') },
  ])
}

interface Chunking {
  readonly sizes: string
}

/** A source that hands out the rows in chunks of the sizes it is told, in turns. */
const chunked = defineSource<Chunking>({
  name: 'chunked',
  summary: 'The same rows in chunks of any size.',
  locator: 'sizes',
  options: {
    '~standard': { version: 1, vendor: 'proof', validate: (value) => ({ value: value as Chunking }) },
  },
  capabilities: { replay: true },
  describe: () => ({ label: 'test:chunked', dataset: 'chunked' }),
  open: ({ sizes }) => ({
    discover: async () => [{ name: 'rows' }],
    async *read() {
      const turns = sizes.split(',').map(Number)
      for (let at = 0, turn = 0; at < COUNT; turn++) {
        const size = turns[turn % turns.length]!
        yield { rows: ROWS.slice(at, at + size) }
        at += size
      }
    },
  }),
})

async function collect(sizes: string, threads: number, format: Format): Promise<Snapshot> {
  const oc = new OmniCollector({ root: folders.make('digest'), threads })
  return await oc.collect(chunked(sizes), { format })
}

const partsOf = (snapshot: Snapshot): string[] =>
  snapshot.files.map(({ path }) =>
    createHash('sha256')
      .update(bytesOf(join(snapshot.path, path)))
      .digest('hex'),
  )

describe('one digest', () => {
  const wanted = specified(ROWS)
  const parts: Partial<Record<Format, readonly string[]>> = {}

  for (const [sizes, threads, format] of [
    ['40000', 1, 'parquet'],
    ['16384', 2, 'parquet'],
    ['1,16383,5,997', 4, 'parquet'],
    ['16385', 1, 'csv'],
    ['3000,2', 4, 'csv'],
    ['10000', 2, 'ndjson'],
    ['613', 1, 'ndjson'],
  ] as const) {
    it(`chunks of ${sizes}, ${threads} threads, ${format}: as specified, and the same bytes`, async () => {
      const snapshot = await collect(sizes, threads, format)
      expect(snapshot.schema().fields.map(({ type }) => type.kind)).toEqual([
        'int',
        'float',
        'utf8',
        'bool',
        'list',
      ])
      expect(snapshot.digest).toBe(wanted)
      expect(snapshot.rows).toBe(COUNT)
      expect(partsOf(snapshot).length).toBeGreaterThan(0)
      parts[format] ??= partsOf(snapshot)
      expect(partsOf(snapshot), 'byte-identical parts').toEqual(parts[format])
    })
  }

  it('another value, order, name or null gives another', () => {
    const changed = (change: (row: Row, i: number) => Row): string => specified(ROWS.map(change))
    expect(changed((row, i) => (i === 39_999 ? { ...row, price: -0 } : row))).not.toBe(wanted)
    expect(changed((row, i) => (i === 13 ? { ...row, name: '' } : row))).not.toBe(wanted)
    expect(specified([ROWS[1]!, ROWS[0]!, ...ROWS.slice(2)])).not.toBe(wanted)
  })

  it('and the product sees such a change too', async () => {
    const save = async (rows: Row[]): Promise<string> =>
      (
        await new OmniCollector({ root: folders.make('digest') }).save(rows, {
          dataset: 'd',
          label: 'test:d',
        })
      ).digest
    const rows = ROWS.slice(0, 20_000)
    const whole = await save(rows)
    expect(whole).toBe(specified(rows))
    const seen = new Set([whole])
    for (const change of [{ price: 0.5 }, { name: null }, { sold: true }, { tags: [] }, { id: 1n }]) {
      seen.add(await save(rows.map((row, i) => (i === 17_000 ? { ...row, ...change } : row))))
    }
    seen.add(await save([...rows.slice(1), rows[0]!]))
    expect(seen.size).toBe(7)
  })
})

describe('whatever it came as', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    id: i * 1_000_003,
    price: i % 9 === 0 ? null : i / 8 + 0.5,
    name: i % 10 === 0 ? null : `item ${i % 97}, "x"`,
  }))
  const column = (name: 'id' | 'price' | 'name') => rows.map((row) => row[name])
  const wanted = omniSha256([
    { name: 'id', type: 'int64', values: column('id') },
    { name: 'price', type: 'float64', values: column('price') },
    { name: 'name', type: 'utf8', values: column('name') },
  ])

  it('CSV, NDJSON, JSON and save give one digest', async () => {
    const folder = folders.make('ways')
    const cell = (value: unknown): string =>
      value === null ? '' : typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value)
    const csv = ['id,price,name', ...rows.map((row) => Object.values(row).map(cell).join(','))].join('\n')
    writeFileSync(join(folder, 'a.csv'), `${csv}\n`)
    writeFileSync(join(folder, 'crlf.csv'), `${csv.replaceAll('\n', '\r\n')}\r\n`)
    writeFileSync(join(folder, 'a.ndjson'), rows.map((row) => JSON.stringify(row)).join('\n'))
    writeFileSync(join(folder, 'a.json'), JSON.stringify(rows, null, 1))
    const digests: Record<string, string> = {}
    for (const name of ['a.csv', 'crlf.csv', 'a.ndjson', 'a.json']) {
      const oc = new OmniCollector({ root: folders.make('way') })
      digests[name] = (await oc.collect(file(join(folder, name)))).digest
    }
    const oc = new OmniCollector({ root: folders.make('way') })
    digests['save'] = (await oc.save(rows, { dataset: 'd', label: 'test:d' })).digest
    const again = await new OmniCollector({ root: folders.make('way') }).collect(file(join(folder, 'a.csv')))
    const blocks = []
    for await (const block of again.blocks()) blocks.push(block)
    digests['batches'] = (await oc.save(blocks, { dataset: 'b', label: 'test:b' })).digest
    for (const [name, digest] of Object.entries(digests)) expect(digest, name).toBe(wanted)
  })
})

describe('the files', () => {
  it('sha256sum agrees with the manifest, and verify with both', async (ctx) => {
    if (spawnSync('sha256sum', ['--version']).error !== undefined) ctx.skip('there is no sha256sum here')
    const root = folders.make('sums')
    const oc = new OmniCollector({ root })
    for (const format of FORMATS) {
      const snapshot = await oc.save(ROWS, { dataset: format, label: `test:${format}`, format })
      const list = snapshot.files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('')
      const sum = spawnSync('sha256sum', ['-c', '-'], { cwd: snapshot.path, input: list, encoding: 'utf8' })
      expect(sum.status, sum.stdout + sum.stderr).toBe(0)
      expect(sum.stdout.trim().split('\n')).toHaveLength(snapshot.files.length)
      expect(snapshot.digest).toBe(specified(ROWS))
    }
    const run = await runProgram(root, ['verify', '--output', 'json'])
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: true, snapshots: 3, findings: [] })
    expect(run.exitCode).toBe(0)
  })
})
