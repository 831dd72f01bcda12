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

/** A field's text, or null. */
type Field = {
  readonly bytes: Uint8Array /** Not a copy of what stands there. */
  readonly isEscaped: boolean
} | null

const LF = 10
const CR = 13
const SPACE = 32

/** The specification of `createCsvSplitter`, one byte after the other. */
export function createCsvSplitterTwin(dialect: CsvDialect): CsvSplitter {
  const { columns } = dialect
  let piece = new Uint8Array()
  let records: { at: CsvRecord; fields: Field[] }[] = []
  return {
    split(bytes, from, to, { final, maxRows, line: firstLine }) {
      const input = bytes.subarray(from, to)
      piece = input.slice()
      const rejected: CsvRejected[] = []
      const most = Math.min(maxRows, MAX_ROWS)
      records = []
      let consumed = 0
      let line = firstLine
      let halted = false
      while (
        !halted &&
        records.length + rejected.length < most &&
        rejected.length < MAX_REJECTED &&
        consumed < input.length
      ) {
        const found = readRecord(input, consumed, dialect, final)
        if (!found) break
        const { fields } = found
        const at = { start: consumed, end: found.end, line }
        const isBlank = found.end === consumed && columns !== 1
        const why = whyNot(found, columns)
        if (!isBlank && why === undefined) records.push({ at, fields })
        else if (!isBlank && why !== undefined) {
          rejected.push({ ...at, fields: fields.length, why, before: records.length })
          halted = found.stray || found.unclosed || found.isMultiline
        }
        consumed = found.next
        line += found.lines
      }
      return { rows: records.length, consumed, line, rejected, halted }
    },
    record: (row) => records[row]!.at,
    starting: (prefix) =>
      records.flatMap(({ at }, row) => (isStart(prefix, piece.subarray(at.start, at.end)) ? [row] : [])),
    alone: () =>
      records.flatMap(({ fields }, row) => (fields.slice(1).every((field) => field === null) ? [row] : [])),
    drop(rows) {
      records = records.filter((_, row) => !rows.includes(row))
    },
    insert(inserted) {
      inserted.forEach(({ before, fields, start, end, line }, i) => {
        const texts = fields.map((bytes) => bytes && { bytes: bytes.slice(), isEscaped: false })
        records.splice(before + i, 0, { at: { start, end, line }, fields: texts })
      })
    },
    text: (column, base, bit) => textColumn(fieldsOf(column), base, bit),
    fixed: (column, type, bit) => fixedColumn(fieldsOf(column), type, bit),
    kinds: (column) => kindsOf(fieldsOf(column)),
    release() {
      records = []
    },
  }

  function fieldsOf(column: number): Field[] {
    return records.map((record) => record.fields[column] ?? null)
  }
}

function isStart(prefix: Uint8Array, bytes: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[i] === byte)
}

interface Found {
  readonly fields: Field[]
  readonly end: number
  readonly next: number
  /** Line ends in the record, its own included. */
  readonly lines: number
  readonly isMultiline: boolean
  readonly stray: boolean
  /** A quote ends a field that none began. */
  readonly odd: boolean
  readonly unclosed: boolean
}

function whyNot(found: Found, columns: number): CsvRejected['why'] | undefined {
  if (found.unclosed) return 'unclosed'
  if (found.stray) return 'quote'
  if (found.fields.length !== columns) return 'ragged'
  return found.odd ? 'odd' : undefined
}

/** How many bytes at `at`, after an escape outside of quotes, are ordinary; 0: the escape is. */
function escapedLength(input: Uint8Array, at: number, dialect: CsvDialect): number {
  const byte = input[at]
  if (byte === undefined) return 0
  if (isDelimiter(input, at, dialect)) return 1 + (dialect.delimiterTail?.length ?? 0)
  if (byte === CR) return input[at + 1] === LF ? 2 : 1
  return byte === LF || byte === dialect.quote || byte === dialect.escape ? 1 : 0
}

function isDelimiter(input: Uint8Array, at: number, { delimiter, delimiterTail }: CsvDialect): boolean {
  if (input[at] !== delimiter) return false
  return delimiterTail === undefined || delimiterTail.every((byte, i) => input[at + 1 + i] === byte)
}

