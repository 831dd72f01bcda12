// Pollutes tables in the manner of the Pollock benchmark, at any place and with any parameters, so that reading is
// not fitted to the files that happen to be in the corpus.

/** A table and how it is written. */
export interface Table {
  readonly name: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Columns that are always quoted; others only where they must be. */
  readonly quoted: ReadonlySet<number>
}

/** A polluted file, and the table that it stands for. */
export interface Polluted {
  readonly name: string
  readonly bytes: Uint8Array
  readonly wanted: { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] }
}

export interface Writing {
  readonly delimiter?: string
  readonly quote?: string
  /** What stands before a quote within quotes; by default a quote. */
  readonly escape?: string
  readonly end?: string
}

/** The cells of a table as they are written. */
function cellsOf(table: Table, { delimiter = ',', quote = '"', escape: mark = quote }: Writing): string[][] {
  return [table.header, ...table.rows].map((row) =>
    row.map((value, column) => {
      const must = value.includes(delimiter) || value.includes(quote) || /[\r\n]/.test(value)
      if (!must && !(table.quoted.has(column) && value !== '')) return value
      return quote + value.replaceAll(quote, mark + quote) + quote
    }),
  )
}

/** A table as text. */
export function writeTable(table: Table, writing: Writing = {}): string {
  const { delimiter = ',', end = '\n' } = writing
  return cellsOf(table, writing)
    .map((row) => row.join(delimiter) + end)
    .join('')
}

function polluted(name: string, text: string, table: Table, change: Partial<Table> = {}): Polluted {
  const { header, rows } = { ...table, ...change }
  return { name: `${name}_${table.name}`, bytes: Buffer.from(text), wanted: { header, rows } }
}

/** One row of a table with a pollution of each kind at this place; row 0 is the header. */
export function polluteRow(table: Table, row: number, column: number, writing: Writing = {}): Polluted[] {
  const { delimiter = ',', quote = '"', end = '\n' } = writing
  const cells = cellsOf(table, writing)
  const join = (line: readonly string[], i: number): string => {
    if (i !== row) return line.join(delimiter)
    return line.join(delimiter)
  }
  const write = (change: (line: readonly string[]) => string): string =>
    cells.map((line, i) => (i === row ? change(line) : join(line, i)) + end).join('')
  const place = `${row}_${column}`
  const quoteFirst = (line: readonly string[]): string[] =>
    line.map((value, i) => (i === column ? quote + value : value))
  const files = [
    polluted(
      `row_extra_quote_${place}`,
      write((line) => quoteFirst(line).join(delimiter)),
      table,
      {
        header: row === 0 ? quoteFirst(table.header) : table.header,
        rows: table.rows.map((line, i) => (i + 1 === row ? quoteFirst(line) : line)),
      },
    ),
    polluted(
      `row_more_sep_${place}`,
      write((line) => line.map((value, i) => (i === column ? delimiter + value : value)).join(delimiter)),
      table,
    ),
  ]
  if (column > 0) {
    const glue = (line: readonly string[]): string =>
      line.map((value, i) => (i === 0 || i === column ? '' : delimiter) + value).join('')
    files.push(polluted(`row_less_sep_${place}`, write(glue), table))
  }
  return files
}

/** A row with another delimiter than its table. */
export function polluteRowDelimiter(table: Table, row: number, delimiter: string): Polluted {
  const text = cellsOf(table, {})
    .map((line, i) => `${line.join(i === row ? delimiter : ',')}\n`)
    .join('')
  return polluted(`row_field_delimiter_${row}_${delimiter.charCodeAt(0)}`, text, table)
}

