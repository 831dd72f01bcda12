import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskText } from './text.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

test.each([
  ['{"phone": 15551234567}', '{"phone": "[PHONE]"}'],
  ['{"phone":"n/a","x":1}', '{"phone":"[PHONE]","x":1}'],
  ['{"phone": null, "email": "", "mail": true}', '{"phone": null, "email": "", "mail": null}'],
  [
    '{"homePhone": {"cc": 1, "no": "5"}, "no": "5"}',
    '{"homePhone": {"cc": "[PHONE]", "no": "[PHONE]"}, "no": "5"}',
  ],
  ['{"e-mails": ["a", ["b", 7]], "z": 7}', '{"e-mails": ["[EMAIL]", ["[EMAIL]", "[EMAIL]"]], "z": 7}'],
  ['{"t\\u00e9l\\u00e9phone": 1234}', '{"t\\u00e9l\\u00e9phone": "[PHONE]"}'],
  ['{"note": "line\\njoe@x.org"}', '{"note": "line\\n[EMAIL]"}'],
  ['{"note": "m\\u00fcller\\u0040x.org"}', '{"note": "[EMAIL]"}'],
  ['{"note": "\\"joe blogs\\"@x.org"}', '{"note": "[EMAIL]"}'],
  ['{"at": "@x.org"}', '{"at": "@x.org"}'],
  ['{"n": 4155550123}', '{"n": 4155550123}'],
  ['{"n": "4155550123"}', '{"n": "[PHONE]"}'],
  ['{"joe@x.org": 1}', '{"[EMAIL]": 1}'],
  ['[{"ssn": "123-45-6789"}, 3]', '[{"ssn": "[SSN]"}, 3]'],
  ['{"email_verified": true, "phone_type": "home"}', '{"email_verified": true, "phone_type": "home"}'],
  ['{"note": "\\t415-555-0123\\n"}', '{"note": "\\t[PHONE]\\n"}'],
  ['{"note": "\\u0020415-555-0123"}', '{"note": "\\u0020[PHONE]"}'],
  ['"joe@x.org"', '"[EMAIL]"'],
  ['{"a": "joe@x.org"', '{"a": "[EMAIL]"'],
  ['{not json 4155550123', '{not json [PHONE]'],
])('%s', (text, masked) => {
  expect(maskText(text)).toBe(masked)
})

const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -1e12, max: 1e12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    'joe@x.org',
    'a\njoe@x.org\t',
    '"joe b"@x.org',
    'call 415-555-0123',
    '\\n@x.org',
    'C:\\new@x.org',
    'ü@ü.de',
    '"',
    '\\',
  ),
)
const key = fc.oneof(fc.string(), fc.constantFrom('phone', 'e-mail', 'ssn', 'id', 'note', 'a@b.org'))
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
  ),
}))

/** Numbers and booleans may have become a token or null; the shape may not change. */
function same(a: Json, b: Json): void {
  if (Array.isArray(a)) {
    expect(Array.isArray(b) && b.length).toBe(a.length)
    for (const [i, item] of a.entries()) same(item, (b as Json[])[i]!)
  } else if (a !== null && typeof a === 'object') {
    const masked = new Set(Object.keys(a).map(maskKey))
    expect(new Set(Object.keys(b as object))).toEqual(masked)
    for (const name of Object.keys(a)) {
      if (Object.keys(a).filter((other) => maskKey(other) === maskKey(name)).length > 1) continue
      same(a[name]!, (b as Record<string, Json>)[maskKey(name)]!)
    }
  } else if (a === null) expect(b).toBe(null)
  else if (typeof a === 'string') expect(typeof b).toBe('string')
  else
    expect(b === a || Object.is(b, a) || b === null || (typeof b === 'string' && b.startsWith('['))).toBe(
      true,
    )
}

function maskKey(name: string): string {
  const masked = JSON.parse(maskText(JSON.stringify({ [name]: 0 }))) as object
  return Object.keys(masked)[0]!
}

test('JSON stays JSON, of the same shape', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify([value], null, indent)
      const masked = maskText(text)
      same(JSON.parse(text) as Json, JSON.parse(masked) as Json)
      expect(masked).not.toMatch(/joe(?:@| b)|415-555/)
    }),
    { numRuns: 5_000 },
  )
})

test('JSON with every character escaped is masked too', () => {
  const escaped = [...'joe.müller@exämple.de']
    .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
  expect(maskText(`{"a":"${escaped}"}`)).toBe('{"a":"[EMAIL]"}')
})
