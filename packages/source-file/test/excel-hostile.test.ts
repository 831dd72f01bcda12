import { describe, expect, test } from 'vitest'
import { bookOf, decodeBook } from './excel-world.ts'

const sheetPart = (xml: string): Parameters<typeof bookOf>[0] => ({
  sheets: { One: '' },
  parts: { 'xl/worksheets/sheet1.xml': xml },
})

/** Kind and code of the fault, at once. */
async function refusal(book: Parameters<typeof bookOf>[0]): Promise<string> {
  const started = performance.now()
  const said = await decodeBook(bookOf(book), { header: 'no' }).then(
    () => 'no fault',
    ({ kind, code }: { kind?: string; code?: string }) => `${kind} ${code}`,
  )
  expect(performance.now() - started).toBeLessThan(20_000)
  return said
}

describe('a hostile workbook is refused with a classified fault', () => {
  test.each<readonly [string, string, Parameters<typeof bookOf>[0]]>([
    [
      'entities that grow',
      'data file.excel.entities',
      sheetPart(
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet><sheetData/></worksheet>',
      ),
    ],
    [
      'an entity that is not declared',
      'data file.excel.entities',
      { sheets: { One: '<row><c t="inlineStr"><is><t>&boom;</t></is></c></row>' } },
    ],
    [
      'a row beyond the last',
      'data file.excel.range',
      { sheets: { One: '<row r="1048577"><c><v>1</v></c></row>' } },
    ],
    [
      'a row of a billion',
      'data file.excel.range',
      { sheets: { One: '<row r="999999999999"><c><v>1</v></c></row>' } },
    ],
    [
      'a column beyond the last',
      'data file.excel.range',
      { sheets: { One: '<row><c r="XFE1"><v>1</v></c></row>' } },
    ],
    [
      'rows out of order',
      'data file.excel.corrupt',
      { sheets: { One: '<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>' } },
    ],
    [
      'two cells in one place',
      'data file.excel.corrupt',
      { sheets: { One: '<row><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>' } },
    ],
    [
      'a shared text that there is not',
      'data file.excel.corrupt',
      { sheets: { One: '<row><c t="s"><v>3</v></c></row>' } },
    ],
    ['deep nesting', 'data file.excel.xml', sheetPart('<a>'.repeat(100_000))],
    ['an end in the middle', 'data file.excel.xml', sheetPart('<worksheet><sheetData><row><c><v>1</v>')],
    [
      'a tag without an end',
      'data file.excel.xml',
      sheetPart(`<worksheet><sheetData><row ${'x'.repeat(17 << 20)}`),
    ],
    ['a text without an end', 'data file.excel.xml', sheetPart(`<worksheet>${'x'.repeat(40 << 20)}`)],
    [
      'bytes that are no text',
      'data file.excel.xml',
      { sheets: { One: '' }, parts: { 'xl/worksheets/sheet1.xml': Buffer.from('3c613eff3c2f613e', 'hex') } },
    ],
    [
      'thousands of attributes',
      'data file.excel.xml',
      sheetPart(`<worksheet ${Array.from({ length: 5000 }, (_, i) => `a${i}=""`).join(' ')}/>`),
    ],
  ])('%s', async (_name, code, book) => {
    expect(await refusal(book)).toBe(code)
  })

  test('a part that unpacks without measure', { timeout: 60_000 }, async () => {
    const filler = `<x y="${'a'.repeat(1 << 20)}"/>`
    const part = Buffer.from(`<worksheet><sheetData>${filler.repeat(280)}</sheetData></worksheet>`)
    expect(await refusal({ sheets: { One: '' }, parts: { 'xl/worksheets/sheet1.xml': part } })).toBe(
      'data file.bomb',
    )
  })

  test('the widest and the last cell cost no more than they hold', async () => {
    const book = bookOf({ sheets: { One: '<row><c r="XFD1"><v>1</v></c></row>' } })
    const { rows } = await decodeBook(book, { header: 'no' })
    expect(rows).toEqual([{ column_16384: 1n }])
    const far = bookOf({ sheets: { One: '<row r="1048576"><c r="A1048576"><v>1</v></c></row>' } })
    expect((await decodeBook(far)).rows).toEqual([{ column_1: 1n }])
  })
})
