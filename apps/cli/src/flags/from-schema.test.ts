import { defineSource, type StandardSchemaV1 } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { flagsOfSource, kebab } from './from-schema.ts'
import { createFlagValues } from './values.ts'

function sourceWith(properties: Record<string, unknown>, required: string[] = []) {
  const options = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value: unknown) => ({ value: value as { at: string } }),
      jsonSchema: { input: () => ({ type: 'object', properties, required }) },
    },
  } as unknown as StandardSchemaV1<unknown, { at: string }>
  return defineSource({
    name: 'thing',
    summary: '',
    locator: 'at',
    options,
    capabilities: {},
    describe: () => ({ label: 'thing:x', dataset: 'x' }),
    open: () => ({ discover: async () => [], read: async function* () {} }),
  }).source
}

const flagNamed = (properties: Record<string, unknown>, name: string, taken: string[] = []) =>
  flagsOfSource(sourceWith(properties), new Set(taken)).find((flag) => flag.name === name)

describe('flags from the option schema', () => {
  it('spells names in kebab case', () => {
    expect(['pageRows', 'page_rows', 'url', 'maxURLs'].map(kebab)).toEqual([
      'page-rows',
      'page-rows',
      'url',
      'max-urls',
    ])
  })

  it.each([
    [{ type: 'string' }, 'text', '<text>'],
    [{ type: 'integer' }, 'integer', '<n>'],
    [{ type: 'number' }, 'number', '<n>'],
    [{ type: 'boolean' }, 'boolean', ''],
    [{ type: 'string', enum: ['a', 'b'] }, 'choice', '<a|b>'],
    [{ type: 'array', items: { type: 'string' } }, 'list', '<text>'],
    [{ type: 'object', additionalProperties: { type: 'string' } }, 'record', '<k=v>'],
    [{ anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }, 'list', '<text>'],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'text', '<text>'],
    [
      {
        anyOf: [
          { type: 'number', const: 0 },
          { type: 'number', const: 1 },
        ],
      },
      'number',
      '<0|1>',
    ],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'json', '<value>'],
    [{}, 'json', '<value>'],
  ])('makes %j a %s flag', (property, kind, placeholder) => {
    expect(flagNamed({ x: property }, 'x')).toMatchObject({ kind, placeholder })
  })

  it('flattens nested objects and keeps the path', () => {
    const flag = flagNamed(
      { tls: { type: 'object', properties: { caFile: { type: 'string' } } } },
      'tls-ca-file',
    )
    expect(flag?.path).toEqual(['tls', 'caFile'])
  })

  it('puts the name of the source before a flag that is taken, and before one whose negation is', () => {
    expect(flagNamed({ format: { type: 'string' } }, 'thing-format', ['format'])?.path).toEqual(['format'])
    expect(flagNamed({ mask: { type: 'boolean' } }, 'thing-mask', ['no-mask'])?.path).toEqual(['mask'])
  })

  it('knows what is required, save the locator, and defaults', () => {
    const flags = flagsOfSource(
      sourceWith({ at: { type: 'string' }, q: { type: 'string' }, n: { type: 'integer', default: 5 } }, [
        'at',
        'q',
        'n',
      ]),
      new Set(),
    )
    expect(flags.map((flag) => [flag.name, flag.required ?? false, flag.fallback])).toEqual([
      ['at', false, undefined],
      ['q', true, undefined],
      ['n', false, '5'],
    ])
  })
})

describe('values of flags', () => {
  const take = (property: Record<string, unknown>, ...texts: (string | boolean)[]) => {
    const flag = flagNamed({ x: property }, 'x')
    if (flag === undefined) throw new TypeError('no flag')
    const values = createFlagValues()
    for (const text of texts) values.take(flag, text)
    return values.toOptions()['x']
  }

  it('converts by kind, repeats lists and records', () => {
    expect(take({ type: 'integer' }, '12')).toBe(12)
    expect(take({ type: 'boolean' }, false)).toBe(false)
    expect(take({ type: 'array', items: { type: 'integer' } }, '1', '2')).toEqual([1, 2])
    expect(take({ type: 'object', additionalProperties: { type: 'string' } }, 'a=1=2', 'b=')).toEqual({
      a: '1=2',
      b: '',
    })
    expect(take({}, '{"a":[1]}')).toEqual({ a: [1] })
  })

  it('keeps as text what a number would change', () => {
    expect(take({}, '007')).toBe('007')
    expect(take({}, '12345678901234567890')).toBe('12345678901234567890')
    expect(take({}, '42')).toBe(42)
  })

  it.each([
    [{ type: 'integer' }, '1.5'],
    [{ type: 'integer' }, ''],
    [{ type: 'number' }, 'abc'],
    [{ type: 'string', enum: ['red'] }, 'blue'],
    [{ type: 'object', additionalProperties: { type: 'string' } }, 'novalue'],
  ])('refuses for %j the text %j without repeating it', (property, text) => {
    expect(() => take(property, text)).toThrowError(
      expect.objectContaining({
        kind: 'config',
        code: 'cli.flag-value',
        why: expect.not.stringContaining(text || ' "'),
      }),
    )
  })
})
