import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Collector } from '@omni/spec'
import type { World as Conformance } from '@omni/testkit'
import { describeConformance } from '@omni/testkit/vitest'
import { onTestFinished } from 'vitest'
import { type FileInput, file } from '../src/index.ts'
import { createWorld, type World } from './world.ts'

const WRONG: Conformance['wrongOptions'] = [
  { options: {}, paths: ['path'] },
  { options: { path: 7, format: 'word', header: 'maybe' }, paths: ['path', 'format', 'header'] },
]

/** The suite takes any source's collector, so it knows no options. */
const collect = (input: FileInput | string): Collector =>
  typeof input === 'string' ? file(input) : file(input)

async function disk(): Promise<World> {
  const world = await createWorld()
  onTestFinished(() => world.remove())
  return world
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `{"id":${from + i},"name":"n${from + i}"}\n`).join('')

describeConformance('file, as NDJSON', async () => {
  const world = await disk()
  const path = await world.write('a.ndjson', lines(0, 5000))
  return {
    collector: () => collect(path),
    seed: async () => ({ records: 5000 }),
    wrongOptions: WRONG,
    missing: () => collect(join(world.folder, 'nothing.ndjson')),
    values: ['secret-value'],
    // A changed file is read in full: its rows may all have moved.
    append: async () => {
      await appendFile(path, lines(5000, 5010))
      return { records: 5010 }
    },
    corrupt: async () => {
      const broken = await world.write('b.ndjson', `${lines(0, 50)}{"a":"secret-value"\n${lines(50, 60)}`)
      return { collector: collect(broken), records: 60, rejected: 1 }
    },
  }
})

describeConformance('file, as packed CSV', async () => {
  const world = await disk()
  const text = Array.from({ length: 3000 }, (_, i) => `${i},00${i},x${i}\n`).join('')
  const path = await world.write('a.csv.gz', gzipSync(`id,code,name\n${text}`))
  const late = `a,b\n${'1,x\n'.repeat(400_000)}1.5,y\n`
  return {
    collector: () => collect(path),
    seed: async () => ({ records: 3000 }),
    wrongOptions: WRONG,
    missing: () => collect(join(world.folder, 'nothing.csv')),
    restarting: async () => ({ collector: collect(await world.write('late.csv', late)), records: 400_001 }),
  }
})

describeConformance('file, as Parquet', async () => {
  const world = await disk()
  const path = join(world.folder, 'a.parquet')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(
    `COPY (SELECT range AS id, 9007199254740993 + range AS big, 'n' || range AS name FROM range(5000)) TO '${path}' (ROW_GROUP_SIZE 2048)`,
  )
  connection.closeSync()
  return {
    collector: () => collect(path),
    seed: async () => ({ records: 5000 }),
    wrongOptions: WRONG,
    missing: () => collect(join(world.folder, 'nothing.parquet')),
  }
})
