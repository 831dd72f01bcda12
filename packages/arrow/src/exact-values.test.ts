import type { DataType, TimeUnit } from '@omni/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBatchBuilder } from './batch-builder.ts'
import { createColumnBuilder } from './create-builder.ts'
import { ExactNumber, numberOfToken } from './exact-number.ts'
import { float16ToNumber, numberToFloat16 } from './float16.ts'
import { floatText } from './number-text.ts'
import { rowsOf, textAt } from './read-column.ts'
import { dateText, PER_SECOND, timestampText, toInstant } from './time-text.ts'
import { parseType } from './type-text.ts'
import { schemaOf, types } from './types.ts'
import { widenType } from './widen.ts'

const text = (type: string | DataType, value: unknown): string | null => {
  const builder = createColumnBuilder(typeof type === 'string' ? parseType(type) : type)
  builder.append(value)
  return textAt(builder.finish(), 0)
}

describe('a value that fits', () => {
  it.each<[string, unknown, string]>([
    ['int8', -128, '-128'],
    ['uint8', 255n, '255'],
    ['uint64', '18446744073709551615', '18446744073709551615'],
    ['int64', '-9223372036854775808', '-9223372036854775808'],
    ['int64', -4294967297, '-4294967297'],
    ['int64', new ExactNumber('9007199254740993'), '9007199254740993'],
    ['int64', new ExactNumber('1.5e1'), '15'],
    ['float32', '0.1', '0.1'],
    ['float16', 65504, '65504'],
    ['float64', '9007199254740992.0', '9007199254740992'],
    ['float64', -0, '-0'],
    ['decimal(18,4)', '123.4', '123.4000'],
    ['decimal(18,4)', -5n, '-5.0000'],
    ['decimal(18,4)', 0.1, '0.1000'],
    ['decimal(3,2)', '-0.05', '-0.05'],
    ['decimal(5,-2)', '12300', '12300'],
    ['decimal(38,0)', '9'.repeat(38), '9'.repeat(38)],
    ['decimal256(76,10)', `-${'9'.repeat(66)}.5`, `-${'9'.repeat(66)}.5000000000`],
    ['timestamp(us, UTC)', '2025-05-30T23:14:09.123456+02:00', '2025-05-30T21:14:09.123456Z'],
    ['timestamp(ns, UTC)', '2025-05-30 23:14:09.123456789Z', '2025-05-30T23:14:09.123456789Z'],
    ['timestamp(s)', '2025-05-30T23:14', '2025-05-30T23:14:00'],
    ['timestamp(s, UTC)', '+012345-01-01T00:00:00Z', '+012345-01-01T00:00:00Z'],
    ['timestamp(ns, UTC)', new Date(1), '1970-01-01T00:00:00.001000000Z'],
    ['timestamp(us)', -1n, '1969-12-31T23:59:59.999999'],
    ['date', '0000-02-29', '0000-02-29'],
    ['date', '-000001-12-31', '-000001-12-31'],
    ['date', new Date('2024-02-29'), '2024-02-29'],
    ['time(us)', '23:59:59.5', '23:59:59.500000'],
    ['duration(ms)', 'P1DT1H1M1.5S', 'PT90061.500S'],
    ['binary', Uint8Array.of(255, 0), '/wA='],
    ['map<utf8, int64>', new Map([['a', 1]]), '[["a",1]]'],
    ['list<int64>', BigInt64Array.of(2n ** 60n), '[1152921504606846976]'],
    ['struct<a: decimal(20,1), b: utf8>', { a: '1.5' }, '{"a":1.5,"b":null}'],
  ])('%s', (type, value, expected) => {
    expect(text(type, value)).toBe(expected)
  })
})

describe('a value that does not fit is refused, and not printed', () => {
  it.each<[string, unknown]>([
    ['int8', 128],
    ['int8', 1.5],
    ['uint8', -1],
    ['uint64', -1n],
    ['int64', 2 ** 53],
    ['int64', 2n ** 63n],
    ['int64', '007'],
    ['int64', '1.0'],
    ['int64', ' 1'],
    ['int64', true],
    ['int64', -0],
    ['float32', 0.1],
    ['float16', 65505],
    ['float64', 2n ** 53n + 1n],
    ['float64', '0.12345678901234567'],
    ['float64', '1e999'],
    ['float64', '0x10'],
    ['decimal(4,2)', '1.234'],
    ['decimal(4,2)', '100'],
    ['decimal256(75,10)', `-${'9'.repeat(66)}.5`],
    ['decimal(4,2)', Number.NaN],
    ['decimal(4,2)', '-0'],
    ['decimal(4,2)', '01.5'],
    ['bool', 1],
    ['utf8', 1],
    ['utf8', 'a\udc00'],
    ['binary', 'text'],
    ['fixed(2)', Uint8Array.of(1)],
    ['date', '2025-02-29'],
    ['date', '2025-2-1'],
    ['date', new Date(1)],
    ['timestamp(ms, UTC)', '2025-01-01T00:00:00'],
    ['timestamp(ms)', '2025-01-01T00:00:00Z'],
    ['timestamp(ms, UTC)', '2025-01-01T00:00:00.0001Z'],
    ['timestamp(ms, UTC)', '2025-01-01T24:00:00Z'],
    ['timestamp(ms, UTC)', '2025-01-01T23:59:60Z'],
    ['timestamp(ns, UTC)', '2500-01-01T00:00:00Z'],
    ['timestamp(s, UTC)', new Date(1)],
    ['time(s)', '12:00:00.5'],
    ['duration(s)', 'P1M'],
    ['list<int64>', 'abc'],
    ['list<int64 not null>', [null]],
    ['struct<a: int64>', { a: 1, b: 2 }],
    ['null', 1],
  ])('%s', (type, value) => {
    const builder = createColumnBuilder(parseType(type))
    expect(() => builder.append(value)).toThrowError(
      expect.objectContaining({ kind: 'data', code: expect.stringMatching(/^arrow\.value\./) }) as Error,
    )
    expect(builder.length).toBe(0)
  })

  it('and the row is as if it had never been appended', () => {
    const builder = createBatchBuilder(schemaOf({ a: types.utf8, b: parseType('list<int8>') }))
    builder.append({ a: 'x', b: [1] })
    expect(() => builder.append({ a: 'y', b: [1, 4242] })).toThrowError(/^(?!.*4242)Column "b"/)
    expect(() => builder.append({ a: 'y', c: 1 })).toThrowError(/key/)
    builder.append({ a: 'z' })
    expect([...rowsOf(builder.finish())]).toEqual([
      { a: 'x', b: [1] },
      { a: 'z', b: null },
    ])
  })
})

