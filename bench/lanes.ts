// One lane is one way to do the same job, run as a process of its own so that its memory is its own.
// node bench/lanes.ts CASE LANE FILE OUT
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { TEXTS } from './cases/customers.ts'

/** The masks that the SQL lanes use: the simplest that take out the e-mails and phones of these files. */
const EMAIL = String.raw`[[:alnum:]._%+\-\p{L}]+@[[:alnum:].\-\p{L}]+\.[a-z]{2,}`
const PHONE = String.raw`(\+\d{1,3}[ .\-]?)?(\(\d{3}\)|\d{3})[ .\-]?\d{3}[ .\-]?\d{3,4}`

type Lane = (file: string, out: string, kind: string) => Promise<number>

const LANES: Readonly<Record<string, Lane>> = {
  omni: (file, out) => omni(file, out, true),
  'omni, no mask': (file, out) => omni(file, out, false),
  'omni, read only': readOnly,
  duckdb: (file, out, kind) => duckdb(file, out, kind, '*'),
  'duckdb, regexp_replace': (file, out, kind) => {
    const mask = (column: string): string =>
      `regexp_replace(regexp_replace(${column}, '${EMAIL}', '[EMAIL]', 'g'), '${PHONE}', '[PHONE]', 'g') as ${column}`
    return duckdb(file, out, kind, `* replace (${TEXTS.map(mask).join(', ')})`)
  },
  'rows, csv-parse': csvRows,
  'rows, JSON.parse': jsonRows,
  exceljs: async (file) => {
    const { default: excel } = await import('exceljs')
    const book = new excel.stream.xlsx.WorkbookReader(file, {
      sharedStrings: 'cache',
      styles: 'cache',
      worksheets: 'emit',
    })
    let rows = -1
    for await (const sheet of book) for await (const row of sheet) rows += row.values.length > 0 ? 1 : 0
    return rows
  },
  sheetjs: async (file) => {
    const excel = await import('xlsx')
    const book = excel.read(readFileSync(file), { dense: true, cellDates: true })
    const sheet = book.Sheets[book.SheetNames[0] ?? '']
    return sheet === undefined ? 0 : excel.utils.sheet_to_json(sheet).length
  },
  avsc: async (file) => {
    const { default: avro } = await import('avsc')
    let rows = 0
    for await (const _ of avro.createFileDecoder(file) as AsyncIterable<unknown>) rows++
    return rows
  },
}

/** Masks, digests, writes a snapshot. */
async function omni(file: string, out: string, mask: boolean): Promise<number> {
  const { OmniCollector } = await import('@omni/core')
  const { file: source } = await import('@omni/source-file')
  const snapshot = await new OmniCollector({ root: out }).collect(source(file), { mask })
  return snapshot.rows
}

/** Decodes into columns and lets them go, as the peers that only read do. */
async function readOnly(file: string): Promise<number> {
  const { createContext } = await import('./context.ts')
  const { file: source } = await import('@omni/source-file')
  const collector = source(file)
  const context = createContext()
  const reader = collector.source.open(collector.options, context)
  let rows = 0
  for (const stream of await reader.discover()) {
    for await (const chunk of reader.read(stream, undefined, context)) {
      if ('restart' in chunk) rows = 0
      else if ('rows' in chunk) rows += chunk.rows.length
      else if ('rows' in chunk.batch) rows += chunk.batch.rows
    }
  }
  await reader.close?.()
  return rows
}

const READERS: Readonly<Record<string, (file: string) => string>> = {
  csv: (file) => `read_csv('${file}', types = {'ref': 'varchar'})`,
  quoted: (file) => `read_csv('${file}', types = {'ref': 'varchar'})`,
  // Short rows are filled and long ones left out, which loses them: it has no quarantine.
  ragged: (file) =>
    `read_csv('${file}', types = {'ref': 'varchar'}, null_padding = true, ignore_errors = true)`,
  utf16: (file) => `read_csv('${file}', types = {'ref': 'varchar'}, encoding = 'utf-16')`,
  ndjson: (file) => `read_ndjson('${file}')`,
}

async function duckdb(file: string, out: string, kind: string, columns: string): Promise<number> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  mkdirSync(out, { recursive: true })
  const database = await (await DuckDBInstance.create(':memory:')).connect()
  await database.run('set threads = 2')
  const target = join(out, 'part.parquet')
  const result = await database.runAndReadAll(
    `copy (select ${columns} from ${READERS[kind]?.(file)}) to '${target}' (format parquet, compression zstd)`,
  )
  return Number(result.getRows()[0]?.[0])
}

async function csvRows(file: string, out: string, kind: string): Promise<number> {
  const { parse } = await import('csv-parse')
  const input = kind === 'zip' ? await firstOfZip(file) : createReadStream(file, { highWaterMark: 1 << 20 })
  const records = input.pipe(
    parse({
      columns: true,
      bom: true,
      relax_column_count: true,
      ...(kind === 'utf16' ? { encoding: 'utf16le' } : {}),
    }),
  )
  return await writeMasked(records as AsyncIterable<Record<string, string>>, out)
}

async function jsonRows(file: string, out: string): Promise<number> {
  const { createInterface } = await import('node:readline')
  async function* records(): AsyncGenerator<Record<string, string>> {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      yield JSON.parse(line) as Record<string, string>
    }
  }
  return await writeMasked(records(), out)
}

/** Masks the texts of each row with two expressions and writes NDJSON. */
async function writeMasked(records: AsyncIterable<Record<string, string>>, out: string): Promise<number> {
  mkdirSync(out, { recursive: true })
  const target = createWriteStream(join(out, 'rows.ndjson'))
  const [email, phone] = [
    /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.[a-z]{2,}/gu,
    /(\+\d{1,3}[ .-]?)?(\(\d{3}\)|\d{3})[ .-]?\d{3}[ .-]?\d{3,4}/g,
  ]
  let rows = 0
  for await (const record of records) {
    for (const column of TEXTS) {
      record[column] = (record[column] ?? '').replace(email, '[EMAIL]').replace(phone, '[PHONE]')
    }
    rows++
    if (!target.write(`${JSON.stringify(record)}\n`)) await once(target, 'drain')
  }
  target.end()
  await once(target, 'close')
  return rows
}

async function firstOfZip(file: string): Promise<Readable> {
  const { openPromise } = await import('yauzl')
  const zip = await openPromise(file)
  for await (const entry of zip.eachEntry()) return await zip.openReadStreamPromise(entry)
  throw new TypeError('the zip is empty')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind = '', lane = '', file = '', out = ''] = process.argv.slice(2)
  const run = LANES[lane]
  if (!run) throw new TypeError(`no lane ${lane}`)
  const from = process.hrtime.bigint()
  const rows = await run(file, out, kind)
  const wallMs = Number(process.hrtime.bigint() - from) / 1e6
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  console.log(
    JSON.stringify({ rows, wallMs, cpuMs: (userCPUTime + systemCPUTime) / 1e3, peakMb: maxRSS / 1024 }),
  )
  process.exit(0)
}
