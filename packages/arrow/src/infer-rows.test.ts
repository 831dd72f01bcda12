import type { Batch, Row, Schema } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBatchBuilder } from './batch-builder.ts'
import { ExactNumber, numberOfToken } from './exact-number.ts'
import { createRowInferrer } from './infer-rows.ts'
import { jsonOfValue, parseExactJson } from './json-text.ts'
import { readColumn, rowsOf } from './read-column.ts'
import { typeToString } from './type-text.ts'
import { schemaOf, types } from './types.ts'

const describeSchema = (schema: Schema): Record<string, string> =>
  Object.fromEntries(schema.fields.map((field) => [field.name, typeToString(field.type)]))

/** As core does it: a schema from a first share of the rows, and again with a wider one until all fit. */
function collect(
  rows: readonly Row[],
  first: number,
  blockRows: number,
): { batches: Batch[]; restarts: number } {
  const inferrer = createRowInferrer()
  let schema = inferrer.infer(rows.slice(0, first))
  for (let restarts = 0; ; restarts++) {
    const batches: Batch[] = []
    for (let at = 0; at < rows.length; at += blockRows) {
      const { batch, contradiction } = inferrer.encode(rows.slice(at, at + blockRows), schema)
      if (contradiction !== undefined) {
        schema = contradiction.wider
        break
      }
      batches.push(batch)
    }
    if (batches.reduce((sum, batch) => sum + batch.rows, 0) === rows.length) return { batches, restarts }
    if (restarts > 50) throw new Error('does not settle')
  }
}

const column = (values: readonly unknown[]): { type: string; values: unknown[] } => {
  const { batches } = collect(
    values.map((value) => ({ a: value })),
    values.length,
    100,
  )
  const batch = batches[0] as Batch
  return { type: describeSchema(batch.schema)['a'] ?? '', values: [...rowsOf(batch)].map((row) => row['a']) }
}

describe('infer', () => {
  it.each([
    ['integers', [1, null, -2], 'int64', [1n, null, -2n]],
    ['the greatest safe integer', [Number.MAX_SAFE_INTEGER], 'int64', [9007199254740991n]],
    ['floats', [1.5, 2], 'float64', [1.5, 2]],
    ['minus zero', [-0, 1], 'float64', [-0, 1]],
    ['numbers that are not numbers', [Number.NaN, 1], 'float64', [Number.NaN, 1]],
    ['unsafe integers as doubles', [2 ** 60], 'float64', [2 ** 60]],
    ['bigints', [2n ** 63n - 1n, 1], 'int64', [2n ** 63n - 1n, 1n]],
    ['bigints beyond 64 bits', [2n ** 64n, 1], 'decimal(38,0)', ['18446744073709551616', '1']],
    ['bigints beyond 38 digits', [10n ** 38n, 1], 'utf8', [`1${'0'.repeat(38)}`, '1']],
    ['64-bit integers with floats', [2n ** 60n, 1.5], 'utf8', ['1152921504606846976', '1.5']],
    ['exact integers', [new ExactNumber('9007199254740993')], 'int64', [9007199254740993n]],
    ['exact decimals', [new ExactNumber('0.12345678901234567890')], 'utf8', ['0.12345678901234567890']],
    ['leading zeros', ['007', '8'], 'utf8', ['007', '8']],
    ['empty text and null', ['', null, undefined], 'utf8', ['', null, null]],
    ['booleans', [true, false], 'bool', [true, false]],
    ['dates', [new Date(-1)], 'timestamp(ms, UTC)', ['1969-12-31T23:59:59.999Z']],
    ['bytes', [Uint8Array.of(1, 2)], 'binary', [Uint8Array.of(1, 2)]],
    ['lists', [[1], [], [2.5]], 'list<float64>', [[1], [], [2.5]]],
    ['nothing', [null, undefined], 'null', [null, null]],
    [
      'objects',
      [{ a: 1 }, { b: 'x' }],
      'struct<a: int64, b: utf8>',
      [
        { a: 1n, b: null },
        { a: null, b: 'x' },
      ],
    ],
    ['empty objects', [{}], 'utf8', ['{}']],
    [
      'a mixture',
      ['x', 1, true, [1, 'y'], { k: -0 }, new Date(0)],
      'utf8',
      ['x', '1', 'true', '[1,"y"]', '{"k":-0}', '1970-01-01T00:00:00.000Z'],
    ],
    ['a mixture below', [{ k: 1 }, { k: 'x' }], 'struct<k: utf8>', [{ k: '1' }, { k: 'x' }]],
  ])('%s', (_, values, type, expected) => {
    expect(column(values)).toEqual({ type, values: expected })
  })

  it('takes only own keys, and those that every object inherits as any other', () => {
    const rows = [{ a: 1 }, JSON.parse('{"constructor":1,"__proto__":2,"a":3}') as Row]
    const batch = collect(rows, 2, 100).batches[0] as Batch
    expect(describeSchema(batch.schema)).toEqual(
      Object.fromEntries([
        ['a', 'int64'],
        ['constructor', 'int64'],
        ['__proto__', 'int64'],
      ]),
    )
    expect(readColumn(batch.columns[1] as Batch['columns'][number]).value(0)).toBe(null)
    expect(readColumn(batch.columns[2] as Batch['columns'][number]).value(0)).toBe(null)
  })

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a class instance', new URL('file:///x')],
    ['an invalid date', new Date(Number.NaN)],
    ['a lone surrogate', 'x\ud800'],
  ])('refuses %s with the column, without the value', (_, value) => {
    expect(() => collect([{ secret: value }], 1, 10)).toThrowError(
      expect.objectContaining({ kind: 'data', message: expect.stringMatching(/^Column "secret"/) }) as Error,
    )
  })
})

