import { codeAt, hexAt, isAlnum, widthOf } from './bytes.ts'
import type { Edits } from './edits.ts'

// Cells whose JSON escapes and percent-coded UTF-8 are written out, so that the rules for plain text read them
// too: `\uff0b` with any number of backslashes (JSON in a string of JSON), `%EF%BC%8B`, `%25EF%25BC%258B`.

/** Those cells of a column that hold a coded character, decoded, and the way back to the original. */
export interface Decoded {
  readonly values: Uint8Array
  readonly offsets: Int32Array
  readonly rows: number
  /** Moves spans over the decoded bytes to the bytes they stand for; a coded character moves as a whole. */
  moveBack(edits: Edits): void
}

/** Decodes the cells that need it. The result is valid until the next call; undefined when no cell does. */
export type Decode = (bytes: Uint8Array, offsets: Int32Array, rows: number) => Decoded | undefined

const BACKSLASH = 0x5c
const PERCENT = 0x25
const HEX = '0123456789ABCDEF'

/** A decoder with its own scratch memory. */
export function createDecoder(): Decode {
  let values = new Uint8Array(0)
  let starts: number[] = [0]
  // Runs of decoded bytes: where each begins, the original it begins at, and the original end (-1: as it is).
  let at = new Int32Array(64)
  let origin = new Int32Array(64)
  let originEnd = new Int32Array(64)
  let runs = 0
  let size = 0
  const character = { code: 0, end: 0 }

  const pushRun = (from: number, end: number): void => {
    if (runs === at.length) {
      at = wider(at)
      origin = wider(origin)
      originEnd = wider(originEnd)
    }
    at[runs] = size
    origin[runs] = from
    originEnd[runs++] = end
  }
  const reserve = (more: number): void => {
    if (size + more <= values.length) return
    const wide = new Uint8Array(Math.max((size + more) * 2, 1024))
    wide.set(values.subarray(0, size))
    values = wide
  }

  function copyPlain(bytes: Uint8Array, from: number, end: number): void {
    if (end <= from) return
    pushRun(from, -1)
    values.set(bytes.subarray(from, end), size)
    size += end - from
  }

  function decodeCell(bytes: Uint8Array, from: number, to: number): void {
    reserve(to - from)
    let plain = from
    for (let i = from; i < to; ) {
      const c = bytes[i]!
      if (c !== BACKSLASH && c !== PERCENT) {
        i++
        continue
      }
      const good =
        c === BACKSLASH ? readEscape(bytes, i, to, character) : readPercent(bytes, i, to, character)
      if (good) {
        copyPlain(bytes, plain, i)
        pushRun(i, character.end)
        size = writeCode(values, size, character.code)
        plain = character.end
      }
      i = character.end
    }
    copyPlain(bytes, plain, to)
    starts.push(size)
  }

  const moveBack = (edits: Edits): void => {
    let run = 0
    for (let k = 0; k < edits.count; k++) {
      const start = edits.start[k]!
      const last = edits.end[k]! - 1
      while (run + 1 < runs && at[run + 1]! <= start) run++
      edits.start[k] = originEnd[run]! < 0 ? origin[run]! + start - at[run]! : origin[run]!
      while (run + 1 < runs && at[run + 1]! <= last) run++
      edits.end[k] = originEnd[run]! < 0 ? origin[run]! + last + 1 - at[run]! : originEnd[run]!
    }
  }

  return (bytes, offsets, rows) => {
    const total = offsets[rows]!
    runs = 0
    size = 0
    starts = [0]
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, total)
    let unicode = text.indexOf('\\u')
    let percent = nextPercent(text, 0)
    for (let row = 0; unicode >= 0 || percent >= 0; ) {
      const next = percent < 0 || (unicode >= 0 && unicode < percent) ? unicode : percent
      row = rowOf(offsets, row, rows, next)
      const end = offsets[row + 1]!
      decodeCell(bytes, offsets[row]!, end)
      if (unicode >= 0 && unicode < end) unicode = text.indexOf('\\u', end)
      if (percent >= 0 && percent < end) percent = nextPercent(text, end)
    }
    return runs === 0
      ? undefined
      : { values, offsets: Int32Array.from(starts), rows: starts.length - 1, moveBack }
  }
}

/**
 * The next percent sign that may code a byte of a character that is not ASCII, one that is coded itself, or the `&`
 * of `%26%23`.
 */
