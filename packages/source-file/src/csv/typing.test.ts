import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvField, readCsv } from '../../test/csv-world.ts'

const value = {
  int: fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  small: fc.integer().map(String),
  cents: fc
    .tuple(fc.integer(), fc.nat(99))
    .map(([whole, cents]) => `${whole}.${String(cents).padStart(2, '0')}`),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  digits: fc.stringMatching(/^[+-]?[0-9]{1,4}(\.[0-9]{1,3})?$/),
  date: fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  stamp: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  local: fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 19).replace('T', ' ')),
  bool: fc.constantFrom('true', 'false'),
  upper: fc.constantFrom('TRUE', 'FALSE', 'True'),
  word: fc.constantFrom('', 'x', 'NaN', 'Infinity', '1e5', '0x10', '1_000', '١'),
}

/** Columns mostly of one sort, with a stranger now and then. */
const column = fc.oneof(
  ...Object.values(value).map((one) => fc.array(fc.option(one, { freq: 6 }), { minLength: 6, maxLength: 6 })),
  fc.array(fc.oneof(...Object.values(value)), { minLength: 6, maxLength: 6 }),
)

describe('typing', () => {
  it('never changes a value', async () => {
    await fc.assert(
      fc.asyncProperty(column, column, fc.boolean(), async (a, b, quoted) => {
        const lines = a.map((text, i) => `${csvField(text, quoted)},${csvField(b[i] ?? null, false)}\n`)
        const read = await readCsv(`left,right\n${lines.join('')}`, {
          options: { header: 'yes', delimiter: ',' },
        })
        const spelled = read.rows.map((row) =>
          row.map((text, i) => spell(text, read.batches[0]!.schema.fields[i]!)),
        )
        expect(spelled).toEqual(a.map((text, i) => [text, b[i] ?? null]))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['int', ['1', '-20', '9223372036854775807']],
    ['decimal(0)', ['9223372036854775808', '1']],
    ['decimal(2)', ['1.50', '-0.05', '123456789012345678901234567890.12']],
    ['float', ['1', '0.1', '2.25', '1.5e-7', '0.30000000000000004']],
    ['date', ['2024-02-29', '1999-12-31']],
    ['timestamp', ['2024-02-29T10:00:00Z', '2024-02-29T23:59:59Z']],
    ['timestamp', ['2024-02-29 10:00:00.123456']],
    ['bool', ['true', 'false']],
    ['utf8', ['007', '1']],
    ['utf8', ['+491701234567']],
    ['utf8', ['-0']],
    ['utf8', ['1.5', '1.50']],
    ['utf8', ['2023-02-29']],
    ['utf8', ['2024-02-29T10:00:00Z', '2024-02-29T10:00:00.5Z']],
    ['utf8', ['2024-02-29T10:00:00+01:00']],
    ['utf8', ['true', 'FALSE']],
    ['utf8', ['1', 'NaN']],
    ['utf8', ['12345678901234567', '1.5']],
    ['utf8', ['1', '']],
  ])('%s holds %j', async (type, values) => {
    const content = `name\n${values.map((text) => csvField(text, false)).join('\n')}\n`
    const read = await readCsv(content, { options: { header: 'yes', delimiter: ',' } })
    expect(read.types).toEqual([type])
  })

  it('begins again, once, when values below the sample contradict it', async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => `${i},${i}.25,true\n`)
    const content = `a,b,c\n${lines.join('')}-1,1.5,true\n007,1.5,no\n`
    const read = await readCsv(content, { limits: { bufferBytes: 4096 }, pieceBytes: 4096 })
    expect(read.restarts).toHaveLength(1)
    expect(read.types).toEqual(['utf8', 'float', 'utf8'])
    expect(read.rows).toHaveLength(4002)
    expect(read.rows.at(-1)).toEqual(['007', '1.5', 'no'])
    expect(read.rows[0]).toEqual(['0', '0.25', 'true'])
  })

  it('depends on the file alone, not on where the sample ends', async () => {
    const sorts = fc.array(fc.oneof(...Object.values(value)), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(sorts, async (values) => {
        const content = `name\n${values.map((text) => csvField(text, true)).join('\n')}\n`
        const options = { header: 'yes', delimiter: ',' } as const
        const whole = await readCsv(content, { options })
        const read = await readCsv(content, { options, limits: { bufferBytes: 20 }, pieceBytes: 10 })
        expect(whole.restarts).toEqual([])
        if (read.restarts.length > 0) expect(read.types).toEqual(whole.types)
        const field = read.batches[0]!.schema.fields[0]!
        expect(read.rows.map(([text]) => spell(text ?? null, field))).toEqual(values)
      }),
      { numRuns: 200 },
    )
  })
})

/** The text a value came as, where the type prints it otherwise and the field says so. */
function spell(
  text: string | null,
  field: { readonly sourceType?: string; readonly type: object },
): string | null {
  if (text === null || field.sourceType === undefined) return text
  if (field.sourceType === 'TRUE') return text.toUpperCase()
  if (field.sourceType === 'True') return text[0]!.toUpperCase() + text.slice(1)
  return text.replace('T', ' ')
}
