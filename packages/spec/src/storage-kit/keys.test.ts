import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readKey, writeKey } from './keys.ts'

it('writes every key so that it is read as itself, and ends no path of a URL', () => {
  const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[%2357?#FfAa/+ -]{0,12}$/))
  fc.assert(
    fc.property(key, (text) => {
      expect(writeKey(text)).not.toMatch(/[?#]/)
      expect(readKey(writeKey(text))).toBe(text)
    }),
    { numRuns: 2000 },
  )
})

it('leaves everything else as it is', () => {
  expect(writeKey('a b+c%20ü//')).toBe('a b+c%20ü//')
  expect(writeKey('50%?#%3f')).toBe('50%%3F%23%253f')
})
