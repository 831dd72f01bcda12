import {
  type CsvDialect,
  type CsvFixed,
  type CsvKinds,
  type CsvRecord,
  type CsvRejected,
  type CsvSplitter,
  type CsvText,
  type CsvType,
  isDoubleText,
  KIND,
  MAX_REJECTED,
  MAX_ROWS,
  widthOf,
} from './csv.ts'
import { readKind, writeValue } from './kinds-twin.ts'

/** A field's bytes without quotes and with single quotes within, or null. */
type Field = Uint8Array | null

const LF = 10
const CR = 13
const SPACE = 32

/** The specification of `createCsvSplitter`, one byte after the other. */
export function createCsvSplitterTwin(dialect: CsvDialect): CsvSplitter {
  const { columns } = dialect
  let records: { at: CsvRecord; fields: Field[] }[] = []
  return {
    split(bytes, from, to, { final, maxRows, line: firstLine }) {
      const input = bytes.subarray(from, to)
      const rejected: CsvRejected[] = []
      const most = Math.min(maxRows, MAX_ROWS)
      records = []
      let consumed = 0
      let line = firstLine
      while (records.length < most && rejected.length < MAX_REJECTED && consumed < input.length) {
        const found = readRecord(input, consumed, dialect, final)
        if (!found) break
        const at = { start: consumed, end: found.end, line }
        const blank = found.end === consumed && columns !== 1
        if (found.unclosed) rejected.push({ ...at, fields: found.fields.length, why: 'unclosed' })
        else if (!blank && found.fields.length !== columns)
          rejected.push({ ...at, fields: found.fields.length, why: 'ragged' })
        else if (!blank && found.stray) rejected.push({ ...at, fields: found.fields.length, why: 'quote' })
        else if (!blank) records.push({ at, fields: found.fields })
        consumed = found.next
        line += found.lines
      }
      return { rows: records.length, consumed, line, rejected }
    },
    record: (row) => records[row]!.at,
    drop(rows) {
      records = records.filter((_, row) => !rows.includes(row))
    },
    text: (column, base, bit) => textColumn(fieldsOf(column), base, bit),
    fixed: (column, type, bit) => fixedColumn(fieldsOf(column), type, bit),
    kinds: (column) => kindsOf(fieldsOf(column), dialect.quote),
    release() {
      records = []
    },
  }

  function fieldsOf(column: number): Field[] {
    return records.map((record) => record.fields[column] ?? null)
  }
}

interface Found {
  readonly fields: Field[]
  readonly end: number
  readonly next: number
  /** Line ends in the record, its own included. */
  readonly lines: number
  readonly stray: boolean
  readonly unclosed: boolean
}

/** The record at `start`, or undefined when its end is not there yet. */
function readRecord(
  input: Uint8Array,
  start: number,
  dialect: CsvDialect,
  final: boolean,
): Found | undefined {
  const fields: Field[] = []
  let stray = false
  let lines = 0
  let at = start
  while (true) {
    const first = at
    let content: number[] | undefined
    if (input[at] === dialect.quote) {
      content = []
      for (at++; ; at++) {
        const byte = input[at]
        if (byte === undefined) {
          if (!final) return undefined
          fields.push(null)
          return { fields, end: input.length, next: input.length, lines, stray, unclosed: true }
        }
        if (byte === dialect.quote) {
          if (input[at + 1] !== dialect.quote) break
          at++
        } else if (byte === LF || (byte === CR && input[at + 1] !== LF)) lines++
        content.push(byte)
      }
      at++
    }
    const closed = at
    while (at < input.length && input[at] !== dialect.delimiter && input[at] !== LF && input[at] !== CR) at++
    if (content && at !== closed) stray = true
    fields.push(content ? Uint8Array.from(content) : unquoted(input.subarray(first, at), dialect))
    if (at < input.length && input[at] === dialect.delimiter) {
      at++
      if (dialect.skipSpace && input[at] === SPACE) at++
      continue
    }
    const wide = input[at] === CR && input[at + 1] === LF
    if (!final && (at === input.length || (input[at] === CR && at + 1 === input.length))) return undefined
    const next = Math.min(input.length, at + (wide ? 2 : 1))
    return { fields, end: at, next, lines: lines + (next > at ? 1 : 0), stray, unclosed: false }
  }
}

function unquoted(bytes: Uint8Array, dialect: CsvDialect): Field {
  if (bytes.length === 0) return null
  return dialect.nullText && Buffer.compare(bytes, dialect.nullText) === 0 ? null : bytes.slice()
}

function validityOf(fields: readonly Field[], bit: number): { validity: Uint8Array; nulls: number } {
  const validity = new Uint8Array((bit + fields.length + 7) >> 3)
  let nulls = 0
  fields.forEach((field, i) => {
    if (field === null) nulls++
    else validity[(bit + i) >> 3]! |= 1 << ((bit + i) & 7)
  })
  return { validity, nulls }
}

function textColumn(fields: readonly Field[], base: number, bit: number): CsvText {
  let end = base
  const ends = Int32Array.from(fields, (field) => (end += field?.length ?? 0))
  const values = new Uint8Array(Buffer.concat(fields.map((field) => field ?? new Uint8Array())))
  return { values, ends, ...validityOf(fields, bit) }
}

function fixedColumn(fields: readonly Field[], type: CsvType, bit: number): CsvFixed {
  const width = widthOf(type)
  const values = new Uint8Array(width === 0 ? (bit + fields.length + 7) >> 3 : width * fields.length)
  const failed = fields.findIndex((field, i) => field !== null && !writeValue(field, type, values, bit, i))
  return { values, ...validityOf(fields, bit), failed }
}

function kindsOf(fields: readonly Field[], quote: number): CsvKinds {
  let kinds = 0
  let scales = 0n
  let exact = true
  for (const field of fields) {
    if (field === null) continue
    const { kind, scale } = field.includes(quote) ? { kind: KIND.text, scale: 0 } : readKind(field)
    kinds |= kind
    if (scale > 0) scales |= 1n << BigInt(scale)
    if ((kind & (KIND.fractionSlow | KIND.exponent)) !== 0) {
      exact &&= isDoubleText(Buffer.from(field).toString('latin1'))
    }
  }
  if (!exact && (kinds & KIND.text) === 0) kinds |= KIND.inexact
  return { kinds, scales }
}