describe('encode', () => {
  it('names the column that is new or wider, and a schema that holds all rows', () => {
    const inferrer = createRowInferrer()
    const schema = inferrer.infer([{ a: 1 }])
    expect(inferrer.encode([{ a: 2n ** 60n }], schema).batch?.rows).toBe(1)
    const wide = inferrer.encode([{ a: 1.5 }], schema).contradiction
    expect(wide?.column).toBe('a')
    // A 64-bit integer came before: no double could hold it.
    expect(describeSchema(wide?.wider ?? schema)).toEqual({ a: 'utf8' })
    expect(inferrer.encode([{ b: 1 }], schema).contradiction?.column).toBe('b')
  })

  it('widens a schema from elsewhere by what it has seen', () => {
    const inferrer = createRowInferrer()
    const wide = inferrer.encode([{ a: 1.5 }], schemaOf({ a: types.int64, z: types.bool })).contradiction
    expect(describeSchema(wide?.wider ?? { fields: [] })).toEqual({ a: 'utf8', z: 'bool' })
  })

  it('converts to a declared schema where that is exact, and widens it where it is not', () => {
    const declared = schemaOf({ id: types.int64, at: types.timestampUsUtc })
    const inferrer = createRowInferrer()
    const good = inferrer.encode([{ id: '9007199254740993', at: '2025-01-01T00:00:00.000001Z' }], declared)
    expect([...rowsOf(good.batch as Batch)]).toEqual([
      { id: 9007199254740993n, at: '2025-01-01T00:00:00.000001Z' },
    ])
    const wider = inferrer.encode([{ id: '007', at: null }], declared).contradiction?.wider as Schema
    expect(describeSchema(wider)).toEqual({ id: 'utf8', at: 'timestamp(us, UTC)' })
    const again = inferrer.encode([{ id: '007', at: '2025-01-01T00:00:00Z' }, { id: 8 }], wider)
    expect([...rowsOf(again.batch as Batch)]).toEqual([
      { id: '007', at: '2025-01-01T00:00:00.000000Z' },
      { id: '8', at: null },
    ])
  })

  it.each([
    ['a number', 1],
    ['text', 'abc'],
    ['null', null],
    ['an array', [1]],
    ['a Map', new Map([['a', 1]])],
  ])('refuses %s as a row', (_, row) => {
    expect(() => createRowInferrer().infer([row as never])).toThrowError(/row is not an object/)
    const builder = createBatchBuilder(schemaOf({ a: types.int64 }))
    expect(() => builder.append(row as never)).toThrowError(/row is not an object/)
  })

  it('refuses a value that contains itself, or nearly', () => {
    const loop: unknown[] = []
    loop.push(loop)
    for (const value of [loop, JSON.parse('['.repeat(5000) + ']'.repeat(5000))]) {
      expect(() => collect([{ a: value }], 1, 10)).toThrowError(/500 levels/)
    }
    const deep = JSON.parse('['.repeat(400) + ']'.repeat(400)) as unknown
    expect(column([deep])).toEqual({
      type: `${'list<'.repeat(32)}utf8${'>'.repeat(32)}`,
      values: expect.anything(),
    })
  })

  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, true, false, '', '007', 'é'),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map((big) => numberOfToken(big.toString())),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true }),
    ),
  })).value
  const rowsOfJson = fc.array(
    fc.dictionary(fc.constantFrom('x', 'y', 'z'), json, { noNullPrototype: true }),
    { minLength: 1, maxLength: 30 },
  )

  it('settles, and gives one result however the rows are shared out', () => {
    fc.assert(
      fc.property(
        rowsOfJson,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        (rows, first, size) => {
          const whole = collect(rows, rows.length, 1000)
          const parts = collect(rows, Math.min(first, rows.length), size)
          expect(whole.restarts).toBe(0)
          const names = (batch: Batch | undefined): string[] =>
            (batch?.schema.fields ?? []).map((field) => `${field.name} ${typeToString(field.type)}`)
          // Which empty struct became text may depend on when its first key came; values do not.
          if (!jsonOfValue(rows).includes('{}'))
            expect(names(parts.batches[0])).toEqual(names(whole.batches[0]))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('loses nothing: every value is there, or its exact text', () => {
    fc.assert(
      fc.property(rowsOfJson, (rows) => {
        for (const batch of collect(rows, rows.length, 1000).batches) {
          for (const [c, field] of batch.schema.fields.entries()) {
            const reader = readColumn(batch.columns[c] as Batch['columns'][number])
            for (const [r, row] of rows.entries()) expectSame(row[field.name], parseExactJson(reader.json(r)))
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

/** `got` says what `wanted` says: the same JSON, or in a mixed column its text; absent keys are null. */
function expectSame(wanted: unknown, got: unknown): void {
  if (wanted === null || wanted === undefined) expect(got).toBe(null)
  else if (typeof got === 'string')
    expect(got).toBe(typeof wanted === 'string' ? wanted : jsonOfValue(wanted))
  else if (Array.isArray(wanted)) {
    expect((got as unknown[]).length).toBe(wanted.length)
    for (const [i, item] of wanted.entries()) expectSame(item, (got as unknown[])[i])
  } else if (typeof wanted === 'object' && !(wanted instanceof ExactNumber)) {
    const object = got as Record<string, unknown>
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(object)])) {
      expectSame((wanted as Record<string, unknown>)[key], object[key])
    }
  } else expect(jsonOfValue(got)).toBe(jsonOfValue(wanted))
}
