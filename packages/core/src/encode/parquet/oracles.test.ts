import { mkdtempSync, openAsBlob, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import {
  BLOCK_ROWS,
  concatBatches,
  createBatchBuilder,
  jsonOfValue,
  normalizeBatch,
  readColumn,
} from '@omni/arrow'
import type { Batch, Column, DataType, Schema } from '@omni/spec'
import * as fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anyTable, batchOf, littleEndian } from '../../../test/columns-arbitrary.ts'
import { localFolder } from '../../home/local-file.ts'
import { createPartWriter } from '../index.ts'

// Three readers that share no code with ours must see the values that were written.

const someRows = anyTable(30).filter((table) => table.rows > 0)

let root = ''
let duck: DuckDBConnection
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'omni-oracle-'))
  duck = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  await duck.run("set timezone = 'UTC'")
})
afterAll(() => {
  duck.closeSync()
  rmSync(root, { recursive: true, force: true })
})

async function write(batch: Batch): Promise<string> {
  const folder = mkdtempSync(join(root, 'o-'))
  const writer = createPartWriter({ folder: localFolder(folder), format: 'parquet', schema: batch.schema })
  if (batch.rows > 0) await writer.write(batch)
  const [file] = await writer.close()
  return join(folder, file?.path as string)
}

/** parquet-wasm, the Rust implementation, as our batches. */
async function readByRust(path: string): Promise<Batch[]> {
  const require = createRequire(import.meta.url)
  const parquet = require('parquet-wasm') as typeof import('parquet-wasm')
  const file = await parquet.ParquetFile.fromFile((await openAsBlob(path)) as never)
  const table = await file.read()
  const batch = await normalizeBatch(table.intoIPCStream())
  return [batch]
}

/** True where the other reader has the same type, so that texts can be compared as they are. */
function isSame(type: DataType, other: 'rust' | 'duck'): boolean {
  switch (type.kind) {
    case 'null':
      return other === 'rust'
    case 'struct':
      return type.fields.length > 0 && type.fields.every((field) => isSame(field.type, other))
    case 'list':
      return isSame(type.item.type, other)
    case 'map':
      return isSame(type.key.type, other) && isSame(type.value.type, other)
    case 'float':
      return other === 'rust' || type.bits > 16
    case 'decimal':
      return type.scale >= 0 && (other === 'rust' || Math.max(type.precision, type.scale) <= 38)
    case 'time':
    case 'timestamp':
      return other === 'rust' ? type.unit !== 's' : type.unit === 'us'
    case 'duration':
      return false
    default:
      return true
  }
}

function textsOf(columns: readonly (Column | undefined)[]): string[][] {
  return columns.map((column) => {
    if (!column) return []
    const reader = readColumn(column)
    return Array.from({ length: column.length }, (_, i) => reader.json(i))
  })
}

function pick(batch: Batch, schema: Schema, other: 'rust' | 'duck'): string[][] {
  return textsOf(batch.columns.filter((_, i) => isSame(schema.fields[i]?.type as DataType, other)))
}

