import { clip, structure64, structureWith64 } from './sweep'

// The field table: for every field of a kept record, row by row, u32 start and u32 end, both relative to the
// input; the end carries the flags. `columns` fields a row, so column c of row r is at (r * columns + c) * 8.
export const QUOTED: u32 = 0x80000000
export const ESCAPED: u32 = 0x40000000
export const NULL: u32 = 0x20000000
export const POSITION: u32 = 0x1fffffff

const RAGGED: u32 = 0
const STRAY: u32 = 1
const UNCLOSED: u32 = 2
const ODD: u32 = 3

/** A record: u32 start, end (without its line end), line. */
const RECORD_BYTES: u32 = 12
/** A record that was not kept: start, end, line, fields, why, rows kept before it. */
const REJECTED_BYTES: u32 = 24

let table: usize = 0
let records: usize = 0
let rejected: usize = 0
let columns: u32 = 0
let nullText: usize = 0
let nullLength: u32 = 0
let skipSpace: bool = false
/** What follows the first byte of a delimiter. */
let tail: usize = 0
let tailLength: u32 = 0
/** The byte that takes the meaning of the next, or -1. */
export let escapeByte: i32 = -1
/** The quote of the last {@link split}, or -1. */
export let quoteByte: i32 = -1
let delimiterByte: u32 = 0

let p: usize = 0
/** Where the fields of this record begin. */
let rowFields: usize = 0
let rows: u32 = 0
let rejects: u32 = 0
let stray: bool = false
let odd: bool = false
/** A record was not kept whose end is in doubt. */
let halted: bool = false
let recordStart: u32 = 0
let recordLine: u32 = 0

/** Where the next {@link split} writes, and how it reads; pointers in bytes. */
export function configure(
  t: usize,
  r: usize,
  x: usize,
  c: u32,
  n: usize,
  nLength: u32,
  space: bool,
  d: usize,
  dLength: u32,
  e: i32,
): void {
  table = t
  records = r
  rejected = x
  columns = c
  nullText = n
  nullLength = nLength
  skipSpace = space
  tail = d
  tailLength = dLength
  escapeByte = e
}

function isTail(at: usize): bool {
  for (let i: u32 = 0; i < tailLength; i++) {
    if (load<u8>(at + i) !== load<u8>(tail + i)) return false
  }
  return true
}

/** How many bytes after an escape outside of quotes it takes the meaning of; 0: it is an ordinary byte. */
export function escapedLength(at: usize, left: u32): u32 {
  if (left === 0) return 0
  const byte = <u32>load<u8>(at)
  if (byte === delimiterByte && left > tailLength && isTail(at + 1)) return 1 + tailLength
  if (byte === 13) return left > 1 && load<u8>(at, 1) === 10 ? 2 : 1
  return byte === 10 || byte === quoteByte || byte === escapeByte ? 1 : 0
}

function isNullText(at: usize): bool {
  for (let i: u32 = 0; i < nullLength; i++) {
    if (load<u8>(at + i) !== load<u8>(nullText + i)) return false
  }
  return true
}

/** A field that is quoted, empty, or may be the text for null. */
function putSpecial(at: usize, start: u32, end: u32, flags: u32, closing: u32): void {
  let from = start
  let to = end
  let f = flags
  if ((flags & QUOTED) !== 0) {
    from = start + 1
    to = closing
  } else if (flags !== 0) {
    // Its escapes go when it is copied.
  } else if (start === end) f = NULL
  else if (end - start === nullLength && isNullText(p + start)) f = NULL
  store<u64>(at, ((<u64>(to | f)) << 32) | <u64>from)
}

function reject(end: u32, fields: u32, why: u32): void {
  const at = rejected + rejects * REJECTED_BYTES
  store<u32>(at, recordStart)
  store<u32>(at, end, 4)
  store<u32>(at, recordLine, 8)
  store<u32>(at, fields, 12)
  store<u32>(at, why, 16)
  store<u32>(at, rows, 20)
  rejects++
}

/** Ends a record of so many fields; returns where the fields of the next begin. */
function endRecord(end: u32, fields: u32, isMultiline: bool): usize {
  if (recordStart === end && columns !== 1) {
    // A blank line is no record.
  } else if (fields !== columns || stray || odd) {
    reject(end, fields, stray ? STRAY : fields !== columns ? RAGGED : ODD)
    halted = stray || isMultiline
  } else {
    const at = records + rows * RECORD_BYTES
    store<u32>(at, recordStart)
    store<u32>(at, end, 4)
    store<u32>(at, recordLine, 8)
    rows++
    rowFields += (<usize>columns) << 3
  }
  stray = false
  odd = false
  return rowFields
}

