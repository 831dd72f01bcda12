import { Workbook } from 'exceljs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SSF, utils, write } from 'xlsx'
import { compileFormat } from '../src/excel/display/format.ts'
import { NUMBER, NumberScan } from '../src/excel/number-scan.ts'
import { dateText, dayOfSerial } from '../src/excel/serial.ts'
import { CLOSE, OPEN, TEXT, XmlScanner } from '../src/excel/xlsx/scanner.ts'
import { decodeBook } from './excel-world.ts'

type Value = string | number | boolean | null

/** Texts that a workbook can hold, hard ones among them. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '_x000D_',
    '_x005F_',
    '<b>&amp;</b>',
    'a\nb',
    ' lead',
    'trail ',
    'Ünïcode 😀',
    '=1+1',
    '#N/A',
    'TRUE',
    '007',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !/[\p{Cc}\p{Cn}\p{Cs}]/u.test(value)),
)
/** SheetJS writes very small numbers as others. */
const number = fc.oneof(
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
    .map((value) => (Math.abs(value) < 1e-200 ? 0 : value)),
)
const table = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 8 }))
  .chain(([columns, rows]) =>
    fc.tuple(
      ...Array.from({ length: columns }, () =>
        fc.oneof(
          fc.array(fc.option(text), { minLength: rows, maxLength: rows }),
          fc.array(fc.option(number), { minLength: rows, maxLength: rows }),
          fc.array(fc.option(fc.boolean()), { minLength: rows, maxLength: rows }),
          fc.array(fc.option(fc.oneof(text, number, fc.boolean())), { minLength: rows, maxLength: rows }),
        ),
      ),
    ),
  )
  .map((columns): Value[][] => columns[0]!.map((_, row) => columns.map((column) => column[row] ?? null)))

/** What a typed reading must give for a value, whatever type its column has. */
function matches(read: unknown, written: Value): boolean {
  if (written === null) return read === null
  if (typeof written === 'string') return read === written
  if (typeof written === 'boolean') return read === written || read === (written ? 'TRUE' : 'FALSE')
  // An integer column, a double, or the text of one.
  return Number(read) === written || (Object.is(written, -0) && Number(read) === 0)
}

/** Rows under a header, so that it is known where they begin; a row without a value is none. */
function expectTable(rows: readonly Record<string, unknown>[], written: readonly Value[][]): void {
  const kept = written.filter((values) => values.some((value) => value !== null))
  expect(rows).toHaveLength(kept.length)
  kept.forEach((values, row) => {
    values.forEach((value, column) => {
      const read = rows[row]?.[`c${column}`] ?? null
      expect(
        matches(read, value),
        `row ${row} column ${column}: ${JSON.stringify(value)} is ${String(read)}`,
      ).toBe(true)
    })
  })
}

function withHeader(rows: readonly Value[][]): Value[][] {
  return [(rows[0] ?? []).map((_, i) => `c${i}`), ...rows]
}

function mapTexts(rows: readonly Value[][], change: (text: string) => string): Value[][] {
  return rows.map((values) => values.map((value) => (typeof value === 'string' ? change(value) : value)))
}

test('what exceljs writes is read as it was', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const book = new Workbook()
      book.addWorksheet('One').addRows(withHeader(rows))
      const bytes = Buffer.from(await book.xlsx.writeBuffer())
      // exceljs writes `_x000D_` as it is, which means a carriage return.
      const written = mapTexts(rows, (value) =>
        value.replace(/_x([0-9A-F]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      )
      expectTable((await decodeBook(bytes, { header: 'yes' })).rows, written)
    }),
    { numRuns: 60 },
  )
})

test.each(['xlsx', 'xlsb', 'biff8', 'fods'] as const)(
  'what SheetJS writes as %s is read as it was',
  { timeout: 120_000 },
  async (bookType) => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        // What SheetJS itself does not write faithfully in every one of these formats.
        const plain = mapTexts(rows, (value) => value.replace(/[_\n ]|^[=#]/g, 'x').replace(/^$/, 'x'))
        const book = utils.book_new()
        utils.book_append_sheet(book, utils.aoa_to_sheet(withHeader(plain)), 'One')
        const bytes = write(book, { type: 'buffer', bookType }) as Buffer
        expectTable((await decodeBook(bytes, { header: 'yes' })).rows, plain)
      }),
      { numRuns: 40 },
    )
  },
)

