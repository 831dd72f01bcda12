import { appendFile, mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { OmniCollector, type Snapshot } from '@omni/core'
import { type Fault, isFault } from '@omni/spec'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FileInput, file } from '../src/index.ts'
import { zipOf } from './zip-writer.ts'

let folder = ''
let engine = new OmniCollector()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omni-set-'))
  engine = new OmniCollector({ root: join(folder, 'root') })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'in', name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

const collect = (path: string, options: Omit<FileInput, 'path'> = {}): Promise<Snapshot> =>
  engine.collect(file({ ...options, path: join(folder, path) }), { dataset: 'd' })

const rows = async (snapshot: Snapshot, stream?: string): Promise<unknown[]> =>
  (await snapshot.rowsAsObjects(stream === undefined ? {} : { stream })).map((row) => ({ ...row }))

const types = (snapshot: Snapshot): Record<string, string> =>
  Object.fromEntries(snapshot.manifest.streams[0]!.schema.map(({ name, type }) => [name, type]))

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.catch((reason: unknown) => reason)
  if (!isFault(error)) throw new TypeError('no fault')
  return error
}

describe('a folder', () => {
  it('is one dataset of its files in the order of their names, without those of tools', async () => {
    await write('b.csv', 'id,name\n3,c\n')
    await write('a.csv', 'id,name\n1,a\n2,b\n')
    await write('sub/c.csv.gz', gzipSync('id,name\n4,d\n'))
    await write('_SUCCESS', '')
    await write('.part.crc', 'x')
    await write('empty.csv', '')
    const snapshot = await collect('in')
    expect((await rows(snapshot)).map((row) => (row as { id: bigint }).id)).toEqual([1n, 2n, 3n, 4n])
    expect(snapshot.manifest.position.map(({ split }) => split)).toEqual(['a.csv', 'b.csv', 'sub/c.csv.gz'])
  })

  it('collects only new and changed files the next time', async () => {
    await write('a.csv', 'id\n1\n')
    const b = await write('b.csv', 'id\n2\n')
    await collect('in')
    expect((await collect('in')).unchanged).toBe(true)
    await write('c.csv', 'id\n3\n')
    const added = await collect('in')
    expect(await rows(added)).toEqual([{ id: 3n }])
    // The lineage names the files of this run; the manifest which version of each, and when it was written.
    const run = join(folder, 'root', 'logs', 'lineage', `${added.manifest.lineage.run}.json`)
    const event = JSON.parse(await readFile(run, 'utf8')) as { inputs: readonly { name: string }[] }
    expect(event.inputs.map(({ name }) => name)).toEqual(['flat:in/c.csv'])
    expect(added.manifest.position.at(-1)).toMatchObject({
      split: 'c.csv',
      to: { size: '5', modified: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    await appendFile(b, '4\n')
    const changed = await collect('in')
    expect(await rows(changed)).toEqual([{ id: 2n }, { id: 4n }])
    // What is known is known of every file so far.
    expect(changed.manifest.position.map(({ split }) => split)).toEqual(['a.csv', 'b.csv', 'c.csv'])
    expect((await collect('in')).unchanged).toBe(true)
  })

  it('does not take a file that was only touched for a changed one', async () => {
    const a = await write('a.csv', 'id\n1\n')
    await collect('in')
    await utimes(a, 5, 5)
    expect((await collect('in')).unchanged).toBe(true)
    await writeFile(a, 'id\n7\n')
    expect(await rows(await collect('in'))).toEqual([{ id: 7n }])
  })

  it('gives a column one type over all files, whichever comes first', async () => {
    await write('1.csv', 'a,b,c,d\n1,2,007,2024-01-01\n')
    await write('2.csv', 'a,b,c,d\n2.5,x,8,\n')
    await write('3.csv', 'a,b,e\n3,9007199254740993,q\n')
    const snapshot = await collect('in')
    expect(types(snapshot)).toMatchObject({ b: 'utf8', c: 'utf8', d: 'date', e: 'utf8' })
    expect(await rows(snapshot)).toMatchObject([
      { b: '2', c: '007' },
      { b: 'x', c: '8' },
      { b: '9007199254740993', c: null, e: 'q' },
    ])
    const a = (await rows(snapshot)).map((row) => String((row as { a: unknown }).a))
    expect(a).toEqual(['1', '2.5', '3'])
  })

  it('keeps every row and rejected record of a file whose types widen in its middle', async () => {
    await write('1.csv', 'a,b\n1,x\n')
    await write('2.csv', `a,b\n${'1,x\n'.repeat(300_000)}9,y,z\n${'1,x\n'.repeat(100_000)}1.5,x\n`)
    const snapshot = await collect('in')
    expect(snapshot.counts).toMatchObject({ read: 400_003, kept: 400_002, quarantined: 1 })
    expect((await rows(snapshot)).at(-1)).toMatchObject({ b: 'x' })
  })

  it('makes columns of Hive partitions, typed where every value is written so', async () => {
    await write('dt=2025-05-30/n=1/code=01/a.csv', 'x\n1\n')
    await write('dt=2025-05-31/n=2/code=02/x=7/b.csv', 'x\n2\n')
    await write('dt=__HIVE_DEFAULT_PARTITION__/n=3/code=a%20b/c.csv', 'x\n3\n')
    const snapshot = await collect('in')
    expect(types(snapshot)).toMatchObject({ x: 'int64', dt: 'date', n: 'int64', code: 'utf8' })
    expect(await rows(snapshot)).toEqual([
      { x: 1n, dt: '2025-05-30', n: 1n, code: '01', x_partition: null },
      { x: 2n, dt: '2025-05-31', n: 2n, code: '02', x_partition: 7n },
      { x: 3n, dt: null, n: 3n, code: 'a b', x_partition: null },
    ])
    expect(types(await collect('in', { partitions: 'none' }))).toEqual({ x: 'int64' })
  })

  it('refuses files of several kinds, and a folder without files', async () => {
    await write('a.csv', 'id\n1\n')
    await write('b.json', '[{"id":1}]')
    const mixed = await faultOf(collect('in'))
    expect(mixed).toMatchObject({ kind: 'config', code: 'file.set.mixed' })
    expect(mixed.message).toContain('1 of .csv, 1 of .json')
    await mkdir(join(folder, 'none'))
    expect(await faultOf(collect('none'))).toMatchObject({ kind: 'missing', code: 'file.set.empty' })
  })

  it('reads a file again that changes while another one is read', async () => {
    await write('a.csv', `id\n${'1\n'.repeat(500_000)}`)
    const b = await write('b.csv', 'id\n2\n')
    let isChanged = false
    engine = new OmniCollector({
      root: join(folder, 'root'),
      onEvent: (event) => {
        if (event.type !== 'progress' || isChanged) return
        isChanged = true
        void appendFile(b, '3\n')
      },
    })
    const snapshot = await collect('in')
    expect(isChanged).toBe(true)
    expect((await rows(snapshot)).slice(-2)).toEqual([{ id: 2n }, { id: 3n }])
    expect(snapshot.rows).toBe(500_002)
  })
})

describe('a pattern', () => {
  it.each([
    ['in/*.csv', [1n, 2n]],
    ['in/**/*.csv', [1n, 2n, 4n]],
    ['in/[ac].csv', [1n]],
    ['in/{b,x}.csv', [2n]],
    ['in/?.csv', [1n, 2n]],
    ['in/s*/*.csv', [4n]],
  ])('%s names its files', async (pattern, ids) => {
    await write('a.csv', 'id\n1\n')
    await write('b.csv', 'id\n2\n')
    await write('c.json', '[{"id":3}]')
    await write('sub/d.csv', 'id\n4\n')
    expect((await rows(await collect(pattern))).map((row) => (row as { id: bigint }).id)).toEqual(ids)
  })

  it('is a name where a file has that name', async () => {
    await write('a[1].csv', 'id\n1\n')
    await write('a1.csv', 'id\n2\n')
    expect(await rows(await collect('in/a[1].csv'))).toEqual([{ id: 1n }])
  })

  it('that fits one file today resumes by that file when there are two', async () => {
    const a = await write('a.csv', 'id\n1\n')
    await collect('in/*.csv')
    await write('b.csv', 'id\n2\n')
    expect(await rows(await collect('in/*.csv'))).toEqual([{ id: 2n }])
    await rename(a, a.replace('a.csv', 'z.csv'))
    // Under another name it is another file.
    expect(await rows(await collect('in/*.csv'))).toEqual([{ id: 1n }])
  })

  it('that fits nothing is missing', async () => {
    await write('a.csv', 'id\n1\n')
    expect(await faultOf(collect('in/*.tsv'))).toMatchObject({ kind: 'missing', code: 'file.set.empty' })
    expect(await faultOf(collect('away/*.tsv'))).toMatchObject({ kind: 'missing' })
  })
})

describe('an archive', () => {
  it('of several files of one kind gives a stream for each', async () => {
    await write(
      'x.zip',
      zipOf({ 'a.csv': 'id\n1\n', 'b/c.csv': 'name\nx\n', 'd.csv.gz': gzipSync('id\n2\n') }),
    )
    const snapshot = await collect('in/x.zip')
    expect(snapshot.manifest.streams.map(({ name }) => name)).toEqual(['a.csv', 'b/c.csv', 'd.csv.gz'])
    expect(await rows(snapshot, 'b/c.csv')).toEqual([{ name: 'x' }])
    expect(await rows(snapshot, 'd.csv.gz')).toEqual([{ id: 2n }])
  })

  it('gives those that --member fits, also inside another archive', async () => {
    const inner = zipOf({ 'a.csv': 'id\n1\n', 'b.csv': 'id\n2\n', 'c.txt': 'nothing' })
    await write('x.zip', zipOf({ 'in.zip': inner }))
    const snapshot = await collect('in/x.zip', { member: '*.csv' })
    expect(snapshot.manifest.streams.map(({ name }) => name)).toEqual(['in.zip/a.csv', 'in.zip/b.csv'])
    expect(await rows(await collect('in/x.zip', { member: 'b.csv' }))).toEqual([{ id: 2n }])
  })

  it('in a folder of archives gives its streams over all of them', async () => {
    await write('1.zip', zipOf({ 'a.csv': 'id\n1\n', 'b.csv': 'x\n1\n' }))
    await write('2.zip', zipOf({ 'a.csv': 'id\n2\n', 'c.csv': 'y\n1\n' }))
    const snapshot = await collect('in')
    expect(snapshot.manifest.streams.map(({ name, counts }) => [name, counts.kept])).toEqual([
      ['a.csv', 2],
      ['b.csv', 1],
      ['c.csv', 1],
    ])
  })
})