/** The record at `start`, or undefined when its end is not there yet. */
function readRecord(
  input: Uint8Array,
  start: number,
  dialect: CsvDialect,
  final: boolean,
): Found | undefined {
  const fields: Field[] = []
  const { quote, escape: escapeByte = -1, delimiter } = dialect
  const delimiterBytes = 1 + (dialect.delimiterTail?.length ?? 0)
  let stray = false
  let odd = false
  let lines = 0
  let at = start
  while (true) {
    const first = at
    let content: number[] | undefined
    let isEscaped = false
    if (input[at] === quote) {
      content = []
      for (at++; ; at++) {
        const byte = input[at]
        if (byte === undefined) {
          if (!final) return undefined
          fields.push(null)
          const place = { end: input.length, next: input.length, lines, isMultiline: lines > 0 }
          return { fields, ...place, stray, odd, unclosed: true }
        }
        const next = input[at + 1]
        if (byte === quote) {
          if (next !== quote) break
          at++
          isEscaped = true
        } else if (byte === LF || (byte === CR && next !== LF)) lines++
        else if (byte === escapeByte && (next === quote || next === escapeByte)) {
          at++
          isEscaped = true
        }
        content.push(input[at]!)
      }
      at++
    }
    const closed = at
    const plain: number[] = []
    // A quote that was the last byte, and meant nothing.
    let hasLast = false
    while (at < input.length && input[at] !== LF && input[at] !== CR) {
      if (input[at] === delimiter) {
        if (input.length - at < delimiterBytes && !final) return undefined
        if (isDelimiter(input, at, dialect)) break
      }
      const escaped = input[at] === escapeByte ? escapedLength(input, at + 1, dialect) : 0
      hasLast = escaped === 0 && input[at] === quote
      if (escaped > 0) {
        isEscaped = true
        at++
        if (input[at] === LF || input[at] === CR) lines++
      }
      for (let i = 0; i < Math.max(1, escaped); i++) plain.push(input[at++]!)
    }
    if (content && at !== closed) stray = true
    if (!content && hasLast) odd = true
    fields.push(
      content
        ? { bytes: Uint8Array.from(content), isEscaped }
        : unquoted(input.subarray(first, at), Uint8Array.from(plain), isEscaped, dialect),
    )
    if (at < input.length && input[at] !== LF && input[at] !== CR) {
      at += delimiterBytes
      if (dialect.skipSpace && input[at] === SPACE) at++
      continue
    }
    const wide = input[at] === CR && input[at + 1] === LF
    if (!final && (at === input.length || (input[at] === CR && at + 1 === input.length))) return undefined
    const next = Math.min(input.length, at + (wide ? 2 : 1))
    const place = { end: at, next, lines: lines + (next > at ? 1 : 0), isMultiline: lines > 0 }
    return { fields, ...place, stray, odd, unclosed: false }
  }
}

function unquoted(raw: Uint8Array, bytes: Uint8Array, isEscaped: boolean, dialect: CsvDialect): Field {
  if (raw.length === 0) return null
  if (!isEscaped && dialect.nullText && Buffer.compare(raw, dialect.nullText) === 0) return null
  return { bytes, isEscaped }
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
  const ends = Int32Array.from(fields, (field) => (end += field?.bytes.length ?? 0))
  const values = new Uint8Array(Buffer.concat(fields.map((field) => field?.bytes ?? new Uint8Array())))
  return { values, ends, ...validityOf(fields, bit) }
}

function fixedColumn(fields: readonly Field[], type: CsvType, bit: number): CsvFixed {
  const width = widthOf(type)
  const values = new Uint8Array(width === 0 ? (bit + fields.length + 7) >> 3 : width * fields.length)
  const failed = fields.findIndex(
    (field, i) => field !== null && (field.isEscaped || !writeValue(field.bytes, type, values, bit, i)),
  )
  return { values, ...validityOf(fields, bit), failed }
}

function kindsOf(fields: readonly Field[]): CsvKinds {
  let kinds = 0
  let scales = 0n
  let exact = true
  for (const field of fields) {
    if (field === null) continue
    const { kind, scale } = field.isEscaped ? { kind: KIND.text, scale: 0 } : readKind(field.bytes)
    kinds |= kind
    if (scale > 0) scales |= 1n << BigInt(scale)
    if ((kind & (KIND.fractionSlow | KIND.exponent)) !== 0) {
      exact &&= isDoubleText(Buffer.from(field.bytes).toString('latin1'))
    }
  }
  if (!exact && (kinds & KIND.text) === 0) kinds |= KIND.inexact
  return { kinds, scales }
}
