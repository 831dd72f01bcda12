import type { Batch, Schema } from '@omni/spec'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMasker, DEFAULT_POLICY, maskText } from '../../src/mask/index.ts'
import { text, texts } from './columns.ts'

// A column is masked as if each of its cells stood alone, whatever its neighbours and however long it is.

const PARTS = [
  'joe',
  '@',
  'x.org',
  'joe@x.org',
  '415',
  '-',
  '555-0123',
  ' ',
  '+1',
  '{"phone":',
  '"',
  '}',
  '7',
  'müller',
  '＠',
  'plain text',
  ',',
  '\\n',
  '(',
  ')',
  'tel',
  'order',
]

function masked(cells: readonly (string | null)[]): (string | null)[] {
  const column = text(cells)
  const schema: Schema = { fields: [{ name: 'note', type: column.type, nullable: true }] }
  const batch: Batch = { schema, rows: cells.length, columns: [column] }
  const masker = createMasker(schema, DEFAULT_POLICY)
  const out = masker.mask(batch)
  masker.scan(out)
  expect(out.columns[0]!.nullCount).toBe(column.nullCount)
  return texts(out.columns[0]!)
}

test('cells are masked alone', () => {
  const cell = fc.array(fc.constantFrom(...PARTS), { maxLength: 6 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(fc.option(cell), { maxLength: 20 }), (cells) => {
      expect(masked(cells)).toEqual(cells.map((value) => (value === null ? null : maskText(value))))
    }),
    { numRuns: 3_000 },
  )
})

test('columns longer than a piece of the sweep', () => {
  const cells: string[] = []
  for (let i = 0; i < 9_000; i++)
    cells.push(i % 7 === 0 ? `joe${i}@x.org` : `${'filler '.repeat(i % 29)}${i % 5 ? '' : '415-555-0123'}`)
  cells.splice(4_000, 0, `${'long '.repeat(200_000)}ann@x.org${' cell'.repeat(100_000)}415.555.0123`)
  expect(masked(cells)).toEqual(cells.map((value) => maskText(value)))
})
