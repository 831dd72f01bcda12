import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { normalizeBatch, rowsOf } from '@omni/arrow'
import { isFault } from '@omni/spec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file } from '../src/index.ts'
import { createContext, createWorld, readFile, type World } from './world.ts'

let world: World
let path: string
beforeAll(async () => {
  world = await createWorld()
  path = join(world.folder, 'x.db')
  const db = new DatabaseSync(path)
  db.exec(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (9007199254740993, 'a'), (2, 0.5)",
  )
  db.exec('CREATE TABLE u (x BLOB)')
  db.close()
})
afterAll(() => world.remove())

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  )

describe('a SQLite file', () => {
  it('is read through its own source, table by table', async () => {
    const { source, options } = file(path)
    const streams = await source.open(options, createContext()).discover()
    expect(streams.map(({ name }) => name)).toEqual([
      expect.stringContaining('t'),
      expect.stringContaining('u'),
    ])
    const { batches } = await readFile({ path, table: 't' })
    const rows = (await Promise.all(batches.map((batch) => normalizeBatch(batch)))).flatMap((batch) => [
      ...rowsOf(batch),
    ])
    expect(rows).toEqual([
      { id: 2n, v: '0.5' },
      { id: 9007199254740993n, v: 'a' },
    ])
    expect(await codeOf(readFile({ path, table: 'w' }))).toBe('file.table.missing')
  })

  it('is refused packed, and while a log beside it holds a part of it', async () => {
    const packed = await world.write('x.db.gz', gzipSync(readFileSync(path)))
    expect(await codeOf(readFile(packed))).toBe('file.sqlite.remote')
    const live = await world.write('live.db', readFileSync(path))
    await world.write('live.db-wal', 'frames')
    expect(await codeOf(readFile(live))).toBe('file.sqlite.log')
  })
})
