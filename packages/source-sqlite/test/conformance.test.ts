import { join } from 'node:path'
import type { Collector } from '@omni/spec'
import { describeConformance } from '@omni/testkit/vitest'
import { onTestFinished } from 'vitest'
import { type SqliteInput, sqlite } from '../src/index.ts'
import { createWorld, type World } from './world.ts'

/** The suite takes any source's collector, so it knows no options. */
const collect = (input: SqliteInput | string): Collector =>
  typeof input === 'string' ? sqlite(input) : sqlite(input)

async function disk(): Promise<World> {
  const world = await createWorld()
  onTestFinished(() => world.remove())
  return world
}

const rows = (from: number, to: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to - 1})
   INSERT INTO t SELECT i, 'n' || i, i / 2.0 FROM n;`

describeConformance('sqlite', async () => {
  const world = await disk()
  const { path, db } = world.create(
    'a.db',
    `PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, half); ${rows(0, 5000)}`,
  )
  return {
    collector: () => collect(path),
    seed: async () => ({ records: 5000 }),
    wrongOptions: [
      { options: {}, paths: ['path'] },
      { options: { path: 7, tables: 'x' }, paths: ['path', 'tables'] },
    ],
    missing: () => collect(join(world.folder, 'nothing.db')),
    values: ['secret-value'],
    append: async () => {
      db.exec(rows(5000, 5010))
      return { records: 5010 }
    },
    restarting: async () => {
      const late = world.create(
        'late.db',
        `CREATE TABLE t (id, name, half); ${rows(0, 5000)} INSERT INTO t VALUES ('x', 1, x'00')`,
      )
      return { collector: collect(late.path), records: 5001 }
    },
    corrupt: async () => {
      const broken = world.create(
        'broken.db',
        `CREATE TABLE t (id, name, half); ${rows(0, 50)} INSERT INTO t VALUES (50, CAST('secret-value' || x'ff' AS TEXT), 1); ${rows(51, 60)}`,
      )
      return { collector: collect(broken.path), records: 59, rejected: 1 }
    },
  }
})