/** The pollutions of a whole file. */
export function polluteFile(table: Table): Polluted[] {
  const { header, rows } = table
  const plain = writeTable(table)
  const lines = (times: number): string[][] => Array.from({ length: times }, () => [...header])
  const withHeader = (times: number): string =>
    `${lines(times - 1)
      .map((row) => `${row.join(',')}\n`)
      .join('')}${plain}`
  const merged = (times: number): string[] => header.map((name) => Array(times).fill(name).join(' '))
  const empties = ','.repeat(header.length - 1)
  const note = (text: string, isDelimited: boolean): string => `${text}${isDelimited ? empties : ''}\n`
  const narrow = {
    ...table,
    header: header.slice(0, -1),
    rows: rows.map((row) => row.slice(0, -1)),
    quoted: new Set<number>(),
  }
  const wide = {
    ...table,
    header: [...header, 'more'],
    rows: rows.map((row) => [...row, 'x']),
    quoted: new Set<number>(),
  }
  const one = rows.slice(0, 1)
  return [
    ...[';', '\t', '|', ', ', '^', '~', '||', '::', '\t\t', '§'].map((delimiter) =>
      polluted(`file_field_delimiter_${delimiter}`, writeTable(table, { delimiter }), table),
    ),
    ...["'", '`', '~'].map((quote) =>
      polluted(`file_quotation_${quote}`, writeTable(table, { quote }), table),
    ),
    ...['\\', '/', '!'].map((mark) =>
      polluted(`file_escape_${mark}`, writeTable(table, { escape: mark }), table),
    ),
    polluted('file_escape_none', writeTable(table, { escape: '' }), table),
    ...['\n', '\r\n', '\r'].map((end) =>
      polluted(`file_record_delimiter_${end.length}${end.charCodeAt(0)}`, writeTable(table, { end }), table),
    ),
    ...[2, 3, 4].map((times) =>
      polluted(`file_header_multirow_${times}`, withHeader(times), table, { header: merged(times) }),
    ),
    polluted('file_header_only', plain.slice(0, plain.indexOf('\n') + 1), table, { rows: [] }),
    polluted('file_one_data_row', writeTable({ ...table, rows: one }), table, { rows: one }),
    polluted('file_no_header', plain.slice(plain.indexOf('\n') + 1), table, { header: [] }),
    polluted('file_no_trailing_newline', plain.slice(0, -1), table),
    polluted('file_double_trailing_newline', `${plain}\n`, table),
    ...[true, false].flatMap((isDelimited) => [
      polluted(`file_preamble_${isDelimited}`, note('PREAMBLE', isDelimited).repeat(3) + plain, table),
      polluted(
        `file_preamble_empty_${isDelimited}`,
        note('A title of it', isDelimited) + note('', isDelimited) + plain,
        table,
      ),
      polluted(`file_footnote_${isDelimited}`, plain + note('FOOTNOTE', isDelimited).repeat(3), table),
      polluted(
        `file_footnote_empty_${isDelimited}`,
        plain + note('', isDelimited) + note('FOOTNOTE', isDelimited),
        table,
      ),
    ]),
    polluted('file_multitable_less', plain + writeTable(narrow), table),
    polluted('file_multitable_more', plain + writeTable(wide), table),
    ...(['utf16le', 'utf8'] as const).map((encoding) => ({
      ...polluted(`file_encoding_${encoding}`, '', table),
      bytes: Buffer.from(`\ufeff${plain}`, encoding),
    })),
  ]
}

function lcg(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const WORDS =
  'river stone market garden winter engine letter window silver ticket orange pepper bridge copper lantern museum'.split(
    ' ',
  )

/** Tables that have nothing to do with each other, nor with that of the corpus. */
export function makeTables(count: number): Table[] {
  const next = lcg(7)
  const word = (): string => WORDS[next(WORDS.length)]!
  const cap = (text: string): string => text[0]!.toUpperCase() + text.slice(1)
  const two = (value: number): string => String(value).padStart(2, '0')
  const phrase = (most: number): string => cap(Array.from({ length: 2 + next(most) }, word).join(' '))
  const sentence = (): string => `${phrase(6)}, ${phrase(8).toLowerCase()}${next(9) === 0 ? ' 24"' : ''}.`
  return [
    {
      name: 'orders',
      header: ['order_id', 'placed', 'customer', 'total', 'status', 'remark'],
      rows: Array.from({ length: count }, (_, i) => [
        String(10_000 + i),
        `2024-${two(1 + next(12))}-${two(1 + next(28))}`,
        phrase(2),
        `${next(900)}.${two(next(100))}`,
        ['open', 'paid', 'sent'][next(3)]!,
        next(3) === 0 ? '' : sentence(),
      ]),
      quoted: new Set([5]),
    },
    {
      name: 'sensors',
      header: ['sensor', 'time', 'celsius', 'humidity', 'ok'],
      rows: Array.from({ length: count }, () => [
        `S-${two(next(100))}`,
        `${two(next(24))}:${two(next(60))}:${two(next(60))}`,
        `${next(40) - 10}.${next(10)}`,
        String(20 + next(70)),
        ['true', 'false'][next(2)]!,
      ]),
      quoted: new Set(),
    },
    {
      name: 'people',
      header: ['First name', 'Last name', 'Street', 'Zip', 'Town', 'Born', 'Mail', 'Note'],
      rows: Array.from({ length: count }, () => [
        cap(word()),
        cap(word()),
        `${phrase(1)} ${1 + next(200)}`,
        String(10_000 + next(89_999)),
        cap(word()),
        `${1 + next(28)}.${1 + next(12)}.${1940 + next(70)}`,
        `${word()}@${word()}.example`,
        sentence(),
      ]),
      quoted: new Set([0, 1, 2, 3, 4, 5, 6, 7]),
    },
  ]
}
