import { COLUMNS, csvLine, writeRows } from './customers.ts'

// Inputs that are lines of text.

const HEAD = `${COLUMNS.join(',')}\n`

/** A tenth of the comments is quoted for a comma, as files of people are. */
export const clean = (path: string, bytes: number): number =>
  writeRows(path, bytes, { head: HEAD, quoted: 0, line: csvLine })

export const quoted = (path: string, bytes: number): number =>
  writeRows(path, bytes, { head: HEAD, quoted: 0.2, line: csvLine })

/** Every hundredth row lacks its last fields, or has one more. */
export const ragged = (path: string, bytes: number): number =>
  writeRows(path, bytes, {
    head: HEAD,
    quoted: 0,
    line: (row, i) => {
      if (i % 100 !== 99) return csvLine(row)
      return csvLine(i % 200 === 99 ? row.slice(0, 8) : [...row, 'extra'])
    },
  })

export const utf16 = (path: string, bytes: number): number =>
  writeRows(path, bytes, { head: `\uFEFF${HEAD}`, quoted: 0, line: csvLine, encoding: 'utf16le' })

export const ndjson = (path: string, bytes: number): number =>
  writeRows(path, bytes, {
    head: '',
    quoted: 0.2,
    line: ([id, name, email, city, signup, amount, score, active, ref, comment]) =>
      `{"id":${id},"name":${JSON.stringify(name)},"email":"${email}","city":${JSON.stringify(city)},` +
      `"signup":"${signup}","amount":${amount},"score":${score},"active":${active},"ref":"${ref}",` +
      `"comment":${JSON.stringify(comment)}}\n`,
  })
