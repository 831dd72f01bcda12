import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createRowInferrer, toArrow, toArrowTable, toIpc } from '@omni/arrow'
import type { Chunk, Row } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { type Format, OmniCollector, type Snapshot } from '../src/index.ts'
import { filesBelow, makeRoot, scripted } from './world.ts'

const ROWS: Row[] = Array.from({ length: 40_000 }, (_, i) => ({
  id: BigInt(i) * 1_000_003n,
  email: i % 5 === 0 ? null : `user.${i}@example.com`,
  note: i % 3 === 0 ? '' : `Anruf unter +49 151 ${10_000_000 + i}`,
  price: i / 4,
  // A later row decides the type of the column, whatever the chunks.
  mixed: i === 30_000 ? 'text' : i,
  tags: i % 2 === 0 ? [`t${i % 9}`] : [],
  at: new Date(1_700_000_000_000 + i * 1_000),
}))

async function* inChunks(size: number): AsyncGenerator<Chunk> {
  for (let at = 0; at < ROWS.length; at += size) yield { rows: ROWS.slice(at, at + size) }
}

const collect = (size: number, format: Format, threads: number): Promise<Snapshot> =>
  new OmniCollector({ root: makeRoot(), threads }).collect(scripted({ read: () => inChunks(size) }), {
    format,
  })

const parts = (snapshot: Snapshot): Buffer[] =>
  filesBelow(snapshot.path)
    .filter((file) => file.startsWith('part-'))
    .map((file) => readFileSync(path.join(snapshot.path, file)))

describe('the digest', () => {
  it('is the same for all chunk sizes, formats and thread counts', { timeout: 180_000 }, async () => {
    const digests = new Set<string>()
    for (const [size, format, threads] of [
      [40_000, 'parquet', 1],
      [16_384, 'parquet', 2],
      [16_385, 'csv', 1],
      [997, 'ndjson', 2],
      [7, 'parquet', 3],
    ] as const) {
      const snapshot = await collect(size, format, threads)
      expect(snapshot.rows).toBe(40_000)
      digests.add(snapshot.digest)
    }
    expect([...digests]).toHaveLength(1)
  })

  it('goes with byte-identical parts, run by run', { timeout: 60_000 }, async () => {
    for (const format of ['parquet', 'csv', 'ndjson'] as const) {
      const [one, two] = [await collect(5_000, format, 1), await collect(9_999, format, 2)]
      expect(parts(one).length).toBeGreaterThan(0)
      expect(parts(one)).toEqual(parts(two))
    }
  })

  it('changes with a value, an order, and a name', async () => {
    const digestOf = async (rows: Row[]): Promise<string> =>
      (await new OmniCollector({ root: makeRoot() }).save(rows, { dataset: 'd', label: 'x:y' })).digest
    const base = await digestOf([{ a: 1 }, { a: 2 }])
    expect(await digestOf([{ a: 1 }, { a: 2 }])).toBe(base)
    for (const other of [[{ a: 2 }, { a: 1 }], [{ a: 1 }, { a: 3 }], [{ b: 1 }, { b: 2 }], [{ a: 1 }]]) {
      expect(await digestOf(other as Row[])).not.toBe(base)
    }
  })
})

describe('save', () => {
  const rows: Row[] = [
    { id: 1n, mail: 'a@example.com' },
    { id: 2n, mail: null },
  ]
  const expected = [
    { id: 1n, mail: '[EMAIL]' },
    { id: 2n, mail: null },
  ]

  it('takes rows, iterables, our batches, Arrow batches, tables and IPC bytes, all with one digest', async () => {
    const inferrer = createRowInferrer()
    const { batch } = inferrer.encode(rows, inferrer.infer(rows))
    if (batch === undefined) throw new Error('The rows were not encoded.')
    const forms = {
      rows,
      set: new Set(rows),
      generator: (function* () {
        yield* rows
      })(),
      async: (async function* () {
        yield* rows
      })(),
      batch,
      batches: [batch],
      arrow: await toArrow(batch),
      table: await toArrowTable([batch]),
      ipc: await toIpc([batch]),
    }
    const digests = new Set<string>()
    for (const [what, data] of Object.entries(forms)) {
      const snapshot = await new OmniCollector({ root: makeRoot() }).save(data as never, {
        dataset: 'price table',
        label: 'web:pricelist',
      })
      expect(await snapshot.rowsAsObjects(), what).toEqual(expected)
      expect([snapshot.dataset, snapshot.manifest.tags['source_system']]).toEqual(['price_table', 'web'])
      digests.add(snapshot.digest)
    }
    expect([...digests]).toHaveLength(1)
  })

  it('reads back as Arrow batches and as one table', async () => {
    const snapshot = await new OmniCollector({ root: makeRoot() }).save(ROWS, { dataset: 'd', label: 'x:y' })
    const sizes: number[] = []
    for await (const batch of snapshot.batches()) sizes.push(batch.numRows)
    expect(sizes).toEqual([16_384, 16_384, 7_232])
    const table = await snapshot.table()
    expect([table.numRows, table.schema.fields.map(({ name }) => name)]).toEqual([
      40_000,
      Object.keys(ROWS[0] ?? {}),
    ])
    expect(await snapshot.rowsAsObjects({ limit: 3 })).toHaveLength(3)
  })

  it('of the same array again is unchanged', async () => {
    const oc = new OmniCollector({ root: makeRoot() })
    await oc.save(rows, { dataset: 'd', label: 'x:y' })
    expect((await oc.save(rows, { dataset: 'd', label: 'x:y' })).unchanged).toBe(true)
  })

  it('refuses what are no rows', async () => {
    const oc = new OmniCollector({ root: makeRoot() })
    for (const data of [[1, 2], ['text'], [[1]], 7, 'text', {}, null]) {
      await expect(oc.save(data as never, { dataset: 'd', label: 'x:y' })).rejects.toMatchObject({
        code: 'save.rows',
      })
    }
  })
})
