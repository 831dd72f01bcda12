import fc from 'fast-check'
import { expect, test } from 'vitest'
import { text, texts } from '../../test/mask/columns.ts'
import { createMasker, DEFAULT_POLICY } from './index.ts'
import { createTextMasker, maskText } from './text.ts'

// Every address and number in every coded form, one code inside another too, must go whole.

const wide = (plain: string): string =>
  plain.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))
const arabic = (plain: string): string => plain.replace(/\d/g, (c) => String.fromCharCode(0x660 + Number(c)))

const PERSONAL: readonly (readonly [string, string])[] = [
  ['anna@ex.com', '[EMAIL]'],
  ['müller@exämple.de', '[EMAIL]'],
  ['щъабв@почта.рф', '[EMAIL]'],
  ['anna＠ex.jp', '[EMAIL]'],
  ['魑魅@例え.jp', '[EMAIL]'],
  ['𠮷野@𠮷.jp', '[EMAIL]'],
  ['+1 415 234 5678', '[PHONE]'],
  ['+14152345678', '[PHONE]'],
  [wide('+49309234567'), '[PHONE]'],
  [wide('+1 415 234-5678'), '[PHONE]'],
  [arabic('+966512345678'), '[PHONE]'],
  ['+1\u00a0415\u00a0234\u20115678', '[PHONE]'],
  ['+1\u200b415\u200b234\u200b5678', '[PHONE]'],
  ['+33-6-12-34-56-78', '[PHONE]'],
  ['06 12 34 56 78', '[PHONE]'],
  ['4152345678', '[PHONE]'],
]

const json = (value: unknown): string => JSON.stringify(value)
const escaped = (value: unknown): string =>
  json(value).replace(/[@+\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
const percent = encodeURIComponent

const FORMS: Readonly<Record<string, (value: string) => string>> = {
  json: (v) => json({ at: v }),
  'JSON in JSON': (v) => json({ escaped: json({ at: v }) }),
  escaped: (v) => escaped({ at: v }),
  'escaped in JSON': (v) => json({ escaped: escaped({ at: v }) }),
  'escaped in escaped JSON': (v) => escaped({ escaped: escaped({ at: v }) }),
  'JSON in a log line': (v) => `got ${json({ escaped: escaped({ at: v }) })} from queue`,
}

for (const [name, form] of Object.entries(FORMS)) {
  test.each(PERSONAL)(`${name}: %s`, (value, token) => {
    expect(maskText(form(value))).toBe(form(token))
  })
}

test.each(PERSONAL)('in a URL: %s', (value, token) => {
  for (const code of [
    percent,
    (v: string) => percent(percent(v)),
    (v: string) => percent(percent(percent(v))),
  ]) {
    expect(maskText(`https://a.example/x?tel=${code(value)}`)).toBe(`https://a.example/x?tel=${token}`)
  }
  expect(maskText(json({ url: `https://a.example/x?q=%C3%BC&tel=${percent(value)}&page=2` }))).toBe(
    json({ url: `https://a.example/x?q=%C3%BC&tel=${token}&page=2` }),
  )
})

test.each([
  '%D0%BF%D0%BE%D1%87%D1%82%D0%B0',
  '%F0%9F%98%80 \\ud83d\\ude00',
  'C:\\users\\unit\\u00',
  '{"k":"\\u041f\\u0440 15 \\u0440\\u0443\\u0431"}',
  '%C3%28%C3%C3%25%25%',
  '{"a":"\\\\\\"\\u0022\\\\u0022"}',
])('nothing personal: %s', (value) => {
  expect(maskText(value)).toBe(value)
})

test('any text of codes: JSON stays JSON, and no address stays', () => {
  const piece = fc.constantFrom(
    ...PERSONAL.map(([value]) => value),
    '\\',
    '"',
    '\n',
    ' ',
    'ü',
    '%',
    '%25',
    'a',
    ', ',
    '\ud83d\ude00',
    '\ud800',
  )
  const inner = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(inner, fc.constantFrom(...Object.values(FORMS).slice(0, 5)), (value, form) => {
      const masked = maskText(form(value))
      expect(() => JSON.parse(masked)).not.toThrow()
      expect(masked).not.toMatch(/exämple|почта|anna[@＠]/)
    }),
    { numRuns: 5_000 },
  )
})

test.each(PERSONAL)('in bytes that are UTF-8: %s', (value, token) => {
  const column = text(
    [`say ${value} and more`, Uint8Array.of(0xff, 0x40, 0x41), `\x0a\x11${value}\x12\x00`],
    'binary',
  )
  const schema = { fields: [{ name: 'b', type: column.type, nullable: true }] }
  const masker = createMasker(schema, DEFAULT_POLICY)
  const masked = masker.mask({ schema, rows: 3, columns: [column] })
  masker.scan(masked)
  const [first, , third] = texts(masked.columns[0]!)
  expect(first).toBe(`say ${token} and more`)
  expect(third).toBe(`\x0a\x11${token}\x12\x00`)
})

test.each(PERSONAL)('in a record with a broken byte: %s', (value, token) => {
  const raw = Buffer.concat([Uint8Array.of(0xff), Buffer.from(` row,${value}, end`)])
  expect(Buffer.from(createTextMasker().bytes(raw)).toString().slice(1)).toBe(` row,${token}, end`)
})

test('numbers that happen to be ASCII bytes stay', () => {
  const bytes = Buffer.from([0x5f, 0x40, 0x41, 0x42, 0, 0, 0, 0x41, 0x40, 0x42, 0x43, 0])
  const column = text([bytes], 'binary')
  const schema = { fields: [{ name: 'b', type: column.type, nullable: true }] }
  expect(createMasker(schema, DEFAULT_POLICY).mask({ schema, rows: 1, columns: [column] }).columns[0]).toBe(
    column,
  )
})