test('numbers are shown as SheetJS shows them, where it does not round a double', () => {
  const codes = [
    'General',
    '0',
    '0.00',
    '#,##0',
    '#,##0.00',
    '0%',
    '0.00%',
    '0.00E+00',
    '#,##0_);(#,##0)',
    '#,##0.00_);[Red](#,##0.00)',
    '"$"#,##0.00',
    '0.0##',
    '000',
    '#.##',
    'm/d/yy',
    'd-mmm-yy',
    'yyyy-mm-dd hh:mm:ss',
    'h:mm AM/PM',
    '[h]:mm:ss',
    'mm:ss.0',
    'dddd, mmmm dd, yyyy',
    '# ?/?',
    '# ??/??',
  ]
  // Quarters have few digits in both number systems; SheetJS rounds a negative half upwards, Excel away from zero.
  const quarters = fc
    .integer({ min: -4_000_000, max: 4_000_000 })
    .map((value) => (value < 0 ? Math.trunc(value / 4) : value / 4))
  fc.assert(
    fc.property(fc.constantFrom(...codes), quarters, (code, value) => {
      const isDate = /[ymdhs]/.test(code) && !/E\+/.test(code) && !code.includes('General')
      const shown = isDate ? Math.abs(value) : value
      expect(`${code} ${shown} ${compileFormat(code, false).number(shown)}`).toBe(
        `${code} ${shown} ${String(SSF.format(code, shown))}`,
      )
    }),
    { numRuns: 4000 },
  )
})

test('half is rounded away from zero by decimal digits, as Excel does', () => {
  const shown = (code: string, value: number): string => compileFormat(code, false).number(value)
  expect(shown('0.00', 1.005)).toBe('1.01')
  expect(shown('0.0%', 0.2345)).toBe('23.5%')
  expect(shown('#,##0.00', -1234567.895)).toBe('-1,234,567.90')
  expect(shown('0.00', 9.995)).toBe('10.00')
  expect(shown('General', 0.1 + 0.2)).toBe('0.3')
  expect(shown('General', 123456789012)).toBe('1.23457E+11')
  expect(shown('[<100]"low";[>=1000]"high";0', 500)).toBe('500')
  expect(shown('[$€-407] #,##0.00', 5)).toBe('€ 5.00')
  expect(shown('0.00', 1e300).length).toBe(304)
})

test('numbers are read as JavaScript reads them', () => {
  const scan = new NumberScan()
  const texts = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n })).map(String),
    fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: -30, max: 30 })).map(([a, b, e]) => `${a}.${b}E${e}`),
  )
  fc.assert(
    fc.property(texts, (value) => {
      const bytes = Buffer.from(`>${value}<`)
      const kind = scan.scan(bytes, 1, bytes.length - 1)
      expect(kind).not.toBe(NUMBER.none)
      expect(scan.value).toBe(Number(value))
      if (kind === NUMBER.int) expect(BigInt(scan.value)).toBe(BigInt(value))
    }),
    { numRuns: 2000 },
  )
  for (const wrong of ['', '-', '.', '1e', '1e+', '0x10', '1,5', 'NaN', '1 2', '1.2.3', '--1']) {
    expect(scan.scan(Buffer.from(wrong), 0, wrong.length), wrong).toBe(NUMBER.none)
  }
})

test('serials are the days that SheetJS says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_958_465 }), fc.boolean(), (serial, is1904) => {
      const { y, m, d } = SSF.parse_date_code(serial, { date1904: is1904 }) as {
        y: number
        m: number
        d: number
      }
      const days = dayOfSerial(serial, is1904)
      if (days === undefined) expect(is1904 ? serial > 2_957_003 : serial === 60).toBe(true)
      else expect(dateText(days)).toBe(`${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`)
    }),
  )
})

test('tokens do not depend on where the pieces are cut', () => {
  const xml = Buffer.from(
    '<?xml version="1.0"?><!-- c > --><a:b x="1>2" y=\'"\'>t&amp;<c/><![CDATA[<x>]]>é</a:b >\n<d  e = "f"></d>',
  )
  const tokens = (sizes: readonly number[]): string[] => {
    const scanner = new XmlScanner()
    const found: string[] = []
    const run = (): void => {
      for (
        let token = scanner.next();
        token === OPEN || token === CLOSE || token === TEXT;
        token = scanner.next()
      ) {
        const { buffer, start, end, attributes, ranges } = scanner
        const name = Buffer.from(buffer.subarray(start, end)).toString('utf8')
        const pairs =
          token === OPEN
            ? Array.from({ length: 2 * attributes }, (_, i) =>
                Buffer.from(buffer.subarray(ranges[2 * i]!, ranges[2 * i + 1]!)).toString(),
              )
            : []
        found.push([token, name, ...pairs].join(' '))
      }
    }
    let at = 0
    for (const size of sizes) {
      scanner.feed(xml.subarray(at, at + size))
      at += size
      run()
    }
    scanner.feed(xml.subarray(at))
    scanner.finish()
    run()
    return found
  }
  const whole = tokens([])
  expect(whole).toHaveLength(9)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }), (sizes) => {
      expect(tokens(sizes)).toEqual(whole)
    }),
  )
})
