import { ExactNumber } from '@omni/arrow'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExact } from './parse.ts'
import { JsonProblem, MAX_DEPTH } from './problem.ts'
import { parseRecord } from './record.ts'

/** What JSON.parse makes of a text, or undefined where it refuses. */
function builtIn(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function ours(text: string): { value: unknown } | undefined {
  try {
    return { value: parseExact(text) }
  } catch (error) {
    expect(error).toBeInstanceOf(JsonProblem)
    return undefined
  }
}

describe('parseExact', () => {
  it('agrees with JSON.parse on every JSON text without repeated names', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        // As text: integers past 2^53 come as what prints the same, not as doubles.
        expect(JSON.stringify(parseExact(text))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  it('accepts and refuses what JSON.parse does, on texts with a wrong character', () => {
    const text = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value))
    const piece = fc.constantFrom(
      '',
      ',',
      '"',
      '\\',
      '{',
      ']',
      ':',
      '0',
      '-',
      '.',
      'e',
      '\n',
      '\u0001',
      ' ',
      'null',
      '\\u12',
    )
    fc.assert(
      fc.property(text, fc.nat(), piece, fc.nat(2), (base, at, inserted, removed) => {
        const from = at % (base.length + 1)
        const broken = base.slice(0, from) + inserted + base.slice(from + removed)
        expect(ours(broken) === undefined).toBe(builtIn(broken) === undefined)
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps numbers that a double cannot hold, and only those, as text', () => {
    const cases: Record<string, number | string> = {
      '12345678901234567890.10': '12345678901234567890.10',
      '9007199254740993': '9007199254740993',
      '9007199254740991': 9007199254740991,
      '0.1': 0.1,
      '0.17574131496983642': 0.17574131496983642,
      '0.10000000000000000000001': '0.10000000000000000000001',
      '1e400': '1e400',
      '1e-400': '1e-400',
      '1.50E+3': 1500,
      '-12': -12,
      '1e22': 1e22,
    }
    for (const [text, expected] of Object.entries(cases)) {
      for (const value of [
        parseExact(text),
        (parseRecord(`{"n":${text}}`, 1, true, { exactLeft: 0 }) as { n: unknown }).n,
      ]) {
        if (typeof expected === 'number') expect(value).toBe(expected)
        else expect(value).toEqual(new ExactNumber(expected))
      }
    }
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (double) => {
        const value = double === 0 ? 0 : double // String(-0) has no sign
        const isLargeInteger = Number.isInteger(value) && !Number.isSafeInteger(value)
        expect(String(parseExact(String(value)))).toBe(String(value))
        if (!isLargeInteger) expect(parseExact(String(value))).toBe(value)
      }),
    )
  })

  it('keeps every value of a repeated name', () => {
    expect(parseExact('{"a":1,"a":1}')).toEqual({ a: 1 })
    expect(parseExact('{"a":1,"a":"1","b":0,"a":2}')).toEqual({ a_1: 1, a_2: '1', b: 0, a: 2 })
    expect(parseExact('{"a_1":0,"a":1,"a":2}')).toEqual({ a_1: 0, a_2: 1, a: 2 })
    expect(parseRecord('{"x":{"a":1,"a":2}}', 3, false, { exactLeft: 0 })).toEqual({ x: { a_1: 1, a: 2 } })
    const polluted = parseExact('{"__proto__":{"x":1}}') as object
    expect(Object.keys(polluted)).toEqual(['__proto__'])
    expect('x' in polluted).toBe(false)
  })

  it('says where a text is wrong, and quotes nothing of it', () => {
    const cases: Record<string, [number, RegExp]> = {
      '{"a" 1}': [5, /colon/],
      '[1 2]': [3, /comma/],
      '{a:1}': [1, /name/],
      '"ab': [0, /not closed/],
      '"a\\x"': [2, /escape/],
      '[1,]': [3, /value/],
      '01': [0, /zero/],
      '1.': [2, /digit/],
      '{"secret":tru}': [10, /value/],
      '[1]x': [3, /more/],
      '': [0, /ends/],
    }
    for (const [text, [offset, reason]] of Object.entries(cases)) {
      let problem: unknown
      try {
        parseExact(text)
      } catch (error) {
        problem = error
      }
      expect(problem, text).toMatchObject({ offset, reason: expect.stringMatching(reason) })
      expect((problem as JsonProblem).reason).not.toContain('secret')
    }
  })

  it('refuses to nest deeper than it may, fast or exactly', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect(parseExact(nested(MAX_DEPTH))).toBeDefined()
    for (const exact of [true, false]) {
      expect(() => parseRecord(nested(MAX_DEPTH + 1), 0, exact, { exactLeft: 0 })).toThrow(
        expect.objectContaining({ kind: 'depth' }),
      )
    }
  })

  it('refuses half of a surrogate pair', () => {
    expect(parseRecord('{"a":"\\ud83d\\ude00"}', 1, false, { exactLeft: 0 })).toEqual({ a: '😀' })
    for (const text of ['{"a":"\\ud83d"}', '{"\\uDE00":1}', '{"a":[{"b":"x\\ud800y"}]}']) {
      expect(() => parseRecord(text, text.split(':').length - 1, false, { exactLeft: 0 })).toThrow(
        expect.objectContaining({ kind: 'surrogate' }),
      )
    }
  })
})
