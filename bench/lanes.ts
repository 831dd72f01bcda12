// One lane is one way to do the same job, run as a process of its own so that its memory is its own.
// node bench/lanes.ts LANE FILE OUT

import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The masks that the SQL lanes use: the simplest that take out the e-mails and phones of this file. */
const EMAIL = String.raw`[[:alnum:]._%+\-\p{L}]+@[[:alnum:].\-\p{L}]+\.[a-z]{2,}`
const PHONE = String.raw`(\+\d{1,3}[ .\-]?)?(\(\d{3}\)|\d{3})[ .\-]?\d{3}[ .\-]?\d{3,4}`

export const LANES: Readonly<Record<string, (file: string, out: string) => Promise<number>>> = {
  omni: async (file, out) => {
    const { OmniCollector } = await import('@omni/core')
    const { file: source } = await import('@omni/source-file')
    const snapshot = await new OmniCollector({ root: out }).collect(source(file))
    return snapshot.rows
  },
  'omni, no mask': async (file, out) => {
    const { OmniCollector } = await import('@omni/core')
    const { file: source } = await import('@omni/source-file')
    const snapshot = await new OmniCollector({ root: out }).collect(source(file), { mask: false })
    return snapshot.rows
  },
  duckdb: (file, out) => duckdb(file, out, '*'),
  'duckdb, regexp_replace': (file, out) => {
    const mask = (column: string): string =>
      `regexp_replace(regexp_replace(${column}, '${EMAIL}', '[EMAIL]', 'g'), '${PHONE}', '[PHONE]', 'g') as ${column}`
    return duckdb(
      file,
      out,
      `* replace (${['name', 'email', 'city', 'ref', 'comment'].map(mask).join(', ')})`,
    )
  },
  'rows, csv-parse': async (file, out) => {
    const { parse } = await import('csv-parse')
    mkdirSync(out, { recursive: true })
    const target = createWriteStream(join(out, 'rows.ndjson'))
    const [email, phone] = [
      /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.[a-z]{2,}/gu,
      /(\+\d{1,3}[ .-]?)?(\(\d{3}\)|\d{3})[ .-]?\d{3}[ .-]?\d{3,4}/g,
    ]
    let rows = 0
    const records = createReadStream(file, { highWaterMark: 1 << 20 }).pipe(parse({ columns: true }))
    for await (const record of records as AsyncIterable<Record<string, string>>) {
      for (const column of ['name', 'email', 'city', 'ref', 'comment']) {
        record[column] = (record[column] ?? '').replace(email, '[EMAIL]').replace(phone, '[PHONE]')
      }
      rows++
      if (!target.write(`${JSON.stringify(record)}\n`)) await once(target, 'drain')
    }
    target.end()
    await once(target, 'close')
    return rows
  },
}

async function duckdb(file: string, out: string, columns: string): Promise<number> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  mkdirSync(out, { recursive: true })
  const database = await (await DuckDBInstance.create(':memory:')).connect()
  await database.run(`set threads = 2`)
  const target = join(out, 'part.parquet')
  const result = await database.runAndReadAll(
    `copy (select ${columns} from read_csv('${file}', types = {'ref': 'varchar'})) to '${target}' (format parquet, compression zstd)`,
  )
  return Number(result.getRows()[0]?.[0])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [lane = '', file = '', out = ''] = process.argv.slice(2)
  const run = LANES[lane]
  if (!run) throw new TypeError(`no lane ${lane}`)
  const from = process.hrtime.bigint()
  const rows = await run(file, out)
  const wallMs = Number(process.hrtime.bigint() - from) / 1e6
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  console.log(
    JSON.stringify({ rows, wallMs, cpuMs: (userCPUTime + systemCPUTime) / 1e3, peakMb: maxRSS / 1024 }),
  )
  process.exit(0)
}
