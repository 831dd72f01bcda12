import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvDialect, type CsvSplitter, type CsvType, KIND } from './csv.ts'
import { loadKernelsSync, twins } from './load.ts'

const kernels = loadKernelsSync()

/** Bytes that meet every branch of the splitter often. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ',',
      ',',
      '\n',
      '\r\n',
      '\r',
      '"',
      '""',
      ' ',
      'a',
      'NULL',
      '',
      'é',
      '\\',
      '\\"',
      '/',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 70 }) },
)
const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.constantFrom(
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '-9223372036854775809',
  ),
  fc.double({ noNaN: true }).map(String),
  fc.tuple(fc.nat(99_999), fc.nat(99)).map(([whole, cents]) => `${whole}.${String(cents).padStart(2, '0')}`),
  fc.constantFrom(
    '0',
    '-0',
    '0.0',
    '-0.00',
    '007',
    '+1',
    '1.',
    '.5',
    '1e5',
    '1e+21',
    '1.5e-7',
    '1E+21',
    '0.000001',
  ),
  fc.constantFrom(
    '0.0000001',
    '-',
    '',
    '12a',
    '1.2.3',
    '99999999999999999999999999999999999999',
    '0.1e+21',
    ' 1',
  ),
  fc.stringMatching(/^-?[0-9]{1,3}\.[0-9]{1,39}$/),
)
const time = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 19).replace('T', ' ')),
  fc.stringMatching(
    /^(1677|1678|1970|2262|2024|0001|0000)-(02|13|06)-(28|29|30|31)([T ]2[34]:[56]9:[56]9(\.\d{3}(\d{3}(\d{3})?)?)?Z?)?$/,
  ),
)
const text = fc.constantFrom('true', 'false', 'True', 'False', 'TRUE', 'FALSE', 'tRue', 'x', 'null', 'truE1')
const value = fc.oneof(number, time, text)

const types: CsvType[] = [
  { kind: 'int64' },
  ...[0, 1, 2, 6, 17, 38].map((scale): CsvType => ({ kind: 'decimal', scale })),
  { kind: 'float64' },
  { kind: 'date' },
  ...Array.from({ length: 16 }, (_, i): CsvType => ({ kind: 'timestamp', stamp: KIND.stamp << i })),
  ...[0, 1, 2].map((spelling): CsvType => ({ kind: 'bool', spelling })),
]

/** Everything a splitter says of its piece. */
function everything(splitter: CsvSplitter, rows: number, columns: number, bit: number): unknown {
  const at = Array.from({ length: rows }, (_, row) => splitter.record(row))
  const read = Array.from({ length: columns }, (_, column) => {
    const { values, ends, validity, nulls } = splitter.text(column, 1000, bit)
    const copied = { values: hex(values), ends: Array.from(ends), validity: hex(validity), nulls }
    const fixed = types.map((type) => {
      const found = splitter.fixed(column, type, bit)
      if (found.failed >= 0) return found.failed
      return { values: hex(found.values), validity: hex(found.validity), nulls: found.nulls }
    })
    return { copied, fixed, kinds: splitter.kinds(column) }
  })
  const starts = ['', 'a', '"', 'é', ',,', 'NULL,'].map((text) => splitter.starting(Buffer.from(text)))
  return { at, read, starts, alone: splitter.alone() }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function compare(dialect: CsvDialect, bytes: Uint8Array, final: boolean, maxRows: number, bit: number): void {
  const wasm = kernels.createCsvSplitter(dialect)
  const twin = twins.createCsvSplitter(dialect)
  let [from, line] = [0, 1]
  for (;;) {
    const again = from > 0
    const found = wasm.split(bytes, from, bytes.length, { final, maxRows, line, again })
    expect(found).toEqual(twin.split(bytes, from, bytes.length, { final, maxRows, line }))
    const { columns } = dialect
    expect(everything(wasm, found.rows, columns, bit)).toEqual(everything(twin, found.rows, columns, bit))
    const added = found.rejected.map(({ start, end, line, before }, i) => {
      const fields = Array.from(
        { length: columns },
        (_, c) => [null, bytes.slice(0, 0), bytes.slice(start, end)][(i + c) % 3]!,
      )
      return { start, end, line, before, fields: i < 2 ? fields : fields.map(() => null) }
    })
    for (const splitter of [wasm, twin]) splitter.insert(added)
    const all = found.rows + added.length
    expect(everything(wasm, all, columns, bit)).toEqual(everything(twin, all, columns, bit))
    if (found.consumed === 0) break
    from += found.consumed
    line = found.line
  }
  wasm.release()
  twin.release()
}

describe('the CSV splitter', () => {
  it('agrees with its twin on any bytes, dialect, cut and bit offset', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(34, 39, -1),
        fc.constantFrom(',', ',', 'a', ', ', ',,', 'é'),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(7),
        fc.constantFrom('\\', '/', undefined),
        (pieces, columns, quote, delimiter, final, maxRows, bit, mark) => {
          const dialect = {
            delimiter: Buffer.from(delimiter)[0]!,
            delimiterTail: Buffer.from(delimiter).subarray(1),
            quote,
            columns,
            skipSpace: bit % 2 === 1,
            ...(columns % 2 === 0 ? { nullText: Buffer.from('NULL') } : {}),
            ...(mark === undefined ? {} : { escape: mark.charCodeAt(0) }),
          }
          compare(dialect, Buffer.from(pieces.join('')), final, maxRows, bit)
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('agrees with its twin on the kind and the type of any value', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value, fc.boolean()), { maxLength: 12 }),
        fc.nat(7),
        (rows, bit) => {
          const lines = rows.map(([a, b, quoted]) => (quoted ? `"${a}",${b}\n` : `${a},"${b}"\n`))
          compare({ delimiter: 44, quote: 34, columns: 2 }, Buffer.from(lines.join('')), true, 100, bit)
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('agrees with its twin on columns of one type', () => {
    const column = fc.oneof(...[number, time, text].map((one) => fc.array(one, { maxLength: 3 })))
    fc.assert(
      fc.property(column, (values) => {
        const bytes = Buffer.from(values.map((one) => `${one},\n`).join(''))
        compare({ delimiter: 44, quote: 34, columns: 2 }, bytes, true, 100, 0)
      }),
      { numRuns: 1500 },
    )
  })

  it('agrees at every length and alignment of the input', () => {
    const bytes = Buffer.from(
      'id,"na""me"\r\n1,"x\ny"\r22,zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\n,""\n3,"Ünicode, quoted"\n'.repeat(4),
    )
    const dialect = { delimiter: 44, quote: 34, columns: 2 }
    const wasm = kernels.createCsvSplitter(dialect)
    const twin = twins.createCsvSplitter(dialect)
    for (let from = 0; from < 16; from++) {
      for (let to = from; to < bytes.length; to++) {
        for (const final of [true, false]) {
          const options = { final, maxRows: 100, line: 1 }
          const found = wasm.split(bytes, from, to, options)
          expect(found).toEqual(twin.split(bytes, from, to, options))
          expect(hex(wasm.text(1, 0, 0).values)).toBe(hex(twin.text(1, 0, 0).values))
        }
      }
    }
  })

  it('reports a ragged record with its place, and shifts nothing', () => {
    const splitter = kernels.createCsvSplitter({ delimiter: 44, quote: 34, columns: 2 })
    const bytes = Buffer.from('a,b\n"x\ny",1,2\nc,d\n"e"f,1\n"open,1\n')
    const seen = []
    let kept = ''
    for (let [from, line] = [0, 1]; from < bytes.length; ) {
      const found = splitter.split(bytes, from, bytes.length, { final: true, maxRows: 9, line })
      kept += Buffer.from(splitter.text(1, 0, 0).values).toString()
      expect(found.halted).toBe(true)
      seen.push(
        ...found.rejected.map(({ start, end, ...rest }) => ({
          start: from + start,
          end: from + end,
          ...rest,
        })),
      )
      ;[from, line] = [from + found.consumed, found.line]
    }
    expect(seen).toEqual([
      { start: 4, end: 13, line: 2, fields: 3, why: 'ragged', before: 1 },
      { start: 18, end: 24, line: 5, fields: 2, why: 'quote', before: 1 },
      { start: 25, end: 33, line: 6, fields: 1, why: 'unclosed', before: 0 },
    ])
    expect(kept).toBe('bd')
    const plain = Buffer.from('a,b\nc\nd,e"\nf,g\n')
    expect(splitter.split(plain, 0, plain.length, { final: true, maxRows: 9, line: 1 })).toMatchObject({
      rows: 2,
      halted: false,
      rejected: [
        { line: 2, why: 'ragged', before: 1 },
        { line: 3, why: 'odd', before: 1 },
      ],
    })
  })

  it('drops records as its twin does', () => {
    const bytes = Buffer.from(Array.from({ length: 20 }, (_, i) => `${i},${i * i}\n`).join(''))
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(19)), (some) => {
        const gone = some.sort((a, b) => a - b)
        const dialect = { delimiter: 44, quote: 34, columns: 2 }
        const [a, b] = [kernels, twins].map((each) => {
          const splitter = each.createCsvSplitter(dialect)
          splitter.split(bytes, 0, bytes.length, { final: true, maxRows: 100, line: 1 })
          splitter.drop(gone)
          const seen = everything(splitter, 20 - gone.length, 2, 3)
          splitter.release()
          return seen
        })
        expect(a).toEqual(b)
      }),
    )
  })

  it('gives its memory to the next, which begins afresh', () => {
    const options = { final: true, maxRows: 9, line: 1 }
    for (const [columns, text] of [
      [2, '1,2\n'],
      [3, '1,2,3\n'],
      [1, 'x\n'],
    ] as const) {
      const splitter = kernels.createCsvSplitter({ delimiter: 44, quote: 34, columns })
      expect(splitter.split(Buffer.from(text), 0, text.length, options).rows).toBe(1)
      expect(splitter.fixed(0, { kind: 'int64' }, 0).failed).toBe(columns === 1 ? 0 : -1)
      splitter.release()
    }
  })

  it('takes a record larger than its first memory', () => {
    const long = 'x'.repeat(700_000)
    const bytes = Buffer.from(`1,"${long}"\n2,y\n`)
    const splitter = kernels.createCsvSplitter({ delimiter: 44, quote: 34, columns: 2 })
    const found = splitter.split(bytes, 0, bytes.length, { final: true, maxRows: 9, line: 1 })
    expect(found.rows).toBe(2)
    const column = splitter.text(1, 0, 0)
    expect(Array.from(column.ends)).toEqual([700_000, 700_001])
    expect(Buffer.from(column.values).toString('latin1')).toBe(`${long}y`)
  })
})