describe('against what the platform knows', () => {
  it('dates and timestamps are those of Date', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const ms = BigInt(date.getTime())
        const iso = date.toISOString()
        expect(timestampText(ms, 'ms', true)).toBe(iso)
        expect(toInstant(iso, types.timestampMsUtc)).toBe(ms)
        expect(dateText(Math.floor(date.getTime() / 86_400_000))).toBe(iso.slice(0, iso.indexOf('T')))
      }),
    )
  })

  it('counts that a double holds print as the others do', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom<TimeUnit>('s', 'ms', 'us', 'ns'), (count, unit) => {
        const type = { kind: 'timestamp', unit, zone: null } as const
        const printed = timestampText(BigInt(count), unit, false)
        expect(toInstant(printed, type)).toBe(BigInt(count))
        // The same clock, 2^40 days on: a count that takes the way through bigints.
        const perDay = PER_SECOND[unit] * 86_400n
        const clock = printed.slice(printed.indexOf('T'))
        expect(timestampText(BigInt(count) + 2n ** 40n * perDay, unit, false).endsWith(clock)).toBe(true)
      }),
    )
  })

  it.skipIf(!('Float16Array' in globalThis))('float16 is that of Float16Array', () => {
    const Halves = (globalThis as unknown as { Float16Array: new (n: number) => Float32Array }).Float16Array
    const half = new Halves(1)
    const bits = new Uint16Array(half.buffer)
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.double({ min: -70000, max: 70000 }), fc.float()), (value) => {
        half[0] = value
        if (!Number.isNaN(value)) expect(numberToFloat16(value)).toBe(bits[0])
      }),
      { numRuns: 5000 },
    )
    for (let i = 0; i < 65536; i++) {
      bits[0] = i
      expect(Object.is(float16ToNumber(i), half[0])).toBe(true)
    }
  })

  it('float32 text is the shortest that reads back', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const shortest = floatText(value, 32)
        expect(Object.is(Math.fround(Number(shortest)), value)).toBe(true)
        expect(shortest.length).toBeLessThanOrEqual(floatText(value, 64).length)
      }),
    )
  })

  it('a number token is a double only where the double says the same', () => {
    expect(numberOfToken('1.50')).toBe(1.5)
    expect(numberOfToken('-0')).toBe(-0)
    expect(numberOfToken('1E2')).toBe(100)
    for (const token of [
      '9007199254740994',
      '0.1000000000000000055',
      '1e400',
      '12345678901234567.8',
      '1e-400',
    ]) {
      expect(numberOfToken(token)).toEqual(new ExactNumber(token))
    }
    expect(() => new ExactNumber('01')).toThrowError(/JSON number/)
    expect(JSON.stringify({ n: new ExactNumber('9007199254740993') })).toBe('{"n":9007199254740993}')
  })
})

describe('widenType', () => {
  it.each([
    ['null', 'int8', 'int8'],
    ['int8', 'uint8', 'int16'],
    ['int64', 'uint64', 'decimal(20,0)'],
    ['int32', 'float64', 'float64'],
    ['int32', 'float32', 'float64'],
    ['int64', 'float64', 'utf8'],
    ['int64', 'decimal(10,2)', 'decimal(21,2)'],
    ['decimal(38,0)', 'decimal(38,10)', 'decimal256(48,10)'],
    ['bool', 'int8', 'utf8'],
    ['timestamp(s, UTC)', 'timestamp(us, Europe/Paris)', 'timestamp(us, UTC)'],
    ['timestamp(s)', 'timestamp(s, UTC)', 'utf8'],
    ['list<int8>', 'list<utf8>', 'list<utf8>'],
    ['fixed(2)', 'fixed(3)', 'binary'],
    ['struct<a: int8>', 'struct<b: int8 not null>', 'struct<a: int8, b: int8>'],
  ])('%s and %s meet in %s', (a, b, wider) => {
    const expected = parseType(wider)
    expect(widenType(parseType(a), parseType(b))).toEqual(expected)
    if (!a.startsWith('struct')) expect(widenType(parseType(b), parseType(a))).toEqual(expected)
  })
})
