import type { CsvDialect } from '@omni/kernels'

/** How fields are written; the number of columns does not matter here. */
export type Style = Omit<CsvDialect, 'columns'>

/** A field as it stands in the bytes; a quoted one without its quotes. */
export interface Field {
  readonly from: number
  readonly to: number
  readonly isQuoted: boolean
}

/** A record found by the rules that the kernel has too. */
export interface Scanned {
  readonly start: number
  /** Without its line end. */
  readonly end: number
  /** Where the next record begins. */
  readonly next: number
  /** Line ends, its own included. */
  readonly lines: number
  readonly fields: readonly Field[]
  /** Why its end is in doubt: text beside a quoted field, or a quote that is never closed. */
  readonly broken: 'stray' | 'unclosed' | null
  /** A quote ends a field that none began. */
  readonly isOdd: boolean
}

const LF = 10
const CR = 13
const SPACE = 32

/** Bytes of a delimiter. */
export function delimiterBytes({ delimiterTail }: Style): number {
  return 1 + (delimiterTail?.length ?? 0)
}

/** Whether a delimiter is at `at`. */
export function isDelimiter(bytes: Uint8Array, at: number, end: number, style: Style): boolean {
  if (at >= end || bytes[at] !== style.delimiter) return false
  const { delimiterTail: tail } = style
  if (tail === undefined) return true
  for (let i = 0; i < tail.length; i++) if (at + 1 + i >= end || bytes[at + 1 + i] !== tail[i]) return false
  return true
}

/** Whether a line end is at `at`. */
export function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === LF || bytes[at] === CR
}

/** Where the line that holds `at` ends, and where the next begins; undefined when that is not in sight. */
export function lineAfter(
  bytes: Uint8Array,
  at: number,
  to: number,
  isLast: boolean,
): { readonly end: number; readonly next: number } | undefined {
  let end = at
  while (end < to && bytes[end] !== LF && bytes[end] !== CR) end++
  if (end === to) return isLast ? { end, next: to } : undefined
  if (bytes[end] === LF) return { end, next: end + 1 }
  if (end + 1 === to && !isLast) return undefined
  return { end, next: end + 1 < to && bytes[end + 1] === LF ? end + 2 : end + 1 }
}

/** The record at `start`; undefined when it does not end before `to` and more may follow. */
export function scanRecord(
  bytes: Uint8Array,
  start: number,
  to: number,
  style: Style,
  isLast: boolean,
): Scanned | undefined {
  const { quote, escape: mark = -1, delimiter, skipSpace = false } = style
  const width = delimiterBytes(style)
  const fields: Field[] = []
  let broken: Scanned['broken'] = null
  let isOdd = false
  let lines = 0
  let at = start
  for (;;) {
    const first = at
    let closed = -1
    if (at < to && bytes[at] === quote) {
      for (at++; at < to; at++) {
        const byte = bytes[at]!
        if (byte === quote) {
          if (bytes[at + 1] !== quote || at + 1 >= to) break
          at++
        } else if (byte === mark && at + 1 < to && (bytes[at + 1] === quote || bytes[at + 1] === mark)) at++
        else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) lines++
      }
      if (at >= to) {
        if (!isLast) return undefined
        fields.push({ from: first + 1, to, isQuoted: true })
        return { start, end: to, next: to, lines, fields, broken: 'unclosed', isOdd }
      }
      closed = at++
    }
    let last = -1
    while (at < to) {
      const byte = bytes[at]!
      if (byte === LF || byte === CR) break
      if (byte === delimiter && isDelimiter(bytes, at, to, style)) break
      if (byte === mark && at + 1 < to) {
        const next = bytes[at + 1]!
        if (isDelimiter(bytes, at + 1, to, style)) at += width
        else if (next === quote || next === mark || next === LF) at++
      } else if (byte === quote) last = at
      at++
    }
    if (closed >= 0) {
      if (closed + 1 !== at) broken = 'stray'
      fields.push({ from: first + 1, to: closed, isQuoted: true })
    } else {
      if (last >= 0 && last + 1 === at) isOdd = true
      fields.push({ from: first, to: at, isQuoted: false })
    }
    if (at < to && bytes[at] !== LF && bytes[at] !== CR) {
      at += width
      if (skipSpace && bytes[at] === SPACE && at < to) at++
      continue
    }
    if (at >= to) return isLast ? { start, end: to, next: to, lines, fields, broken, isOdd } : undefined
    if (bytes[at] === CR && at + 1 >= to && !isLast) return undefined
    const next = at + (bytes[at] === CR && at + 1 < to && bytes[at + 1] === LF ? 2 : 1)
    return { start, end: at, next, lines: lines + 1, fields, broken, isOdd }
  }
}

/** Records from `from` on, blank ones too; one that is broken ends at its line, so that it hides no other. */
export function* scanRecords(
  bytes: Uint8Array,
  from: number,
  style: Style,
  isLast: boolean,
): Generator<Scanned, void, void> {
  for (let at = from; at < bytes.length; ) {
    const found = scanRecord(bytes, at, bytes.length, style, isLast)
    // The head ends within it.
    if (!found) return
    if (found.broken && found.lines > 1) {
      const line = lineAfter(bytes, at, bytes.length, isLast)
      if (!line) return
      const { end, next } = line
      yield { ...found, end, next, lines: 1 }
      at = next
      continue
    }
    yield found
    at = found.next
  }
}

/** Whether nothing is in a record. */
export function isBlank(record: Scanned): boolean {
  return record.start === record.end
}

/** The text of a field: doubled quotes single, escapes gone. */
export function fieldBytes(bytes: Uint8Array, field: Field, style: Style): Uint8Array {
  const { quote, escape: mark = -1 } = style
  const raw = bytes.subarray(field.from, field.to)
  if (!(field.isQuoted && raw.includes(quote)) && (mark < 0 || !raw.includes(mark))) return raw
  const out = new Uint8Array(raw.length)
  let size = 0
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i]!
    const next = raw[i + 1]
    if (field.isQuoted && byte === quote && next === quote) i++
    else if (byte === mark && next !== undefined) {
      const takesNext = next === quote || next === mark
      if (takesNext || (!field.isQuoted && (next === LF || isDelimiter(raw, i + 1, raw.length, style)))) i++
    }
    out[size++] = raw[i]!
  }
  return out.subarray(0, size)
}

/** {@link fieldBytes} as a string. */
export function fieldText(bytes: Uint8Array, field: Field, style: Style): string {
  return Buffer.from(fieldBytes(bytes, field, style)).toString('utf8')
}
