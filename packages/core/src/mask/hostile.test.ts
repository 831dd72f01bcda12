import { expect, test } from 'vitest'
import { createFinder } from './find.ts'
import { createKeyCache } from './names.ts'
import { createPlainSweep } from './sweep.ts'

// Four times the text may take four times the reads of a byte. Quadratic work would take sixteen.

const UNITS = [
  '@',
  '5',
  'a@',
  'a@b.',
  '5 ',
  '12-',
  '(5)',
  '"@',
  '"a b',
  '\\',
  '\\@',
  '\\n@a.',
  '\\u0040',
  '\\u00fc',
  '\\u00fc@',
  '\\\\uff11',
  '%EF%BC%91',
  '%25',
  '%C3',
  '%40',
  '&',
  '&#64;',
  ';',
  '&amp;',
  '5\u200b',
  '5 \u200b',
  'a.',
  '+',
  '+1 ',
  '{"a":',
  '[',
  '[1234567,',
  '＠５',
  'a',
  '//',
  'a=',
  '?a=',
  '2024-01-01-',
  '1.2.3.4.',
  'phone 5 ',
  '0',
  '01 ',
  '555-123-4567x',
  'é@',
]

/** Reads of single bytes while a text is searched. */
function readsOf(text: string): number {
  const bytes = new Uint8Array(Buffer.from(text))
  let reads = 0
  const counted = new Proxy(bytes, {
    get(target, key) {
      reads++
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const finder = createFinder(createPlainSweep(), createKeyCache())
  finder.find(counted, Int32Array.of(0, bytes.length), 1, { binary: false, hint: 'none' })
  return reads
}

test.each(UNITS)('a long run of %j is linear', (unit) => {
  const short = unit.repeat(Math.ceil(2048 / unit.length))
  for (const tail of ['', '@b.com']) {
    const [less, more] = [readsOf(short + tail), readsOf(short.repeat(4) + tail)]
    expect(less).toBeGreaterThan(2048)
    expect(more / less).toBeLessThan(4.5)
  }
})
