import { expect, it } from 'vitest'
import { nearest } from './nearest.ts'

it.each([
  ['postgers', 'postgres'],
  ['fiel', 'file'],
  ['rset', 'rest'],
  ['FILE', 'file'],
  ['xyzzy', undefined],
  ['s', undefined],
])('takes %s for %s', (word, meant) => {
  expect(nearest(word, ['file', 'rest', 'mqtt', 'postgres'])).toBe(meant)
})