/**
 * Records of RFC 4180 with LF, CRLF or CR ends, from `input`; at most `maxRows` in all, `maxRejects` not kept, and
 * none after one whose end is in doubt. `quote` -1: none. `final`: the input ends here, so that the last record
 * needs no line end. Writes u32 rows, consumed bytes, line of the next record, rejected records, and whether the
 * last one is in doubt at `result`.
 */
export function split(
  input: usize,
  length: u32,
  final: bool,
  delimiter: u8,
  quote: i32,
  maxRows: u32,
  maxRejects: u32,
  firstLine: u32,
  result: usize,
): void {
  p = input
  rowFields = table
  rows = 0
  rejects = 0
  stray = false
  odd = false
  halted = false
  recordStart = 0
  recordLine = firstLine
  quoteByte = quote
  delimiterByte = delimiter
  let line = firstLine
  let fieldStart: u32 = 0
  let flags: u32 = 0
  // The quote that closed this field, or the last one within an unquoted field.
  let closing: u32 = 0xfffffffe
  let inside = false
  // Bytes before it belong to what was seen.
  let skip: u32 = 0
  let more = maxRows !== 0
  let next = table
  let column: u32 = 0
  // Locals: what the loop needs of the state that does not change in it.
  const mark = escapeByte
  const tails = tailLength
  const width = columns
  const d = i8x16.splat(delimiter)
  const q = i8x16.splat(quote < 0 ? 10 : <i8>quote)
  const e = i8x16.splat(mark < 0 ? 10 : <i8>mark)

  for (let block: u32 = 0; more && block < length; block += 64) {
    let mask = clip(
      mark < 0 ? structure64(input + block, d, q) : structureWith64(input + block, d, q, e),
      length - block,
    )
    while (mask !== 0) {
      const at = block + <u32>ctz(mask)
      mask &= mask - 1
      if (at < skip) continue
      const byte = <u32>load<u8>(input + at)
      if (inside) {
        if (byte === quote) {
          if (at + 1 < length && <u32>load<u8>(input + at, 1) === quote) {
            flags |= ESCAPED
            skip = at + 2
          } else {
            inside = false
            closing = at
          }
        } else if (byte === 10 || (byte === 13 && !(at + 1 < length && load<u8>(input + at, 1) === 10))) {
          line++
        } else if (byte === mark && at + 1 < length) {
          const escaped = <u32>load<u8>(input + at, 1)
          if (escaped === quote || escaped === mark) {
            flags |= ESCAPED
            skip = at + 2
          }
        }
        continue
      }
      if (byte === quote) {
        if (at === fieldStart) {
          inside = true
          flags = QUOTED
        } else if ((flags & QUOTED) === 0) closing = at
        continue
      }
      if (byte === mark) {
        const escaped = escapedLength(input + at + 1, length - at - 1)
        if (escaped !== 0) {
          flags |= ESCAPED
          skip = at + 1 + escaped
          const first = load<u8>(input + at, 1)
          if (first === 10 || first === 13) line++
        }
        continue
      }
      let after = at + 1
      if (byte === 13) {
        if (after === length && !final) {
          more = false
          break
        }
        if (after < length && load<u8>(input + after) === 10) skip = ++after
      } else if (tails !== 0 && byte !== 10) {
        if (length - after < tails) {
          if (final) continue
          more = false
          break
        }
        if (!isTail(input + after)) continue
        after += tails
        skip = after
      }
      if ((flags & QUOTED) !== 0) {
        if (closing + 1 !== at) stray = true
      } else if (closing + 1 === at) odd = true
      if (column < width) {
        if (flags === 0 && at !== fieldStart && at - fieldStart !== nullLength) {
          store<u64>(next, ((<u64>at) << 32) | <u64>fieldStart)
        } else putSpecial(next, fieldStart, at, flags, closing)
        next += 8
      }
      column++
      flags = 0
      fieldStart = after
      if (byte !== 10 && byte !== 13) {
        if (skipSpace && fieldStart < length && load<u8>(input + fieldStart) === 32) fieldStart++
      } else {
        next = endRecord(at, column, line !== recordLine)
        line++
        column = 0
        recordStart = after
        recordLine = line
        if (halted || rows + rejects === maxRows || rejects === maxRejects) {
          more = false
          break
        }
      }
    }
  }
  if (final && more && recordStart < length) {
    if (inside) {
      reject(length, column + 1, UNCLOSED)
      halted = true
    } else {
      if ((flags & QUOTED) !== 0) {
        if (closing + 1 !== length) stray = true
      } else if (closing + 1 === length) odd = true
      if (column < width) putSpecial(next, fieldStart, length, flags, closing)
      endRecord(length, column + 1, line !== recordLine)
    }
    recordStart = length
    recordLine = line
  }
  store<u32>(result, rows)
  store<u32>(result, recordStart, 4)
  store<u32>(result, recordLine, 8)
  store<u32>(result, rejects, 12)
  store<u32>(result, halted ? 1 : 0, 16)
}
