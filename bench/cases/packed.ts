import { spawnSync } from 'node:child_process'
import { closeSync, createWriteStream, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import { crc32, deflateRawSync } from 'node:zlib'
import avro from 'avsc'
import { COLUMNS, customers, writeRows } from './customers.ts'
import { clean } from './text.ts'

// Inputs that need a writer of their own.

/** A zip archive of one CSV. */
export function zippedCsv(path: string, bytes: number): number {
  const csv = `${path}.csv`
  const rows = clean(csv, bytes)
  writeZip(path, [['customers.csv', [readFileSync(csv)]]])
  rmSync(csv)
  return rows
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRST'

/** A workbook of one sheet with 20 columns: the customers twice over, texts as shared strings. */
export function xlsx(path: string, bytes: number): number {
  const strings = new Map<string, number>()
  const shared = (text: string): string => {
    const index = strings.get(text) ?? strings.size
    strings.set(text, index)
    return ` t="s"><v>${index}</v></c>`
  }
  const names = [...COLUMNS, ...COLUMNS.map((name) => `${name}2`)]
  const rowOf = (cells: readonly string[], i: number): string =>
    `<row r="${i}">${cells.map((cell, column) => `<c r="${LETTERS[column]}${i}"${cell}`).join('')}</row>`
  const sheet: Buffer[] = []
  let text = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rowOf(names.map(shared), 1)}`
  let size = 0
  let rows = 0
  for (const [id, name, email, city, , amount, score, active, ref, comment] of customers(0)) {
    const number = (value: string): string => `><v>${value}</v></c>`
    const half = [
      number(id),
      shared(name),
      shared(email),
      shared(city),
      ` s="1"><v>${43000 + (rows % 2000)}</v></c>`,
      number(String(Number(amount))),
      number(String(Number(score))),
      ` t="b"><v>${active === 'true' ? 1 : 0}</v></c>`,
      shared(ref),
      shared(comment),
    ]
    text += rowOf([...half, ...half], ++rows + 1)
    if (text.length < 1 << 20) continue
    size += text.length
    sheet.push(Buffer.from(text))
    text = ''
    if (size >= bytes) break
  }
  sheet.push(Buffer.from(`${text}</sheetData></worksheet>`))
  writeZip(path, [
    ...parts(),
    ['xl/sharedStrings.xml', stringTable(strings)],
    ['xl/worksheets/sheet1.xml', sheet],
  ])
  return rows
}

function* parts(): Generator<readonly [string, readonly Buffer[]]> {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const pack = 'http://schemas.openxmlformats.org/package/2006'
  const kind = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const files = {
    '[Content_Types].xml': `<Types xmlns="${pack}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kind}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${kind}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${kind}.sharedStrings+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${pack}/relationships"><Relationship Id="r1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${rel}"><sheets><sheet name="customers" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${pack}/relationships"><Relationship Id="r1" Type="${rel}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${rel}/styles" Target="styles.xml"/><Relationship Id="r3" Type="${rel}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet xmlns="${main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  }
  for (const [name, text] of Object.entries(files)) {
    yield [name, [Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`)]]
  }
}

function stringTable(strings: ReadonlyMap<string, number>): Buffer[] {
  const out = [
    Buffer.from(
      '<?xml version="1.0" encoding="UTF-8"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">',
    ),
  ]
  let text = ''
  for (const value of strings.keys()) {
    text += `<si><t xml:space="preserve">${value.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</t></si>`
    if (text.length < 1 << 20) continue
    out.push(Buffer.from(text))
    text = ''
  }
  out.push(Buffer.from(`${text}</sst>`))
  return out
}

/** Avro with deflate. */
export async function avroFile(path: string, bytes: number): Promise<number> {
  const fields = COLUMNS.map((name) => ({ name, type: typeOf(name) }))
  const schema = { type: 'record', name: 'customer', fields } as const
  mkdirSync(dirname(path), { recursive: true })
  const encoder = new avro.streams.BlockEncoder(schema as never, { codec: 'deflate', blockSize: 1 << 18 })
  const target = createWriteStream(path)
  encoder.pipe(target)
  let rows = 0
  let size = 0
  for (const row of customers(0.2)) {
    const record = Object.fromEntries(
      COLUMNS.map((name, i) => {
        const cell = row[i] as string
        const type = typeOf(name)
        return [name, type === 'string' ? cell : type === 'boolean' ? cell === 'true' : Number(cell)]
      }),
    )
    rows++
    size += row.join('').length
    if (!encoder.write(record)) await new Promise((resolve) => encoder.once('drain', resolve))
    if (size >= bytes) break
  }
  encoder.end()
  await finished(target)
  return rows
}

function typeOf(name: string): 'long' | 'double' | 'boolean' | 'string' {
  if (name === 'id') return 'long'
  if (name === 'amount' || name === 'score') return 'double'
  return name === 'active' ? 'boolean' : 'string'
}

const ORC_WRITER = `
import sys
import pyarrow.csv as c, pyarrow.orc as o
o.write_table(c.read_csv(sys.argv[1], parse_options=c.ParseOptions(newlines_in_values=True)), sys.argv[2], compression='zstd', stripe_size=16 << 20)
`

/** ORC with zstd, by pyarrow: nothing else here writes ORC. Undefined where a python with pyarrow is missing. */
export function orc(path: string, bytes: number): number | undefined {
  const csv = `${path}.csv`
  const rows = writeRows(csv, bytes, {
    head: `${COLUMNS.join(',')}\n`,
    quoted: 0,
    line: (row) => `${row.map((cell) => cell.replaceAll(',', ' ')).join(',')}\n`,
  })
  const python = process.env['OMNI_BENCH_PYTHON'] ?? 'python3'
  const done = spawnSync(python, ['-c', ORC_WRITER, csv, path], { encoding: 'utf8' })
  rmSync(csv)
  return done.status === 0 ? rows : undefined
}

/** A zip archive without Zip64: each file below 4 GB. */
function writeZip(path: string, files: Iterable<readonly [string, readonly Buffer[]]>): void {
  mkdirSync(dirname(path), { recursive: true })
  const out = openSync(path, 'w')
  const directory: Buffer[] = []
  let at = 0
  for (const [name, pieces] of files) {
    const whole = Buffer.concat(pieces)
    const packed = deflateRawSync(whole, { level: 6 })
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(8, 4)
    facts.writeUInt32LE(crc32(whole), 10)
    facts.writeUInt32LE(packed.length, 14)
    facts.writeUInt32LE(whole.length, 18)
    facts.writeUInt16LE(name.length, 22)
    const start = at
    at += writeSync(out, Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, Buffer.from(name)]))
    at += writeSync(out, packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(start, 10)
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, rest, Buffer.from(name)]),
    )
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  writeSync(out, central)
  writeSync(out, end)
  closeSync(out)
}
