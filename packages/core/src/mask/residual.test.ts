import { isFault } from '@omni/spec'
import { expect, test } from 'vitest'
import { int64, text } from '../../test/mask/columns.ts'
import { scanText, scanWhole } from './residual.ts'

function codeOf(run: () => void): string {
  try {
    run()
  } catch (error) {
    if (!isFault(error)) throw error
    expect(error.kind).toBe('data')
    expect(error.message).toContain('"col"')
    expect(error.message).not.toMatch(/joe|415|555/)
    return `${error.code} ${/e-mail|phone|whole/.exec(error.why)?.[0]}`
  }
  return 'passed'
}

test.each([
  ['joe@example.com', 'mask.residual e-mail'],
  ['x joe.b@mail.example.co.uk y', 'mask.residual e-mail'],
  ['call +14155550123', 'mask.residual phone'],
  ['+4915112345678', 'mask.residual phone'],
  ['a 415-555-0123.', 'mask.residual phone'],
  ['415.555.0123', 'mask.residual phone'],
  ['müller@exämple.de', 'mask.residual e-mail'],
  ['щъ@почта.рф', 'mask.residual e-mail'],
  ['abc＠abc.jp', 'mask.residual e-mail'],
  ['{"a":"anna\\u0040ex.jp"}', 'mask.residual e-mail'],
  ['{"a":"{\\"b\\":\\"anna\\\\uff20ex.jp\\"}"}', 'mask.residual e-mail'],
  ['{"a":"\\uff0b\\uff14\\uff19\\uff13\\uff10\\uff19\\uff12\\uff13\\uff14\\uff15"}', 'mask.residual phone'],
  ['?tel=%EF%BC%8B%D9%A9%D9%A64155550123', 'mask.residual phone'],
  ['?mail=anna%2540%25D0%25BF.%25D1%2580%25D1%2584', 'mask.residual e-mail'],
  ['%D0%BF%D0%BE \\u041f [EMAIL] ü@ü', 'passed'],
  ['[EMAIL] and [PHONE], [SSN]', 'passed'],
  ['@example.com', 'passed'],
  ['\\n@example.com', 'passed'],
  ['1415-555-01234', 'passed'],
  ['2024-01-31', 'passed'],
  ['a+b=1234567', 'passed'],
])('%s: %s', (value, expected) => {
  expect(codeOf(() => scanText(text(['first', value, '', 'last']), 'col'))).toBe(expected)
})

test('what only two cells together would form is not found', () => {
  expect(
    codeOf(() =>
      scanText(
        text(['joe', '@example.com', 'x@', 'example.org', '415-555', '-0123', '+', '14155550123']),
        'col',
      ),
    ),
  ).toBe('passed')
})

test('a hit across the pieces of a long column is found', () => {
  for (const shift of [1, 5, 11]) {
    const filler = 'x'.repeat((1 << 20) - shift)
    expect(codeOf(() => scanText(text([`${filler} 415-555-0123 `]), 'col'))).toBe('mask.residual phone')
  }
})

test('a column masked whole holds tokens, empty text and nulls only', () => {
  expect(codeOf(() => scanWhole(text(['[PHONE]', '', null, '[PHONE]']), 'col', '[PHONE]'))).toBe('passed')
  expect(codeOf(() => scanWhole(text(['[PHONE]', 'n/a']), 'col', '[PHONE]'))).toBe('mask.residual whole')
  expect(codeOf(() => scanWhole(int64([null, null]), 'col', '[PHONE]'))).toBe('passed')
  expect(codeOf(() => scanWhole(int64([null, 5n]), 'col', '[PHONE]'))).toBe('mask.residual whole')
})
