import type { Column, Schema } from '@omni/spec'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMasker, DEFAULT_POLICY } from './index.ts'
import { scanText } from './residual.ts'
import { createTextMasker, maskText } from './text.ts'

const { bytes: maskBytes } = createTextMasker()

const utf8 = (texts: readonly string[]): Column => {
  const bytes = texts.map((text) => Buffer.from(text))
  const offsets = new Int32Array(texts.length + 1)
  for (const [i, b] of bytes.entries()) offsets[i + 1] = offsets[i]! + b.length
  return {
    type: { kind: 'utf8' },
    length: texts.length,
    nullCount: 0,
    validity: null,
    offsets,
    values: new Uint8Array(Buffer.concat(bytes)),
    children: [],
  }
}

/** Pieces that make hostile neighbours of each other. */
const PIECES = [
  'joe',
  '@',
  'x.org',
  '.',
  ' ',
  '-',
  '+',
  '1',
  '415',
  '555-0123',
  '0123',
  '(',
  ')',
  '/',
  '"',
  '\\',
  '\\n',
  '\\u0040',
  '\\u00fc',
  '%40',
  '%20',
  '%EF%BC%A0',
  '%EF%BC%91',
  '%25EF%25BC%258B',
  '\\\\uff0b',
  '\\u0661',
  '\\\\u0040',
  '\\\\u00a0',
  '&#64;',
  '&',
  ';',
  '=',
  '?',
  ':',
  ',',
  'ü',
  '＠',
  '５',
  '\u200b',
  '\u00a0',
  'tel',
  'order',
  '[EMAIL]',
  '[PHONE]',
  '{',
  '}',
  '[',
  ']',
  '_',
  "'",
  '2024-01-31',
  '10.0.0.1',
  'example.com',
  '415.555.0123',
  '+14155550123',
  'joe@x.org',
  'a',
  '\n',
  '例',
  '”',
  '€',
  'x12',
  '00',
  '049',
]
const WHOLE = [
  ...PIECES.filter((piece) => !/^[\\\\%&=]/.test(piece)),
  'call (415) 555-0123',
  'Order 4155550123',
  'ü@ü.de',
]
const hostile = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((parts) => parts.join(''))

test('nothing that is masked trips the residual scan', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 5 }), (texts) => {
      scanText(utf8(texts.map(maskText)), 'c')
    }),
    { numRuns: 10_000 },
  )
})

test('a masker for many texts masks each as if it were the first', () => {
  const masker = createTextMasker()
  const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (one) => {
      expect(masker.text(one)).toBe(maskText(one))
    }),
    { numRuns: 2000 },
  )
})

test('masking a masked text changes nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...WHOLE), { maxLength: 12 }),
      fc.constantFrom(', ', '\n', '; '),
      (parts, joint) => {
        const text = parts.join(joint)
        const once = maskText(text)
        expect(maskText(once)).toBe(once)
      },
    ),
    { numRuns: 10_000 },
  )
})

test('text without personal data stays byte for byte', () => {
  const word = fc.constantFrom(
    'the',
    'Straße',
    'naïve',
    '漢字',
    'price',
    '42',
    '3.14',
    '2024',
    '12:30',
    '7%',
    'a-b',
    'x_y',
    '(ok)',
    '“so”',
    'it’s',
    '1,234',
    '😀',
    '#7',
    'v1.2.3',
    'R&D',
    'é',
    'ال',
    'हिन्दी',
    '…',
  )
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 30 }),
      fc.constantFrom(', ', '; ', '\n', '. So '),
      (words, joint) => {
        const text = words.join(joint)
        expect(maskText(text)).toBe(text)
      },
    ),
    { numRuns: 3_000 },
  )
})

test('any bytes: same object when nothing was found, and never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const before = bytes.slice()
      const masked = maskBytes(bytes)
      expect(bytes).toEqual(before)
      if (masked !== bytes) expect(Buffer.from(masked).equals(Buffer.from(bytes))).toBe(false)
    }),
    { numRuns: 5_000 },
  )
})

test('UTF-8 stays valid UTF-8', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  fc.assert(
    fc.property(fc.array(fc.oneof(hostile, fc.string({ unit: 'grapheme' })), { maxLength: 6 }), (parts) => {
      decoder.decode(maskBytes(Buffer.from(parts.join(''))))
    }),
    { numRuns: 5_000 },
  )
})

test('Latin-1 bytes of an address go whole', () => {
  const masked = maskBytes(Buffer.from('an müller@exämple.de, bitte', 'latin1'))
  expect(Buffer.from(masked).toString('latin1')).toBe('an [EMAIL], bitte')
})

test('bytes of an image are left alone', () => {
  let seed = 7
  const noise = Uint8Array.from({ length: 4 << 20 }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed >>> 24
  })
  expect(maskBytes(noise) === noise).toBe(true)
})

test('bytes that are masked do not trip the residual scan either', () => {
  const bytes = fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          ...[...'abz019@@@...--+ "\\/%&;:=_()[]\n\0\x01\x7f\xe9\xfc\xc3\xbc\xef\xbc\xa0'].map((c) =>
            c.charCodeAt(0),
          ),
        ),
      },
      { weight: 1, arbitrary: fc.nat(255) },
    ),
    { maxLength: 40 },
  )
  const column = (values: Uint8Array): Column => ({
    ...utf8(['']),
    type: { kind: 'binary' },
    offsets: Int32Array.of(0, values.length),
    values,
  })
  fc.assert(
    fc.property(bytes, (values) => {
      const schema: Schema = { fields: [{ name: 'blob', type: { kind: 'binary' }, nullable: true }] }
      const masker = createMasker(schema, DEFAULT_POLICY)
      masker.scan(masker.mask({ schema, rows: 1, columns: [column(Uint8Array.from(values))] }))
    }),
    { numRuns: 10_000 },
  )
})

test('an ASCII address among bytes of a message is masked', () => {
  for (const [before, after] of [
    ['\x12\x0f', '\x1a\0'],
    ['\0\xe9', '\xff\0'],
    ['\xff\xfe\0', '\xc3\0'],
  ]) {
    const masked = maskBytes(Buffer.from(`${before}joe@example.com${after}`, 'latin1'))
    expect(Buffer.from(masked).toString('latin1')).not.toMatch(/joe|example/)
  }
})
