import type { Batch, Column } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { encodeRows } from './batch-builder.ts'
import { canonicalBytes } from './canonical-bytes.ts'
import { checkBatch } from './check-batch.ts'
import { normalizeBatch } from './normalize.ts'
import { rowsOf } from './read-column.ts'
import { createReblocker } from './reblock.ts'
import { parseType } from './type-text.ts'
import { BLOCK_ROWS, schemaOf, types } from './types.ts'

const schema = schemaOf({ t: types.utf8, n: types.int64, l: parseType('list<int8>') })
const batch = encodeRows([{ t: 'ü', n: 1, l: [1, 2] }, {}, { t: 'x', n: 3, l: [] }], schema)

function damage(column: 0 | 1 | 2, change: Partial<Column>): Batch {
  const columns = batch.columns.map((one, i) => (i === column ? { ...one, ...change } : one))
  return { ...batch, columns }
}

describe('checkBatch', () => {
  it('passes a good batch on as it is', async () => {
    expect(await normalizeBatch(batch)).toBe(batch)
  })

  it.each<[string, Batch]>([
    ['too few columns', { ...batch, columns: batch.columns.slice(1) }],
    ['a wrong length', damage(1, { length: 2 })],
    ['another type', damage(1, { type: types.float64 })],
    ['short values', damage(1, { values: new Uint8Array(16) })],
    ['nulls without validity', damage(1, { validity: null })],
    [
      'nulls where the field allows none',
      { ...batch, schema: { fields: schema.fields.map((field) => ({ ...field, nullable: false })) } },
    ],
    ['missing offsets', damage(0, { offsets: null })],
    ['offsets that do not begin at 0', damage(0, { offsets: Int32Array.of(1, 2, 2, 3) })],
    ['offsets that fall', damage(0, { offsets: Int32Array.of(0, 3, 2, 3) })],
    ['too few offsets', damage(0, { offsets: Int32Array.of(0, 2) })],
    ['offsets beyond the bytes', damage(0, { offsets: Int32Array.of(0, 2, 2, 9) })],
    ['text that is not UTF-8', damage(0, { values: Uint8Array.of(0xff, 0x61, 0x61) })],
    [
      'a character cut in two',
      damage(0, { offsets: Int32Array.of(0, 2, 2, 3), values: Uint8Array.of(0x61, 0xc3, 0xbc) }),
    ],
    ['a missing child', damage(2, { children: [] })],
    ['a child of a wrong length', damage(2, { offsets: Int32Array.of(0, 1, 1, 1) })],
  ])('refuses %s', (_, damaged) => {
    expect(() => checkBatch(damaged)).toThrowError(
      expect.objectContaining({ kind: 'data', code: 'arrow.batch.damaged' }) as Error,
    )
  })

  it('aligns values that are not', () => {
    const shifted = new Uint8Array(25)
    shifted.set(batch.columns[1]?.values ?? [], 1)
    const checked = checkBatch(damage(1, { values: shifted.subarray(1) }))
    expect((checked.columns[1] as Column).values.byteOffset % 8).toBe(0)
    expect([...rowsOf(checked)]).toEqual([...rowsOf(batch)])
  })
})

describe('blocks', () => {
  const tall = encodeRows(
    Array.from({ length: BLOCK_ROWS * 2 + 5 }, (_, i) => ({ n: i })),
    schemaOf({ n: types.int64 }),
  )

  it('share the memory of the batch they lie in', () => {
    const reblocker = createReblocker(tall.schema)
    const blocks = reblocker.push(tall)
    expect(blocks.map((block) => block.rows)).toEqual([BLOCK_ROWS, BLOCK_ROWS])
    expect(blocks[1]?.columns[0]?.values.buffer).toBe(tall.columns[0]?.values.buffer)
    expect(reblocker.pending).toBe(5)
    expect(reblocker.flush()?.rows).toBe(5)
    expect(reblocker.flush()).toBe(undefined)
  })

  it('refuse another schema', () => {
    const reblocker = createReblocker(tall.schema)
    expect(() => reblocker.push(batch)).toThrowError(
      expect.objectContaining({ code: 'arrow.schema.changed' }) as Error,
    )
  })

  it('have the size of their values', () => {
    // Tag and count 8, validity 1, then 3 lengths and 3 bytes; 3 values; 3 lengths and a child of 8 + 1 + 2.
    expect(canonicalBytes(batch)).toBe(8 + 1 + 12 + 3 + (8 + 1 + 24) + (8 + 1 + 12 + (8 + 1 + 2)))
  })
})
