import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextLink, parseLinks } from './link.ts'

describe('parseLinks', () => {
  it.each([
    ['<https://a/?p=2>; rel="next", <https://a/?p=9>; rel="last"', 'https://a/?p=2'],
    ['<https://a/?a=1,2;3>;rel=next', 'https://a/?a=1,2;3'],
    ['</x>; title="a, <b>; rel=next"; rel="prev NEXT"', '/x'],
    ['</x>; rel=prev; rel=next', undefined],
    ['</x>; rel="next"; anchor="#a", </y>; REL = next', '/y'],
    ['</x>; rel=nextish', undefined],
    ['garbage, <y>; rel=next', 'y'],
    ['</x', undefined],
    ['<>; rel=next', ''],
    ['', undefined],
  ])('%s', (header, next) => expect(nextLink(header)).toBe(next))

  const target = fc.string({ unit: fc.constantFrom(...'abc/?=&,;%:.-_~"') })
  const name = fc.string({ unit: fc.constantFrom(...'abcxyz-'), minLength: 1 })
  const value = fc.string({ unit: 'grapheme-ascii' })
  const link = fc.record({ target, params: fc.uniqueArray(fc.tuple(name, value), { selector: ([n]) => n }) })

  it('reads back what was written', () =>
    fc.assert(
      fc.property(fc.array(link), (links) => {
        const header = links
          .map(({ target: t, params }) =>
            [`<${t}>`, ...params.map(([n, v]) => `${n}="${v.replace(/["\\]/g, '\\$&')}"`)].join('; '),
          )
          .join(', ')
        expect(parseLinks(header).map((one) => ({ ...one, params: { ...one.params } }))).toEqual(
          links.map((one) => ({ target: one.target.trim(), params: Object.fromEntries(one.params) })),
        )
      }),
    ))

  it('never throws', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>;,="\\ \ta') }), (header) => {
        parseLinks(header)
      }),
    ))
})
