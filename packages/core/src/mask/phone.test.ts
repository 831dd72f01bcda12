import { expect, test } from 'vitest'
import { createPhoneFinder } from './phone.ts'

// The sweep passes over cells of up to eight digits without asking the finder.
test('a cell of up to eight digits and nothing else is no phone number', () => {
  const finder = createPhoneFinder()
  const found: string[] = []
  const ask = (digits: string): void => {
    const bytes = Buffer.from(digits)
    for (const hint of ['none', 'identifier'] as const) {
      finder.scan(bytes, 0, bytes.length, 0, hint, (start, end) => found.push(digits.slice(start, end)))
    }
  }
  for (let n = 0; n < 1_000_000; n++) ask(String(n).padStart(6, '0'))
  // Of the longer ones every start, for it decides, and ends that a date or a rising run would have.
  for (const end of ['0000', '0131', '1231', '4567', '5678', '9999'])
    for (let n = 0; n < 10_000; n++)
      for (const size of [7, 8]) ask(String(n).padStart(4, '0') + end.slice(0, size - 4))
  expect(found).toEqual([])
})