function nextPercent(text: Buffer, from: number): number {
  let i = text.indexOf(PERCENT, from)
  while (i >= 0) {
    const c = text[i + 1] ?? 0
    const l = c | 0x20
    if ((l >= 0x63 && l <= 0x66) || (c === 0x32 && text[i + 2] === 0x35)) return i
    if (c === 0x32 && text[i + 2] === 0x36 && text[i + 3] === PERCENT) return i
    i = text.indexOf(PERCENT, i + 1)
  }
  return -1
}

/** The cell that holds position `at`, at or after `row`. */
function rowOf(offsets: Int32Array, row: number, rows: number, at: number): number {
  let low = row
  let high = rows
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (offsets[middle]! <= at) low = middle
    else high = middle
  }
  return low
}

interface Character {
  code: number
  end: number
}

/** `\uXXXX`, or two of them for a character beyond U+FFFF. Sets `out.end` past what was read, good or not. */
function readEscape(b: Uint8Array, at: number, to: number, out: Character): boolean {
  let u = at
  while (u < to && b[u] === BACKSLASH) u++
  out.end = u
  const code = b[u] === 0x75 ? hexAt(b, u + 1, to, 4) : -1
  if (code < 0) return false
  out.end = u + 5
  out.code = code
  if (code < 0xd800 || code > 0xdfff) return isWrittenOut(code)
  let low = u + 5
  while (low < to && b[low] === BACKSLASH) low++
  const second = low > u + 5 && b[low] === 0x75 ? hexAt(b, low + 1, to, 4) : -1
  if (code > 0xdbff || second < 0xdc00 || second > 0xdfff) {
    out.code = REPLACEMENT
    return true
  }
  out.code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00)
  out.end = low + 5
  return true
}

/** Quotes, backslashes and control characters stay coded: they would change where a string of JSON ends. */
function isWrittenOut(code: number): boolean {
  return code >= 0xa0 || isAlnum(code) || (code < 0x80 && PLAIN.includes(String.fromCharCode(code)))
}

/** What half a pair of surrogates is read as; it may stand in a name. */
const REPLACEMENT = 0xfffd
const PLAIN = '@+-._() '
/** `&`, `#` and `;`: a numeric character reference of HTML in a URL. */
const ENTITY: readonly number[] = [0x26, 0x23, 0x3b]

/**
 * One character of UTF-8 as `%XX%XX`, the percent signs themselves coded as `%25` any number of times. An ASCII
 * character c of which they are is read as code -c - 1.
 */
function readPercent(b: Uint8Array, at: number, to: number, out: Character): boolean {
  const bytes = new Uint8Array(4)
  let i = at
  for (let n = 0; n < 4 && i < to && b[i] === PERCENT; n++) {
    let digits = i + 1
    while (digits + 1 < to && b[digits] === 0x32 && b[digits + 1] === 0x35) digits += 2
    const byte = hexAt(b, digits, to, 2)
    if (n === 0) out.end = digits
    if (byte < 0x80) {
      if (n > 0 || byte < 0) return false
      // What stands for an ASCII character is written as coded once, which the rules for URLs read.
      if (!ENTITY.includes(byte) && digits === i + 1) return false
      out.code = ENTITY.includes(byte) ? byte : -byte - 1
      out.end = digits + 2
      return true
    }
    bytes[n] = byte
    i = digits + 2
    const code = codeAt(bytes, 0, n + 1)
    if (code < 0 || widthOf(code) !== n + 1) continue
    out.code = code
    out.end = i
    return true
  }
  return false
}

function writeCode(out: Uint8Array, at: number, code: number): number {
  let i = at
  if (code < 0) {
    out[i++] = PERCENT
    out[i++] = HEX.charCodeAt(~code >> 4)
    out[i++] = HEX.charCodeAt(~code & 15)
    return i
  }
  if (code < 0x80) {
    out[i++] = code
    return i
  }
  const more = widthOf(code) - 1
  out[i++] = (more === 1 ? 0xc0 : more === 2 ? 0xe0 : 0xf0) | (code >> (6 * more))
  for (let k = more - 1; k >= 0; k--) out[i++] = 0x80 | ((code >> (6 * k)) & 0x3f)
  return i
}

function wider(old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(old.length * 2)
  wide.set(old)
  return wide
}
