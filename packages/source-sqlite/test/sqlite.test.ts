import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFault } from '@omni/spec'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlite } from '../src/index.ts'
import { createContext, createWorld, readStream, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: unknown) => (isFault(error) ? `${error.kind} ${error.code}` : String(error)),
  )

describe('sqlite', () => {
  it('gives tables and views as streams, in the order of rowid or key', async () => {
    const { path } = world.create(
      'a.db',
      `CREATE TABLE b (id INTEGER PRIMARY KEY, rowid TEXT); INSERT INTO b VALUES (2, 'y'), (1, 'x');
       CREATE TABLE c (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO c VALUES ('b', 1), ('a', 2);
       CREATE VIEW "a ""view" AS SELECT id * 2 AS d FROM b ORDER BY id DESC;
       CREATE INDEX i ON b (rowid); CREATE TABLE seq (n INTEGER PRIMARY KEY AUTOINCREMENT)`,
    )
    const seen = await readStream({ path }, 'b')
    expect(seen.streams).toEqual(['a "view', 'b', 'c', 'seq'])
    expect(seen).toMatchObject({ columns: ['id: int64', 'rowid: utf8'], rows: ['[1,"x"]', '[2,"y"]'] })
    expect((await readStream({ path }, 'c')).rows).toEqual(['["a",2]', '["b",1]'])
    expect((await readStream({ path }, 'a "view')).rows).toEqual(['[4]', '[2]'])
    expect(await readStream({ path }, 'seq')).toMatchObject({ columns: ['n: int64'], rows: [] })
    expect((await readStream({ path, tables: ['C', 'b'] })).streams).toEqual(['c', 'b'])
    expect((await readStream({ path: `sqlite:///${path}` }, 'b')).rows).toHaveLength(2)
  })

  it('changes no value, whatever its storage class', async () => {
    const { path } = world.create(
      'types.db',
      `CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n NUMERIC, mixed, longs, bytes);
       INSERT INTO t VALUES
         (9223372036854775807, 0.1, 'ä' || char(0) || 'z', x'00ff', 1, 'text', 9007199254740993, x'01'),
         (-9223372036854775808, 1e308, '', x'', 2.5, 5, 1.5, 'text'),
         (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
         (1, 9e999, '007', x'00', 3, 5.0, 2, 7)`,
    )
    const { columns, rows } = await readStream({ path })
    expect(columns).toEqual([
      'i: int64',
      'r: float64',
      's: utf8',
      'b: binary',
      'n: float64',
      'mixed: utf8',
      'longs: utf8',
      'bytes: binary',
    ])
    const base64 = (text: string): string => JSON.stringify(Buffer.from(text).toString('base64'))
    expect(rows).toEqual([
      `[9223372036854775807,0.1,"ä\\u0000z","AP8=",1,"text","9007199254740993","AQ=="]`,
      `[-9223372036854775808,1e+308,"","",2.5,"5","1.5",${base64('text')}]`,
      '[null,null,null,null,null,null,null,null]',
      `[1,"Infinity","007","AA==",3,"5.0","2",${base64('7')}]`,
    ])
  })

  it('begins again with wider types where a late value asks for it', async () => {
    const { path } = world.create(
      'late.db',
      `CREATE TABLE t (a INTEGER, b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
       INSERT INTO t SELECT i, i FROM n; INSERT INTO t VALUES ('late', 0.5)`,
    )
    const { columns, rows, restarts } = await readStream({ path })
    expect({ columns, restarts, count: rows.length }).toEqual({
      columns: ['a: utf8', 'b: float64'],
      restarts: 1,
      count: 5001,
    })
    expect([rows[0], rows[5000]]).toEqual(['["1",1]', '["late",0.5]'])
  })

  it('keeps any value of any column', async () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double({ noNaN: true }),
      fc.string({ unit: 'binary' }).filter((text) => !/[\ud800-\udfff]/.test(text)),
      fc.uint8Array(),
    )
    let files = 0
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1 }), async (values) => {
        const { path, db } = world.create(`p${files++}.db`, 'CREATE TABLE t (v)')
        const insert = db.prepare('INSERT INTO t VALUES (?)')
        for (const one of values) insert.run(one)
        db.close()
        const { columns, rows } = await readStream({ path })
        const asBytes = columns[0] === 'v: binary'
        const text = (one: (typeof values)[number]): string | null => {
          if (one === null) return null
          if (typeof one === 'number') {
            if (Object.is(one, -0)) return '-0.0'
            return Number.isInteger(one) && Math.abs(one) < 1e21 ? `${one}.0` : String(one)
          }
          return String(one)
        }
        const expected = values.map((one) => {
          if (one === null) return '[null]'
          if (asBytes)
            return JSON.stringify([
              Buffer.from(one instanceof Uint8Array ? one : (text(one) as string)).toString('base64'),
            ])
          if (columns[0] === 'v: utf8') return JSON.stringify([text(one)])
          if (columns[0] === 'v: float64' && !Number.isFinite(Number(one))) return `["${one}"]`
          return columns[0] === 'v: float64' ? `[${Object.is(one, -0) ? '-0' : Number(one)}]` : `[${one}]`
        })
        expect(rows).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it('reads UTF-16 databases, and rejects text that is not valid', async () => {
    const { path } = world.create(
      'utf16.db',
      "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (s TEXT); INSERT INTO t VALUES ('ä€😀')",
    )
    expect((await readStream({ path })).rows).toEqual(['["ä€😀"]'])
    const broken = world.create(
      'broken.db',
      "CREATE TABLE t (s TEXT); INSERT INTO t VALUES ('a'), (CAST(x'ff' AS TEXT)), ('\ufffd')",
    )
    expect(await readStream({ path: broken.path })).toMatchObject({
      rows: ['["a"]', '["\ufffd"]'],
      rejected: [{ locator: 'row 2', code: 'sqlite.text.encoding' }],
    })
  })

  it('reads one SELECT, and refuses what is none', async () => {
    const { path } = world.create('q.db', 'CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)')
    const query = 'SELECT a AS "x;y", count(*) OVER () AS n FROM t WHERE a > 1 ORDER BY a DESC; -- done'
    expect(await codeOf(readStream({ path, query }))).toBe('config sqlite.query')
    expect(await readStream({ path, query: query.replace('; -- done', ' -- done') })).toMatchObject({
      streams: ['query'],
      columns: ['x;y: int64', 'n: int64'],
      rows: ['[3,2]', '[2,2]'],
    })
    for (const wrong of [
      'SELECT 1; SELECT 2',
      'DELETE FROM t',
      'SELEC',
      "ATTACH '/tmp/x' AS y",
      'SELECT nope FROM t',
    ])
      expect(await codeOf(readStream({ path, query: wrong })), wrong).toBe('config sqlite.query')
    expect(await codeOf(readStream({ path, query: 'SELECT 1 AS a, 2 AS a' }))).toBe('data sqlite.columns')
    expect(() => sqlite({ path, query, tables: ['t'] })).toThrow(/not both/)
    expect((await readStream({ path })).rows).toHaveLength(3)
  })

  it('reads what is in the write-ahead log, leaves no file behind, and is of one moment', async () => {
    const { path, db } = world.create(
      'wal.db',
      'PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)',
    )
    const first = await readStream({ path })
    expect(first.rows).toEqual(['[1]'])
    expect((await readStream({ path }, 't', first.position ? { from: first.position } : {})).rows).toEqual([])
    const reader = sqlite(path).source.open(sqlite(path).options, createContext())
    const [stream] = await reader.discover()
    db.exec('INSERT INTO t VALUES (2)')
    const request = { signal: new AbortController().signal, limits: createContext().limits }
    let rows = 0
    for await (const chunk of reader.read(stream as never, undefined, request))
      if ('batch' in chunk && 'rows' in chunk.batch) rows += chunk.batch.rows
    await reader.close?.()
    expect(rows).toBe(1)
    const second = await readStream({ path }, 't', first.position ? { from: first.position } : {})
    expect(second.rows).toEqual(['[1]', '[2]'])
    db.close()
    await readStream({ path })
    expect(readdirSync(world.folder).filter((name) => name.startsWith('wal.db'))).toEqual(['wal.db'])
  })

  it('says what is wrong with the file', async () => {
    writeFileSync(join(world.folder, 'text.db'), 'a,b\n1,2\n')
    expect(await codeOf(readStream({ path: join(world.folder, 'text.db') }))).toBe(
      'data sqlite.not-a-database',
    )
    expect(await codeOf(readStream({ path: join(world.folder, 'none.db') }))).toBe('missing storage.missing')
    expect(await codeOf(readStream({ path: world.folder }))).toBe('config sqlite.folder')
    const { path, db } = world.create('d.db', 'CREATE TABLE t (a)')
    expect(await codeOf(readStream({ path, tables: ['u'] }))).toBe('missing sqlite.table.missing')
    db.exec('BEGIN')
    const insert = db.prepare('INSERT INTO t VALUES (?)')
    for (let i = 0; i < 3000; i++) insert.run(`text ${i}`)
    db.exec('COMMIT')
    db.close()
    const bytes = readFileSync(path)
    for (let i = 0; i < 20; i++) {
      const damaged = Buffer.from(bytes)
      damaged.fill((i * 37) & 0xff, 4096 + i * 997, 4096 + i * 997 + 64)
      writeFileSync(
        join(world.folder, 'damaged.db'),
        damaged.subarray(0, i < 3 ? damaged.length >> 1 : undefined),
      )
      const outcome = await codeOf(readStream({ path: join(world.folder, 'damaged.db') }))
      expect(outcome, `damage ${i}`).toMatch(/^(read|data sqlite\.corrupt|data sqlite\.not-a-database)$/)
    }
  })

  it('stops at the limit without a position, and in chunks as large as the limits', async () => {
    const { path } = world.create(
      'many.db',
      'CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO t SELECT i FROM n',
    )
    expect(await readStream({ path }, 't', { limit: 3 })).toMatchObject({
      rows: ['[1]', '[2]', '[3]'],
      position: undefined,
    })
    const seen = await readStream({ path }, 't', { limits: { chunkRows: 7 } })
    expect(seen.rows).toHaveLength(9000)
    expect(seen.position).toBeDefined()
  })
})
