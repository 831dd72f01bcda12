import { describe, expect, test } from 'vitest'
import { bookOf, decodeBook, notesOf, tablesOf } from './excel-world.ts'

/** Cells of one row without a header. */
async function valuesOf(cells: string, more: Partial<Parameters<typeof bookOf>[0]> = {}): Promise<unknown[]> {
  const { rows } = await decodeBook(bookOf({ sheets: { One: `<row r="1">${cells}</row>` }, ...more }), {
    header: 'no',
  })
  return Object.values(rows[0] ?? {})
}

describe('texts', () => {
  test('runs of rich text are joined, phonetic hints are left out', async () => {
    const strings =
      '<si><r><t>Tokyo </t></r><r><rPr><b/></rPr><t xml:space="preserve"> Tower</t></r>' +
      '<rPh sb="0" eb="1"><t>hidden</t></rPh><phoneticPr fontId="1"/></si><si/><si><t/></si>'
    expect(
      await valuesOf('<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>', {
        strings,
      }),
    ).toEqual(['Tokyo  Tower', '', ''])
  })

  test('references, escapes, CDATA and line ends', async () => {
    const strings =
      '<si><t>a &amp; b &#x41;&#66;</t></si><si><t>x_x000D__x005F_y</t></si><si><t><![CDATA[<&>]]></t></si><si><t>1\r\n2</t></si>'
    const cells = [0, 1, 2, 3].map((i) => `<c t="s"><v>${i}</v></c>`).join('')
    expect(await valuesOf(cells, { strings })).toEqual(['a & b AB', 'x\r_y', '<&>', '1\n2'])
  })

  test('inline texts and the texts of formulas', async () => {
    expect(
      await valuesOf(
        '<c r="A1" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c>' +
          '<c r="B1" t="str"><f>A1&amp;"!"</f><v>a &lt; b</v></c><c r="C1" t="str"><f>""</f><v></v></c>',
      ),
    ).toEqual(['inline', 'a < b', ''])
  })
})

describe('numbers, dates and the rest', () => {
  const formats = ['yyyy-mm-dd', 'yyyy-mm-dd hh:mm', '[h]:mm', 'h:mm', '0.00']

  test('a number format makes dates, moments, durations and times', async () => {
    const cells =
      '<c s="1"><v>45296</v></c><c s="2"><v>45296.75</v></c><c s="3"><v>1.5</v></c><c s="4"><v>0.25</v></c><c s="5"><v>0.1</v></c>'
    const book = bookOf({ sheets: { One: `<row>${cells}</row>` }, formats })
    const { types, rows } = await decodeBook(book, { header: 'no' })
    expect(Object.values(types)).toEqual(['date', 'timestamp', 'duration', 'time', 'float'])
    expect(Object.values(rows[0]!)).toEqual([
      '2024-01-05',
      '2024-01-05T18:00:00.000',
      'PT129600.000S',
      '06:00:00.000',
      0.1,
    ])
  })

  test('the days that never were are text as Excel shows them, and 1904 counts otherwise', async () => {
    const rows = [59, 60, 61, 0].map((serial) => `<row><c s="1"><v>${serial}</v></c></row>`).join('')
    const old = await decodeBook(bookOf({ sheets: { One: rows }, formats }), { header: 'no' })
    expect(old.rows.map(({ column_1: day }) => day)).toEqual([
      '1900-02-28',
      '1900-02-29',
      '1900-03-01',
      '1900-01-00',
    ])
    const book = bookOf({ sheets: { One: rows }, formats, properties: 'date1904="1"' })
    const mac = await decodeBook(book, { header: 'no' })
    expect(mac.types).toEqual({ column_1: 'date' })
    expect(mac.rows.map(({ column_1: day }) => day)).toEqual([
      '1904-02-29',
      '1904-03-01',
      '1904-03-02',
      '1904-01-01',
    ])
    expect(await notesOf(book, { header: 'no' })).toContain('dates count from 1904')
  })

  test('cells of type d, booleans and errors', async () => {
    const sheet =
      '<row><c t="d"><v>2024-02-29</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c><v>1</v></c></row>' +
      '<row><c t="d"><v>2024-02-29T10:20:30.5</v></c><c t="b"><v>0</v></c><c t="e"><v>#REF!</v></c><c t="e"><v>#DIV/0!</v></c></row>'
    const book = bookOf({ sheets: { One: sheet } })
    const { types, rows } = await decodeBook(book, { header: 'no' })
    expect(Object.values(types)).toEqual(['timestamp', 'bool', 'utf8', 'int'])
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['2024-02-29T00:00:00.000', true, null, 1n],
      ['2024-02-29T10:20:30.500', false, null, null],
    ])
    expect(await notesOf(book, { header: 'no' })).toContain('errors in the first rows, read as null: 3 cells')
    const shown = await decodeBook(book, { header: 'no', cells: 'displayed' })
    expect(Object.values(shown.rows[0]!)).toEqual(['2024-02-29', 'TRUE', '#N/A', '1'])
  })

  test('formulas without a saved value are counted', async () => {
    const book = bookOf({
      sheets: { One: '<row><c><f>1+1</f></c><c><f>2</f><v>2</v></c><c><v>3</v></c></row>' },
    })
    expect((await decodeBook(book, { header: 'no' })).rows).toEqual([{ column_2: 2n, column_3: 3n }])
    expect(await notesOf(book, { header: 'no' })).toContain(
      'formulas in the first rows whose value was not saved, read as null: 1',
    )
  })

  test('numbers are as exact as the file says, and a mixed column keeps each', async () => {
    const column = async (values: readonly string[]): Promise<readonly [string | undefined, unknown[]]> => {
      const sheet = values.map((value) => `<row><c>${value}</c></row>`).join('')
      const { types, rows } = await decodeBook(bookOf({ sheets: { One: sheet } }), { header: 'no' })
      return [types['column_1'], rows.map(({ column_1: value }) => value)]
    }
    expect(await column(['<v>9007199254740993</v>', '<v>-5</v>'])).toEqual(['int', [9007199254740993n, -5n]])
    expect(await column(['<v>0.30000000000000004</v>', '<v>1E-3</v>', '<v>7</v>'])).toEqual([
      'float',
      [0.30000000000000004, 0.001, 7],
    ])
    expect(await column(['<v>0.12345678901234567890123</v>', '<v>2</v>'])).toEqual([
      'decimal',
      ['0.12345678901234567890123', '2.00000000000000000000000'],
    ])
    expect(await column(['<v>1.1000000000000001</v>', '<v>abc</v>'])).toEqual(['utf8', ['1.1', 'abc']])
    expect(await column(['<v>-0</v>', '<v>1</v>'])).toEqual(['float', [-0, 1]])
  })
})

