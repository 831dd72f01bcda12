import { normalizeBatch, rowsOf } from '@omni/arrow'
import type { Row, Schema } from '@omni/spec'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { utils, write } from 'xlsx'
import { createWorld, readFile, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.remove())

/** All that a read gave, as rows and the schema of the last batch. */
async function readAll(
  input: Parameters<typeof readFile>[0],
): Promise<{ rows: Row[]; types: Record<string, string>; schema: Schema | undefined }> {
  const read = await readFile(input)
  const rows: Row[] = []
  let schema: Schema | undefined
  for (const some of read.batches) {
    const batch = await normalizeBatch(some)
    schema = batch.schema
    rows.push(...rowsOf(batch))
  }
  const types = Object.fromEntries((schema?.fields ?? []).map(({ name, type }) => [name, type.kind]))
  return { rows, types, schema }
}

async function save(
  name: string,
  rows: unknown[][],
  bookType: 'xlsx' | 'xls' | 'xlsb' | 'ods',
): Promise<string> {
  const book = utils.book_new()
  utils.book_append_sheet(book, utils.aoa_to_sheet(rows), 'People')
  return world.write(`${name}.${bookType}`, write(book, { type: 'buffer', bookType }) as Uint8Array)
}

const TABLE = [
  ['name', 'age', 'score', 'member', 'seen'],
  ['Ada', 36, 1.5, true, new Date(Date.UTC(2024, 0, 5))],
  ['Bob', 41, 2, false, new Date(Date.UTC(2024, 1, 29))],
]

test.each(['xlsx', 'xls', 'xlsb', 'ods'] as const)('a table of %s has typed columns', async (kind) => {
  const path = await save('people', TABLE, kind)
  const { rows, types } = await readAll(path)
  expect(types).toMatchObject({ name: 'utf8', age: 'int', score: 'float', member: 'bool' })
  expect(rows).toEqual([
    { name: 'Ada', age: 36n, score: 1.5, member: true, seen: '2024-01-05' },
    { name: 'Bob', age: 41n, score: 2, member: false, seen: '2024-02-29' },
  ])
})

test('titles above the table are skipped, and a later value of another kind makes the column text', async () => {
  const path = await save(
    'titled',
    [
      ['Report of 2024'],
      [],
      ['id', 'amount'],
      ...Array.from({ length: 3000 }, (_, i) => [i, i / 4]),
      ['last', 'n/a'],
    ],
    'xlsx',
  )
  const { rows, types } = await readAll(path)
  expect(types).toEqual({ id: 'utf8', amount: 'utf8' })
  expect(rows).toHaveLength(3001)
  expect(rows[1]).toEqual({ id: '1', amount: '0.25' })
  expect(rows.at(-1)).toEqual({ id: 'last', amount: 'n/a' })
})

test('a grid keeps empty rows, and is what is displayed', async () => {
  const path = await save('grid', [['a', null, 1.5], [], [null, 'b']], 'xlsx')
  const { rows } = await readAll({ path, header: 'no', cells: 'displayed' })
  expect(rows).toEqual([
    { column_1: 'a', column_2: null, column_3: '1.5' },
    { column_1: null, column_2: null, column_3: null },
    { column_1: null, column_2: 'b', column_3: null },
  ])
})

test('a sheet that there is not is a fault that lists those there are', async () => {
  const path = await save('one', TABLE, 'xlsx')
  await expect(readAll({ path, sheet: 'Nobody' })).rejects.toMatchObject({
    code: 'file.excel.sheet',
    why: 'No sheet is called "Nobody"; there are "People".',
  })
})
