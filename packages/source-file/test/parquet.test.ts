import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { normalizeBatch } from '@omni/arrow'
import { isFault } from '@omni/spec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FileInput, file } from '../src/index.ts'
import { ofBatch, readWithDuckdb } from './parquet-duckdb.ts'
import { createWorld, openLocal, readFile, type World } from './world.ts'
import { zipOf } from './zip-writer.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

async function copy(name: string, select: string, options = ''): Promise<string> {
  const path = join(world.folder, name)
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`)
  connection.closeSync()
  return path
}

async function rowsOf(
  path: FileInput | string,
  more: Parameters<typeof readFile>[1] = {},
): Promise<string[][]> {
  const { batches } = await readFile(path, more)
  return (await Promise.all(batches.map((batch) => normalizeBatch(batch)))).flatMap(ofBatch)
}

const EVERY_TYPE = `SELECT
  i AS id, (i % 100)::TINYINT AS tiny, (i * 1000000007)::HUGEINT % 65000 AS h, i::UBIGINT + 18446744073709551000 AS u64,
  (i / 7.0)::DECIMAL(38, 10) AS dec, (i * 1.01)::DECIMAL(9, 2) AS small_dec, i % 3 = 0 AS flag,
  CASE WHEN i % 5 = 0 THEN NULL ELSE 'text ' || i || ' ü' END AS txt, ('x' || i)::BLOB AS raw,
  DATE '1969-12-30' + i::INTEGER AS day, TIME '23:59:59.123456' AS clock,
  TIMESTAMP '1950-01-01 00:00:00.000001' + to_microseconds(i * 1234567) AS ts,
  TIMESTAMPTZ '2024-01-01 00:00:00.123456+00' + to_microseconds(i) AS tz,
  TIMESTAMP_NS '2024-01-01 00:00:00.123456789' AS ns, TIMESTAMP_MS '2024-01-01 00:00:00.123' AS ms,
  i::FLOAT / 3 AS f32, i / 3.0 AS f64, uuid() AS id16,
  [i, NULL, i + 1] AS list, {'a': i, 'b': ['x', NULL]} AS nested, MAP {'k' || i: i, 'z': NULL} AS pairs
  FROM range(300) t(i)`

describe('parquet', () => {
  it('gives every type as DuckDB wrote it', async () => {
    const path = await copy('types.parquet', EVERY_TYPE, ', ROW_GROUP_SIZE 2048, COMPRESSION zstd')
    expect(await rowsOf(path)).toEqual((await readWithDuckdb(path)).rows)
  })

  it('keeps the months, days and milliseconds of an interval apart', async () => {
    const path = await copy(
      'interval.parquet',
      `SELECT i, CASE WHEN i = 1 THEN NULL ELSE INTERVAL (i) MONTH + INTERVAL 40 DAY + INTERVAL 1500 MILLISECOND END AS v,
        [INTERVAL 1 DAY] AS l, i AS z FROM range(3) t(i)`,
    )
    const interval = (months: number, days: number, milliseconds: number): string =>
      JSON.stringify({ months, days, milliseconds })
    expect(await rowsOf(path)).toEqual([
      ['0', interval(0, 40, 1500), `[${interval(0, 1, 0)}]`, '0'],
      ['1', 'null', `[${interval(0, 1, 0)}]`, '1'],
      ['2', interval(2, 40, 1500), `[${interval(0, 1, 0)}]`, '2'],
    ])
  })

  it('reads it packed, limited, and without a row', async () => {
    const path = await copy('p.parquet', 'SELECT i, {a: [i]} AS s FROM range(100) t(i)')
    const { rows } = await readWithDuckdb(path)
    expect(await rowsOf(await world.write('p.parquet.gz', gzipSync(readFileSync(path))))).toEqual(rows)
    expect(await rowsOf(await world.write('p.zip', zipOf({ 'p.parquet': readFileSync(path) })))).toEqual(rows)
    expect(await rowsOf(path, { limit: 7 })).toEqual(rows.slice(0, 7))
    const empty = await copy('none.parquet', 'SELECT i, {a: [i]} AS s FROM range(0) t(i)')
    const { batches } = await readFile(empty)
    expect((batches[0] as { schema: unknown }).schema).toMatchObject({
      fields: [{ name: 'i' }, { name: 's' }],
    })
  })

  it('reads the columns that are named, and parts of structs', async () => {
    const path = await copy(
      'columns.parquet',
      "SELECT i, TIMESTAMP '2024-01-01' AS t, {a: i, b: {c: i + 1, d: 'x'}} AS s, [i] AS l FROM range(9) t(i)",
    )
    const rows = await rowsOf({ path, columns: ['l', 's.b.c'] })
    expect(rows[2]).toEqual(['{"b":{"c":3}}', '[2]'])
    expect(rows).toHaveLength(9)
    // A dot in a name is not a path, and a timestamp of 96 bits beside the chosen ones does not shift them.
    await expect(readFile({ path, columns: ['nope'] })).rejects.toMatchObject({
      code: 'file.columns.missing',
    })
  })

  it('asks for the end, and for nothing but the chosen columns of the chosen row groups', async () => {
    const path = await copy(
      'remote.parquet',
      'SELECT i AS id, hash(i) AS a, {x: hash(i + 1), y: hash(i + 2)} AS s, hash(i + 3) AS z FROM range(100000) t(i)',
      ', ROW_GROUP_SIZE 20480',
    )
    const asked: string[] = []
    let bytes = 0
    const storage = (locator: string) => {
      const object = openLocal(locator)
      return {
        ...object,
        read: (range: { start: number; end: number }) => {
          asked.push(`${range.start}-${range.end}`)
          bytes += range.end - range.start
          return object.read(range)
        },
      }
    }
    const collect = async (more: Partial<FileInput>): Promise<string[][]> => {
      asked.length = bytes = 0
      return rowsOf({ path, ...more }, { context: { storage } })
    }
    const all = await collect({})
    const size = readFileSync(path).length
    // The end for describe and for decode, and one range a row group.
    expect(asked.length).toBe(2 + 5)
    console.log(`parquet, all of ${size} bytes: ${asked.length} requests, ${bytes} bytes`)
    const some = await collect({ columns: ['id', 's.y'], rowGroups: '1,3-4' })
    expect(some).toEqual(
      all
        .filter((_, i) => [1, 3, 4].includes(Math.floor(i / 20480)))
        .map(([id, , s]) => [id, (s as string).replace(/"x":\d+,/, '')]),
    )
    expect(asked.length).toBe(2 + 3 * 2)
    // Not the 64 KiB at the end, twice: two of five columns, three of five groups.
    expect(bytes - 2 * 65_536).toBeLessThan(size * 0.3)
    console.log(`parquet, 2 of 5 columns, 3 of 5 row groups: ${asked.length} requests, ${bytes} bytes`)
    await expect(collect({ rowGroups: '5' })).rejects.toMatchObject({ code: 'file.parquet.row-groups' })
    expect(() => file({ path, rowGroups: '1;2' })).toThrowError(/0-3,7/)
  })

  it('reads ranges, not the file, and no more rows at once than it may', async () => {
    const path = await copy(
      'wide.parquet',
      'SELECT i, i * 7 AS j FROM range(200000) t(i)',
      ', ROW_GROUP_SIZE 10240',
    )
    const read: number[] = []
    const storage = (locator: string) => {
      const object = openLocal(locator)
      return {
        ...object,
        read: (range: { start: number; end: number }) => {
          read.push(range.end - range.start)
          return object.read(range)
        },
      }
    }
    const { batches } = await readFile(path, {
      limit: 1500,
      limits: { chunkRows: 1000 },
      context: { storage },
    })
    expect(batches.map((batch) => (batch as { rows: number }).rows)).toEqual([32, 1000, 468])
    const inOrder = (await rowsOf(path)).every(([id, product], i) => id === `${i}` && product === `${i * 7}`)
    expect(inOrder).toBe(true)
    expect(read.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(readFileSync(path).length / 3)
  })

  it('keeps to the bytes that a batch may have, though the file says that its rows are short', async () => {
    // A dictionary holds the text once, so the metadata knows nothing of its length.
    const path = await copy('long.parquet', "SELECT repeat('x', 100000) AS t FROM range(300) t(i)")
    const { batches } = await readFile(path, { limits: { chunkBytes: 1 << 20 } })
    const sizes = batches.map((batch) => (batch as { rows: number }).rows)
    expect(sizes.reduce((sum, rows) => sum + rows, 0)).toBe(300)
    expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(10)
  })

  it('refuses it cut off, and takes any damage as a fault, never as a crash', {
    timeout: 120_000,
  }, async () => {
    const bytes = readFileSync(await copy('d.parquet', EVERY_TYPE))
    for (const length of [4, 11, 100, bytes.length >> 1, bytes.length - 1]) {
      const path = await world.write('cut.parquet', bytes.subarray(0, length))
      await expect(readFile(path)).rejects.toMatchObject({ kind: 'data', code: 'file.parquet.truncated' })
    }
    for (let i = 0; i < 24; i++) {
      const damaged = Buffer.from(bytes)
      // Spread over pages and metadata, the same every time.
      for (let n = 0; n < 4; n++)
        damaged[4 + ((i * 7919 + n * 104_729) % (bytes.length - 12))] = (i * 37 + n) & 0xff
      const outcome = await readFile(await world.write('damaged.parquet', damaged)).then(
        () => 'read',
        (error: unknown) => (isFault(error) ? error.kind : String(error)),
      )
      expect(outcome, `damage ${i}`).toMatch(/^(read|data|unsupported)$/)
    }
  })
})
