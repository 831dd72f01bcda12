import { isExactNumber } from '@omni/arrow'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseJson, rowOf } from './types.ts'

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max })
const token = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.constantFrom('1', '2', '9'),
    digits(0, 25),
    fc.option(digits(1, 25), { nil: undefined }),
    fc.option(fc.integer({ min: -400, max: 400 }), { nil: undefined }),
  )
  .map(
    ([sign, first, rest, fraction, exponent]) =>
      `${sign}${first}${rest}${fraction === undefined ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`,
  )

/** The value of decimal text as an integer of 10^-500. */
function scaled(text: string): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e\+?(-?\d+))?$/i.exec(text) ?? []
  const value = BigInt(whole + fraction) * 10n ** BigInt(500 + Number(exponent) - fraction.length)
  return sign === '-' ? -value : value
}

it('no number changes, wherever it stands', () =>
  fc.assert(
    fc.property(fc.array(token), fc.constantFrom('', ' ', '\n'), (tokens, space) => {
      const text = `{"a":[${tokens.join(`,${space}`)}],"b":${space}${tokens[0] ?? '0'}}`
      const parsed = parseJson(text) as { readonly a: readonly unknown[]; readonly b: unknown }
      for (const [i, value] of [...parsed.a, parsed.b].entries()) {
        const source = tokens[i === parsed.a.length ? 0 : i] ?? '0'
        expect(scaled(String(value))).toBe(scaled(source))
      }
    }),
  ))

it('uses doubles where they say the same', () => {
  expect(parseJson('[1, 1.10, -0, 1e3, 123456789012345]')).toEqual([1, 1.1, -0, 1000, 123456789012345])
  expect(isExactNumber(parseJson('1e400'))).toBe(true)
})

it('a row is an object, anything else a value', () => {
  expect(rowOf({ a: 1 })).toEqual({ a: 1 })
  expect(rowOf([1])).toEqual({ value: [1] })
  const exact = parseJson('9007199254740993')
  expect(rowOf(exact)).toEqual({ value: exact })
})
