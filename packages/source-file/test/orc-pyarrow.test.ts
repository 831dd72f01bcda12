import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { checkBatch, readColumn } from '@omni/arrow'
import { type Batch, type Column, type DataType, isFault, type StoredObject } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FileOptions } from '../src/options.ts'
import { decodeOrc } from '../src/orc/decode.ts'
import { LIMITS } from './world.ts'

// Written by PyArrow 26 (the C++ library) with every type and encoding it has; the lines are what it reads back.
const FILE = readFileSync(join(import.meta.dirname, 'fixtures/pyarrow.orc'))
const LINES = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures/pyarrow.jsonl.gz')))
const [HEAD, ...ROWS] = LINES.toString('utf8')
  .trim()
  .split('\n')
  .map((line): unknown => JSON.parse(line))

const OPTIONS: FileOptions = {
  path: 'x',
  format: 'orc',
  header: 'auto',
  types: 'infer',
  partitions: 'auto',
  decodeTimeoutMs: 30_000,
  maxMemoryBytes: 2 ** 30,
}

function objectOf(bytes: Uint8Array): StoredObject {
  return {
    head: () => Promise.reject(new Error('not needed')),
    async *stream() {},
    read: ({ start, end }) => Promise.resolve(bytes.subarray(start, end)),
    async *list() {},
  }
}

async function decode(
  bytes: Uint8Array,
  options: Partial<FileOptions> = {},
  limits = LIMITS,
): Promise<readonly Batch[]> {
  let batches: Batch[] = []
  const request = { limits, signal: new AbortController().signal }
  for await (const chunk of decodeOrc(objectOf(bytes), bytes.length, { ...OPTIONS, ...options }, request)) {
    if ('restart' in chunk) batches = []
    else if ('batch' in chunk && 'rows' in chunk.batch) batches.push(checkBatch(chunk.batch as Batch))
  }
  return batches
}

/** A value as the lines have it: numbers of fixed layout as text, bytes as hex. */
function plain(column: Column, type: DataType, value: unknown, i: number): unknown {
  const view = new DataView(column.values.buffer, column.values.byteOffset)
  if (value === null) return null
  switch (type.kind) {
    case 'int':
      return String(value)
    case 'timestamp':
      return String(view.getBigInt64(i * 8, true) * (type.unit === 'us' ? 1000n : 1n))
    case 'date':
      return String(view.getInt32(i * 4, true))
    case 'binary':
      return Buffer.from(value as Uint8Array).toString('hex')
    case 'list':
      return (value as unknown[]).map((item) => (item === null ? null : Number(item)))
    case 'map':
      return (value as [string, number | null][]).map(([key, item]) => [key, item])
    default:
      return value
  }
}

/** Floats of the lines are Python's text. */
function wantedOf(type: DataType, wanted: unknown): unknown {
  const number = (text: unknown): unknown =>
    text === null ? null : Number(String(text).replace('inf', 'Infinity'))
  if (type.kind === 'float') return number(wanted)
  if (type.kind === 'map' && wanted !== null)
    return (wanted as [string, unknown][]).map(([key, item]) => [key, number(item)])
  return wanted
}

function compare(batches: readonly Batch[]): number {
  let row = 0
  const names = (HEAD as { names: string[] }).names
  for (const batch of batches) {
    const readers = batch.columns.map(readColumn)
    for (let i = 0; i < batch.rows; i++, row++) {
      const line = ROWS[row] as unknown[]
      for (const [c, { name, type }] of batch.schema.fields.entries()) {
        const column = batch.columns[c] as Column
        const ours = plain(column, type, readers[c]?.value(i), i)
        expect(ours, `row ${row}, ${name}`).toEqual(wantedOf(type, line[names.indexOf(name)]))
      }
    }
  }
  return row
}

describe('a file of PyArrow', () => {
  it('gives the values that PyArrow reads, whatever the size of a batch', async () => {
    expect(compare(await decode(FILE))).toBe(ROWS.length)
    expect(compare(await decode(FILE, {}, { ...LIMITS, chunkRows: 7 }))).toBe(ROWS.length)
    const small = await decode(FILE, {}, { ...LIMITS, chunkBytes: 500 })
    expect(compare(small)).toBe(ROWS.length)
    expect(small.length).toBeGreaterThan(20)
  })

  it('reads the named columns, parts of structs and stripes', async () => {
    const [batch] = await decode(FILE, { columns: ['tsi', 'st.y.z', 'i8_0'] })
    expect(batch?.schema.fields.map(({ name }) => name)).toEqual(['i8_0', 'tsi', 'st'])
    expect(batch?.schema.fields[2]?.type).toMatchObject({
      fields: [{ name: 'y', type: { fields: [{ name: 'z' }] } }],
    })
    expect(compare(await decode(FILE, { columns: ['tsi', 'i8_0'] }))).toBe(ROWS.length)
    await expect(decode(FILE, { columns: ['nothing'] })).rejects.toThrow(/no column/)
    await expect(decode(FILE, { stripes: '0-1' })).rejects.toThrow(/counted from 0/)
    expect(compare(await decode(FILE, { stripes: '0' }))).toBe(ROWS.length)
  })

  it('is refused with a class, or read, whatever byte is wrong', async () => {
    const verdicts = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(FILE.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.boolean(),
        async (changes, atEnd) => {
          const bytes = Buffer.from(FILE)
          for (const [at, byte] of changes) bytes[atEnd ? FILE.length - 1 - (at % 900) : at] = byte
          const verdict = await decode(bytes).then(
            () => 'read',
            (error: unknown) => {
              if (!isFault(error)) throw error
              return error.code
            },
          )
          verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
        },
      ),
      { numRuns: 300 },
    )
    console.log('orc, damaged:', Object.fromEntries(verdicts))
  })
})
