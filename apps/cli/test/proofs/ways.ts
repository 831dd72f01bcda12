import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { duck, sqlText } from './duck.ts'
import type { Garden } from './plants.ts'

// Rows full of plants, and files of every format made of them by hand or by DuckDB.

const ROWS = 13

/** A flat row, as a table has it; `isInner` where it will be JSON text itself, with no escapes inside of it. */
export function flatRow(g: Garden, i: number, isInner = false): Record<string, string | number | bigint> {
  return {
    id: i,
    note: `Please write to ${g.email('note')} or call ${g.phone('note')} soon.`,
    mail: g.email('mail'),
    phone: g.number('numeric phone'),
    mobile: g.number('numeric mobile'),
    url: `https://shop.example/u?mail=${g.email('url')}&p=2#top`,
    body: JSON.stringify({ who: g.email('json text'), deep: [{ tel: g.phone('json text') }] }),
    escaped: isInner ? 'x' : escapeJson({ at: g.email('json escapes'), cell: g.phone('json escapes') }),
    lines: `first line\n<${g.email('lines')}>\r\n${g.phone('lines')}\nlast line`,
    office: g.phone('named by nothing'),
  }
}

/** JSON text in which every sign that can be is an escape: `\u0040` for the at sign. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[@+\u0080-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A nested row, as JSON has it. */
export function nestedRow(g: Garden, i: number, isInner = false): Record<string, unknown> {
  return {
    ...flatRow(g, i, isInner),
    tags: ['plain', g.email('list'), `fax ${g.phone('list')}`],
    person: { about: `see ${g.email('struct')}`, deep: { said: [`my number is ${g.phone('deep')}`] } },
    orders: [{ memo: g.email('list of structs'), phone: g.number('numeric in a list') }],
  }
}

export function flatRows(g: Garden): Record<string, string | number | bigint>[] {
  return Array.from({ length: ROWS }, (_, i) => flatRow(g, i + 1))
}

export function nestedRows(g: Garden): Record<string, unknown>[] {
  return Array.from({ length: ROWS }, (_, i) => nestedRow(g, i + 1))
}

/** JSON text with integers of any size, and in every second document the escapes that JSON allows. */
export function jsonOf(value: unknown, isEscaped = false): string {
  const text = JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `#${v}#` : v)).replace(
    /"#(\d+)#"/g,
    '$1',
  )
  return isEscaped
    ? text.replace(/[@+\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text
}

export function csvOf(
  rows: readonly Record<string, string | number | bigint>[],
  g: Garden,
  comma = ',',
): string {
  const cell = (value: string | number | bigint): string => `"${String(value).replaceAll('"', '""')}"`
  const personal = [`about ${g.email('column name')}`, `calls of ${g.phone('column name')}`]
  const lines = [[...Object.keys(rows[0]!), ...personal].map(cell).join(comma)]
  for (const row of rows) lines.push([...Object.values(row).map(cell), 'x', 'y'].join(comma))
  // Too many fields: for the quarantine.
  const bad = Array.from({ length: 14 }, () =>
    cell(`bad ${g.email('ragged line')} ${g.phone('ragged line')}`),
  )
  lines.push(bad.join(comma))
  return `${lines.join('\n')}\n`
}

export function ndjsonOf(rows: readonly unknown[], g: Garden): string {
  const lines = rows.map((row, i) => jsonOf(row, i % 2 === 1))
  lines.splice(3, 0, `{"broken": "${g.email('broken line')} ${g.phone('broken line')}"`)
  return `${lines.join('\n')}\n`
}

/** A Parquet file with lists, structs, maps, blobs, decimals and doubles, written by DuckDB. */
export async function writeParquet(path: string, g: Garden): Promise<void> {
  const named = `about ${g.email('column name')}`.replaceAll('"', '')
  const selects = flatRows(g).map((row, i) => {
    const text = (value: unknown): string => sqlText(String(value))
    return `SELECT ${i}::INTEGER AS id, ${text(row['note'])} AS note, ${text(row['mail'])} AS mail,
      ${row['phone']}::BIGINT AS phone, ${row['mobile']}::DECIMAL(38,0) AS mobile,
      ${g.number('double')}::DOUBLE AS tel_no, ${g.number('uint64')}::UBIGINT AS "contactPhone",
      [${g.number('list of int64')}::BIGINT] AS phones,
      ${text(row['url'])} AS url, ${text(row['body'])} AS body,
      ${text(row['escaped'])} AS escaped, ${text(row['office'])} AS office, ${text(row['lines'])} AS lines,
      [${text(g.email('list'))}, ${text(g.phone('list'))}] AS tags,
      {'about': ${text(`see ${g.email('struct')}`)}, 'deep': {'said': [${text(g.phone('deep'))}]}} AS person,
      MAP {${text(`k ${g.email('map key')}`)}: ${text(`v ${g.phone('map value')}`)}} AS extra,
      encode(${text(`\u0001 bytes ${g.email('binary', 'ascii')} and ${g.phone('binary')}`)}) AS blob,
      encode(${text(`bytes ${g.email('binary text')} and ${g.phone('binary text')}`)}) AS raw, 'x' AS "${named}"`
  })
  await duck(`COPY (${selects.join(' UNION ALL ')}) TO ${sqlText(path)} (FORMAT parquet)`, 'SELECT 1')
}

/** A zip with one member. */
export function zipOf(name: string, content: Buffer): Buffer {
  const data = deflateRawSync(content)
  const nameBytes = Buffer.from(name)
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(0x800, 2)
  common.writeUInt16LE(8, 4)
  common.writeUInt16LE(0x5821, 8)
  common.writeUInt32LE(crc32(content), 10)
  common.writeUInt32LE(data.length, 14)
  common.writeUInt32LE(content.length, 18)
  common.writeUInt16LE(nameBytes.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, nameBytes, data])
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), nameBytes])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}

/** Writes an input file whose own name is personal, and gives its path. */
export function personalFile(folder: string, g: Garden, ending: string, content: string | Buffer): string {
  const name = `of ${g.email('file name')} tel ${g.phone('file name')}${ending}`.replaceAll('/', '_')
  const path = join(folder, name)
  writeFileSync(path, ending.endsWith('.gz') ? gzipSync(content) : content)
  return path
}