describe('a Parquet part', () => {
  it('holds the same values for parquet-wasm', async () => {
    await fc.assert(
      fc.asyncProperty(someRows, fc.boolean(), async (table, dirt) => {
        const path = await write(batchOf(table, dirt))
        const [read] = await readByRust(path)
        expect(pick(read as Batch, table.schema, 'rust')).toEqual(
          pick(batchOf(table, false), table.schema, 'rust'),
        )
      }),
      { numRuns: 150 },
    )
  })

  it('holds the same values for DuckDB, which copies it for parquet-wasm to read', async () => {
    await fc.assert(
      fc.asyncProperty(someRows, async (table) => {
        const path = await write(batchOf(table, true))
        const copy = `${path}.duck`
        await duck.run(`copy (select * from read_parquet('${path}')) to '${copy}' (format parquet)`)
        const [read] = await readByRust(copy)
        expect(pick(read as Batch, table.schema, 'duck')).toEqual(
          pick(batchOf(table, false), table.schema, 'duck'),
        )
      }),
      { numRuns: 150 },
    )
  })

  it('holds the same numbers and texts for hyparquet', async () => {
    const plain = (type: DataType): boolean =>
      ['bool', 'int', 'utf8'].includes(type.kind) ||
      (type.kind === 'float' && type.bits === 64) ||
      (type.kind === 'list' && plain(type.item.type))
    await fc.assert(
      fc.asyncProperty(someRows, async (table) => {
        const bytes = await readFile(await write(batchOf(table, false)))
        const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
        const rows = await parquetReadObjects({ file, compressors })
        expect(rows.length).toBe(table.rows)
        const batch = batchOf(table, false)
        for (const [c, field] of table.schema.fields.entries()) {
          if (!plain(field.type)) continue
          const texts = rows.map((row) => jsonOfValue(row[field.name]))
          // It drops a byte order mark at the start of a text.
          const withoutMark = (all: readonly string[] = []): string[] =>
            all.map((one) => one.replaceAll('\ufeff', ''))
          expect(withoutMark(texts)).toEqual(withoutMark(textsOf([batch.columns[c]])[0]))
        }
      }),
      { numRuns: 150 },
    )
  })

  it('holds the same values where dictionaries pay and several blocks share them', async () => {
    const kinds: DataType[] = [
      { kind: 'utf8' },
      { kind: 'int', bits: 64, signed: true },
      { kind: 'int', bits: 16, signed: true },
      { kind: 'float', bits: 64 },
      { kind: 'decimal', bits: 128, precision: 30, scale: 2 },
      { kind: 'list', item: { name: 'item', type: { kind: 'utf8' }, nullable: true } },
      { kind: 'utf8' },
    ]
    const schema: Schema = { fields: kinds.map((type, i) => ({ name: `c${i}`, type, nullable: true })) }
    const folder = mkdtempSync(join(root, 'd-'))
    const writer = createPartWriter({ folder: localFolder(folder), format: 'parquet', schema })
    const blocks: Batch[] = []
    for (let b = 0; b < 3; b++) {
      const builder = createBatchBuilder(schema)
      for (let i = 0; i < (b === 2 ? 77 : BLOCK_ROWS); i++) {
        const k = (i * 31 + b) % 300
        builder.append({
          c0: k % 11 === 0 ? null : `value ${k}`,
          // Few at first, then so many that the table of the dictionary has to grow.
          c1: BigInt(b === 0 && i < 4096 ? k : i % 6000) << 40n,
          c2: (k % 3) - 1,
          c3: k / 4,
          c4: `-${k}.25`,
          c5:
            k % 5 === 0
              ? null
              : Array.from({ length: k % 4 }, (_, j) => (j === 2 ? null : `tag ${(k + j) % 9}`)),
          c6: 'always the same',
        })
      }
      const block = builder.finish()
      blocks.push(block)
      await writer.write(block)
    }
    const [file] = await writer.close()
    const [read] = await readByRust(join(folder, file?.path as string))
    expect(textsOf(read?.columns ?? [])).toEqual(textsOf(concatBatches(blocks).columns))
    // Seven columns of 32 845 rows are some 2.5 MB without dictionaries.
    expect(file?.bytes).toBeLessThan(300_000)
  })

  it('has statistics that never hide a row', async () => {
    const edge = ['', 'a', 'é', '\u{10ffff}', 'z'.repeat(100), '0', 'ü', null]
    const ints = [
      0n,
      1n,
      -1n,
      (1n << 31n) - 1n,
      -(1n << 31n),
      (1n << 32n) - 1n,
      (1n << 63n) - 1n,
      -(1n << 63n),
      (1n << 64n) - 1n,
    ]
    const value = fc.record({
      text: fc.constantFrom(...edge),
      at: fc.constantFrom(...ints),
      x: fc.constantFrom(0, -0, 1, -1, Number.NaN, 1e300, -1e300),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 6 }), async (rows) => {
        const types: DataType[] = [
          { kind: 'utf8' },
          { kind: 'int', bits: 64, signed: true },
          { kind: 'int', bits: 64, signed: false },
          { kind: 'int', bits: 32, signed: false },
          { kind: 'float', bits: 64 },
        ]
        const schema: Schema = { fields: types.map((type, i) => ({ name: `c${i}`, type, nullable: true })) }
        const columns = [
          rows.map((row) => row.text),
          rows.map((row) => littleEndian(row.at, 8)),
          rows.map((row) => littleEndian(row.at, 8)),
          rows.map((row) => littleEndian(row.at, 4)),
          rows.map((row) => new Uint8Array(Float64Array.of(row.x).buffer)),
        ]
        const path = await write(batchOf({ schema, rows: rows.length, columns }, false))
        for (const [c, field] of schema.fields.entries()) {
          // Filters can be answered from statistics; an aggregate over a materialised copy cannot.
          await duck.run(`create or replace temp table t as select * from read_parquet('${path}')`)
          const probe = `select ${field.name} as v from t`
          for (const operator of ['=', '>', '<', '>=', '<=']) {
            const counts = await duck.runAndReadAll(
              `select (select count(*) from (select distinct v from (${probe})) p, read_parquet('${path}') r where r.${field.name} ${operator} p.v) a,
                      (select count(*) from (select distinct v from (${probe})) p, t r where r.${field.name} ${operator} p.v) b`,
            )
            const [row] = counts.getRows()
            expect(row?.[0], `c${c} ${operator}`).toEqual(row?.[1])
          }
          const literal = await duck.runAndReadAll(
            `select distinct ${field.name}::varchar from t where ${field.name} is not null`,
          )
          for (const [text] of literal.getRows()) {
            const quoted = `'${String(text).replaceAll("'", "''")}'`
            const found = await duck.runAndReadAll(
              `select (select count(*) from read_parquet('${path}') where ${field.name} >= ${quoted}::${sqlType(types[c] as DataType)}),
                      (select count(*) from t where ${field.name} >= ${quoted}::${sqlType(types[c] as DataType)}),
                      (select count(*) from read_parquet('${path}') where ${field.name} <= ${quoted}::${sqlType(types[c] as DataType)}),
                      (select count(*) from t where ${field.name} <= ${quoted}::${sqlType(types[c] as DataType)})`,
            )
            const [counts] = found.getRows()
            expect(counts?.[0]).toEqual(counts?.[1])
            expect(counts?.[2]).toEqual(counts?.[3])
          }
        }
      }),
      { numRuns: 12 },
    )
  })

  it('says decimals with a negative scale as whole numbers', async () => {
    const type: DataType = { kind: 'decimal', bits: 128, precision: 3, scale: -2 }
    const schema: Schema = { fields: [{ name: 'n', type, nullable: true }] }
    const columns = [[littleEndian(12n, 16), null, littleEndian(-999n, 16)]]
    const path = await write(batchOf({ schema, rows: 3, columns }, true))
    const read = await duck.runAndReadAll(`select n::varchar, typeof(n) from read_parquet('${path}')`)
    expect(read.getRows()).toEqual([
      ['1200', 'DECIMAL(5,0)'],
      [null, 'DECIMAL(5,0)'],
      ['-99900', 'DECIMAL(5,0)'],
    ])
  })

  it('says times in every unit as DuckDB understands them', async () => {
    const units = ['s', 'ms', 'us', 'ns'] as const
    const schema: Schema = {
      fields: units.map((unit) => ({
        name: unit,
        type: { kind: 'timestamp', unit, zone: null },
        nullable: true,
      })),
    }
    const seconds = 1_748_646_849n
    const columns = units.map((_, i) => [littleEndian(seconds * 1000n ** BigInt(i) + (i > 0 ? 7n : 0n), 8)])
    const path = await write(batchOf({ schema, rows: 1, columns }, false))
    const read = await duck.runAndReadAll(
      `select s::varchar, ms::varchar, us::varchar, ns::varchar from read_parquet('${path}')`,
    )
    expect(read.getRows()[0]).toEqual([
      '2025-05-30 23:14:09',
      '2025-05-30 23:14:09.007',
      '2025-05-30 23:14:09.000007',
      '2025-05-30 23:14:09.000000007',
    ])
  })
})

function sqlType(type: DataType): string {
  if (type.kind === 'utf8') return 'varchar'
  if (type.kind === 'float') return 'double'
  return type.kind === 'int' && !type.signed ? (type.bits === 64 ? 'ubigint' : 'uinteger') : 'bigint'
}
