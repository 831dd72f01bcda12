import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { encodeRows, normalizeBatch, parseType, readColumn, schemaOf, toIpc, typeToString } from '@omni/arrow'
import { type Batch, isFault } from '@omni/spec'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrow } from '../src/arrow/index.ts'
import { decodeBytes } from './decode-bytes.ts'
import { createWorld, readFile, type World } from './world.ts'

// Written by PyArrow 26, and the expected values checked against what it reads from them.
const FIXTURES = join(import.meta.dirname, 'fixtures/arrow')
const EXPECTED = JSON.parse(readFileSync(join(FIXTURES, 'all-types.json'), 'utf8')) as {
  readonly columns: readonly string[]
  readonly rows: readonly string[]
}

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

async function read(
  input: Parameters<typeof readFile>[0],
  more: Parameters<typeof readFile>[1] = {},
): Promise<{ columns: string[]; rows: string[]; sizes: number[] }> {
  const { batches } = await readFile(input, more)
  const ours: Batch[] = []
  for (const batch of batches) ours.push(await normalizeBatch(batch))
  const rows = ours.flatMap((batch) => {
    const readers = batch.columns.map((column) => readColumn(column))
    return Array.from({ length: batch.rows }, (_, i) => `[${readers.map((reader) => reader.json(i)).join()}]`)
  })
  const columns = (ours[0] as Batch).schema.fields.map(({ name, type }) => `${name}: ${typeToString(type)}`)
  return { columns, rows, sizes: ours.map((batch) => batch.rows) }
}

describe('arrow', () => {
  it.each(['all-types.lz4.arrow', 'all-types.zstd.arrows', 'all-types.v4.arrows'])(
    'gives every type exactly: %s',
    async (name) => {
      const { columns, rows } = await read(join(FIXTURES, name))
      expect({ columns, rows }).toEqual(EXPECTED)
    },
  )

  it('follows dictionaries that grow and are replaced', async () => {
    const { rows } = await read(join(FIXTURES, 'dictionaries.arrows'))
    expect(rows).toEqual(['["a"]', '["b"]', '[null]', '["c"]', '["a"]', '["z"]'])
  })

  it('reads it packed, in any piece, and the chosen columns only', async () => {
    const bytes = readFileSync(join(FIXTURES, 'all-types.lz4.arrow'))
    const path = await world.write('packed.arrow.gz', gzipSync(bytes))
    expect((await read(path, { limits: { chunkRows: 1 } })).rows).toEqual(EXPECTED.rows)
    const some = await read({ path, columns: ['st.b.c', 'u8'] })
    expect(some.columns).toEqual(['u8: uint8', 'st: struct<b: struct<c: utf8>>'])
    expect(some.rows).toEqual(['[255,{"b":{"c":null}}]', '[null,null]', '[0,{"b":null}]'])
  })

  it('gives what apache-arrow wrote, in pieces as large as the limits', async () => {
    const schema = schemaOf({
      id: parseType('int64'),
      text: parseType('utf8'),
      list: parseType('list<struct<n: float64, t: timestamp(us, UTC)>>'),
      flag: parseType('bool'),
    })
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      id: BigInt(i) + 2n ** 60n,
      text: i % 7 === 0 ? null : 'x'.repeat(i % 50),
      list: i % 5 === 0 ? null : Array.from({ length: i % 4 }, (_, n) => ({ n, t: BigInt(i * n) })),
      flag: i % 11 === 0 ? null : i % 3 === 0,
    }))
    const batch = encodeRows(rows, schema)
    const path = await world.write('many.arrows', await toIpc([batch, batch]))
    const found = await read(path, { limits: { chunkRows: 333 } })
    const readers = batch.columns.map((column) => readColumn(column))
    const expected = rows.map((_, i) => `[${readers.map((reader) => reader.json(i)).join()}]`)
    expect(found.rows).toEqual([...expected, ...expected])
    expect(Math.max(...found.sizes)).toBe(333)
    expect((await read(path, { limit: 70 })).rows).toEqual(expected.slice(0, 70))
    const none = await world.write('none.arrows', await toIpc([], schema))
    expect(await read(none)).toMatchObject({ columns: { length: 4 }, rows: [] })
  })

  it('refuses Feather v1 and what is cut off', async () => {
    const bytes = readFileSync(join(FIXTURES, 'all-types.lz4.arrow'))
    const codeOf = (content: Uint8Array): Promise<unknown> =>
      decodeBytes(arrow, content).then(
        () => 'read',
        (error: unknown) => (isFault(error) ? error.code : error),
      )
    expect(await codeOf(Buffer.from('FEA1\0\0\0\0'))).toBe('file.arrow.feather-v1')
    for (const length of [9, 200, bytes.length >> 1, bytes.length - 1]) {
      expect(await codeOf(bytes.subarray(0, length)), `${length} bytes`).toBe('file.arrow.truncated')
    }
  })

  it('takes any damage as a fault, within bounds', { timeout: 120_000 }, async () => {
    const files = [
      'all-types.lz4.arrow',
      'all-types.zstd.arrows',
      'all-types.v4.arrows',
      'dictionaries.arrows',
    ]
    const originals = files.map((name) => readFileSync(join(FIXTURES, name)))
    const outcomes = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(files.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { minLength: 1, maxLength: 4 }),
        async (file, edits) => {
          const bytes = Buffer.from(originals[file] as Buffer)
          for (const [at, byte] of edits) bytes[8 + (at % (bytes.length - 8))] = byte
          const outcome = await decodeBytes(arrow, bytes).then(
            () => 'read',
            (error: unknown) => (isFault(error) ? error.kind : String(error)),
          )
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
          expect(outcome).toMatch(/^(read|data|unsupported)$/)
        },
      ),
      { numRuns: 1000 },
    )
    console.log('arrow, damaged at random:', Object.fromEntries(outcomes))
  })

  it('refuses a buffer that claims to unpack to terabytes', async () => {
    const bytes = readFileSync(join(FIXTURES, 'all-types.zstd.arrows'))
    const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
    const at = bytes.indexOf(magic)
    for (const claim of [2n ** 42n, 2n ** 29n, -2n]) {
      const lying = Buffer.from(bytes)
      lying.writeBigInt64LE(claim, at - 8)
      await expect(decodeBytes(arrow, lying), String(claim)).rejects.toMatchObject({
        code: claim < 0n ? 'file.arrow.corrupt' : 'file.bomb',
      })
    }
  })
})