describe('parts', () => {
  const cell = '<c r="A1"><v>7</v></c>'

  test('strict namespaces, prefixes, absolute and percent-coded targets', async () => {
    const strict = 'http://purl.oclc.org/ooxml'
    const parts = {
      '_rels/.rels': `<Relationships><Relationship Id="r" Type="${strict}/officeDocument/relationships/officeDocument" Target="/book/my%20book.xml"/></Relationships>`,
      'book/my book.xml': `<x:workbook xmlns:x="${strict}/spreadsheetml/main" xmlns:q="${strict}/officeDocument/relationships"><x:sheets><x:sheet name="S" sheetId="9" q:id="a"/></x:sheets></x:workbook>`,
      'book/_rels/my book.xml.rels': `<Relationships><Relationship Id="a" Type="${strict}/officeDocument/relationships/worksheet" Target="../Sheets/ONE.xml"/></Relationships>`,
      'sheets/one.xml': `<x:worksheet xmlns:x="${strict}/spreadsheetml/main"><x:sheetData><x:row><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
      'xl/workbook.xml': '<not/>',
    }
    expect((await decodeBook(bookOf({ sheets: {}, parts }), { header: 'no' })).rows).toEqual([
      { column_1: 7n },
    ])
  })

  test.each(['utf-16le', 'utf-16be', 'utf-8', 'windows-1252'] as const)('a part in %s', async (encoding) => {
    const label = encoding.startsWith('utf-16') ? 'UTF-16' : encoding
    const text = `<?xml version="1.0" encoding="${label}"?><worksheet><sheetData><row><c t="inlineStr"><is><t>Größe</t></is></c></row></sheetData></worksheet>`
    const little = Buffer.from(`\ufeff${text}`, 'utf16le')
    const bytes = {
      'utf-16le': little,
      'utf-16be': Buffer.from(little).swap16(),
      'utf-8': Buffer.from(`\ufeff${text}`),
      'windows-1252': Buffer.from(text, 'latin1'),
    }[encoding]
    const parts = { 'xl/worksheets/sheet1.xml': bytes }
    expect((await decodeBook(bookOf({ sheets: { One: '' }, parts }), { header: 'no' })).rows).toEqual([
      { column_1: 'Größe' },
    ])
  })

  test('visible sheets that hold cells are tables, and any other only when it is named', async () => {
    const row = `<row>${cell}</row>`
    const sheets = { '2': row, One: row, Empty: '<row><c s="0"/></row>', Secret: row }
    const book = bookOf({ sheets, hidden: ['Secret'] })
    expect(await tablesOf(book)).toEqual(['2 (sheet 1)', 'One (sheet 2)'])
    expect(await tablesOf(book, { sheet: '*' })).toEqual([
      '2 (sheet 1)',
      'One (sheet 2)',
      'Secret (sheet 4, hidden)',
    ])
    expect(await tablesOf(book, { sheet: 'secret' })).toEqual(['Secret (sheet 4, hidden)'])
    expect(await tablesOf(book, { sheet: '4' })).toEqual(['Secret (sheet 4, hidden)'])
    expect(await tablesOf(book, { sheet: '2' })).toEqual(['2 (sheet 1)'])
    await expect(tablesOf(book, { sheet: '9' })).rejects.toMatchObject({ code: 'file.excel.sheet' })
    await expect(tablesOf(bookOf({ sheets: { One: '' } }))).rejects.toMatchObject({
      code: 'file.excel.empty',
    })
  })
})

describe('tables', () => {
  const text = (value: string): string => `<c t="inlineStr"><is><t>${value}</t></is></c>`

  test('titles are skipped, names are made unique, empty rows are none', async () => {
    const sheet =
      `<row r="1">${text('Prices')}</row><row r="3">${text('id')}${text('id')}<c/>${text('amount')}</row>` +
      '<row r="4"><c><v>1</v></c><c><v>2</v></c><c/><c><v>3</v></c></row><row r="9"><c><v>4</v></c></row>'
    const book = bookOf({ sheets: { One: sheet } })
    expect((await decodeBook(book)).rows).toEqual([
      { id: 1n, id_2: 2n, column_3: null, amount: 3n },
      { id: 4n, id_2: null, column_3: null, amount: null },
    ])
    expect(await notesOf(book)).toEqual([
      'sheet 1 of 1',
      'header: row 3',
      'columns: 4',
      'rows above the header that are left out: 1',
      'renamed, for their names were empty or taken: columns 2, 3',
    ])
  })

  test('numbers alone have no header, years over text do', async () => {
    const numbers = bookOf({
      sheets: { One: '<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>' },
    })
    expect((await decodeBook(numbers)).rows).toHaveLength(2)
    expect((await decodeBook(numbers, { header: 'yes' })).rows).toEqual([{ '1': 3n, '2': null }])
    const years = `<row>${text('land')}<c><v>2019</v></c><c><v>2020</v></c></row><row>${text('A')}<c><v>5</v></c><c><v>6</v></c></row>`
    expect((await decodeBook(bookOf({ sheets: { One: years } }))).rows).toEqual([
      { land: 'A', '2019': 5n, '2020': 6n },
    ])
  })

  test('rows of names are joined, and lines are passed over', async () => {
    const sheet =
      `<row>${text('x')}${text('y')}</row><row>${text('a')}${text('b')}</row><row>${text('c')}</row>` +
      '<row><c><v>1</v></c><c><v>2</v></c></row>'
    const book = bookOf({ sheets: { One: sheet } })
    expect((await decodeBook(book, { header: 2, skipLines: 1 })).rows).toEqual([{ 'a c': 1n, b: 2n }])
    expect((await decodeBook(book, { header: 'no', skipLines: 3 })).rows).toEqual([
      { column_1: 1n, column_2: 2n },
    ])
    await expect(decodeBook(book, { types: 'types.json' })).rejects.toMatchObject({
      code: 'file.excel.types',
    })
    expect((await decodeBook(book, { types: 'text', skipLines: 3 })).rows).toEqual([
      { column_1: '1', column_2: '2' },
    ])
  })

  test('a value of a merged range stands in its first cell', async () => {
    const part = `<worksheet><sheetData><row r="1">${text('a')}${text('b')}</row><row r="2">${text('x')}<c r="B2"/></row></sheetData><mergeCells><mergeCell ref="A2:B2"/></mergeCells></worksheet>`
    const book = bookOf({ sheets: { One: '' }, parts: { 'xl/worksheets/sheet1.xml': part } })
    expect((await decodeBook(book)).rows).toEqual([{ a: 'x', b: null }])
  })

  test('a grid begins where the used range does, and keeps gaps longer than a batch', async () => {
    const part = `<worksheet><dimension ref="B2:C9000"/><sheetData><row r="3"><c r="C3"><v>1</v></c></row><row r="9000"><c r="B9000"><v>2</v></c></row></sheetData></worksheet>`
    const book = bookOf({ sheets: { One: '' }, parts: { 'xl/worksheets/sheet1.xml': part } })
    const { rows } = await decodeBook(book, { header: 'no' }, { chunkRows: 1000 })
    expect(rows).toHaveLength(8999)
    expect(rows[1]).toEqual({ column_2: null, column_3: 1n })
    expect(rows[8998]).toEqual({ column_2: 2n, column_3: null })
  })

  test('a later column or kind makes it begin again, once, and a limit ends it', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `<row><c><v>${i}</v></c></row>`).join('')
    const book = bookOf({
      sheets: { One: `<row>${text('n')}</row>${rows}<row><c><v>0.5</v></c><c><v>1</v></c></row>` },
    })
    const all = await decodeBook(book)
    expect(all).toMatchObject({ restarts: 1, types: { n: 'float', column_2: 'int' } })
    expect(all.rows).toHaveLength(5001)
    expect((await decodeBook(book, {}, {}, 10)).rows.length).toBeLessThan(5001)
  })
})
