import { isUtf8 } from 'node:buffer'
import { type Column, fault } from '@omni/spec'
import type { KindName } from './kinds.ts'
import { decodedKind, isAddressOfAnyScript } from './unmasked.ts'

// The second look. It shares no code with the detectors: it goes to the bytes that every address or number has, and
// there takes V8 regular expressions of plain classes over strings of a few bytes, or of the cells that hold codes or
// other scripts. What it finds was missed, so the run stops.

/** An ASCII address: what the first look must never leave. */
const ADDRESS = /[A-Za-z0-9][A-Za-z0-9._+-]{0,40}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2}/
/** +14155550123, and 415-555-0123 with the same forms of separator. */
const INTERNATIONAL = /(?:^|[^\w+)\]\\%;])\+[1-9][0-9]{7,14}(?![0-9\x80-\xff]|\\+u|%(?:25)*[89A-Fa-f])/
const NATIONAL = /^[0-9]{3}[-.][0-9]{3}[-.][0-9]{4}$/
const NATIONAL_BYTES = 12
/**
 * How far on such a number may end at the earliest, by the byte where it would end (Horspool 1980): at a digit, here;
 * a hyphen or point would be its second separator; no other byte is in one.
 */
const SHIFTS: Uint8Array = new Uint8Array(256).fill(NATIONAL_BYTES).fill(4, 0x2d, 0x2f).fill(0, 0x30, 0x3a)
const AROUND = 96

/** Looks over one column of text or bytes and throws the fault `mask.residual` at the first thing it finds. */
export function scanText(column: Column, label: string): void {
  const offsets = column.offsets ?? fixedOffsets(column)
  const total = offsets[column.length]!
  const bytes = Buffer.from(column.values.buffer, column.values.byteOffset, total)
  // Among bytes of an image, five that look like an address are chance.
  const least = column.type.kind === 'utf8' ? 0 : 8
  scanMarks(bytes, offsets, 0x40, ADDRESS, least, label)
  scanMarks(bytes, offsets, 0x2b, INTERNATIONAL, 0, label)
  scanOtherScripts(bytes, offsets, Buffer.from('@'), label)
  scanOtherScripts(bytes, offsets, Buffer.from('\uff20'), label)
  scanCoded(bytes, offsets, '\\u', /^/, label)
  scanCoded(bytes, offsets, '%', /^%(?:25)*(?:[89A-Fa-f]|40|2[Bb])/, label)
  scanNational(bytes, offsets, label)
}

/** Looks for three digits, three and four with a hyphen or point between, by the last byte that such a number may have. */
function scanNational(bytes: Buffer, offsets: Int32Array, label: string): void {
  const rows = offsets.length - 1
  const total = offsets[rows]!
  for (let last = NATIONAL_BYTES - 1; last < total; ) {
    const shift = SHIFTS[bytes[last]!]!
    if (shift > 0) {
      last += shift
      continue
    }
    const start = last - NATIONAL_BYTES + 1
    const end = ++last
    if (!isJoin(bytes[start + 3]!) || !isJoin(bytes[start + 7]!)) continue
    if (!NATIONAL.test(bytes.toString('latin1', start, end))) continue
    const row = rowOf(offsets, rows, start)
    if (end > offsets[row + 1]!) continue
    const before = start > offsets[row]! ? String.fromCharCode(bytes[start - 1]!) : ''
    const after = bytes.toString('latin1', end, Math.min(end + 12, offsets[row + 1]!))
    if (
      /[\w.+/%\x80-\xff-]/.test(before) ||
      /^(?:\w|[-./:]?(?:\\+u|%(?:25)*[89A-Fa-f])|[-./:][0-9\x80-\xff]|[\x80-\xff])/.test(after)
    )
      continue
    throw found('phone', label)
  }
}

function isJoin(byte: number): boolean {
  return byte === 0x2d || byte === 0x2e
}

function scanMarks(
  bytes: Buffer,
  offsets: Int32Array,
  mark: number,
  shape: RegExp,
  least: number,
  label: string,
): void {
  const kind: KindName = mark === 0x40 ? 'email' : 'phone'
  const rows = offsets.length - 1
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    const row = rowOf(offsets, rows, at)
    const start = Math.max(offsets[row]!, at - (kind === 'email' ? 42 : 1))
    const end = Math.min(offsets[row + 1]!, at + AROUND)
    const text = bytes.toString('latin1', start, end)
    const hit = shape.exec(text)
    if (hit === null || hit[0].length < least || (kind === 'email' && isEscaped(text, hit.index))) continue
    if (kind === 'phone' && start + hit.index > at) continue
    throw found(kind, label)
  }
}

/** Looks at the at signs with letters of other scripts around them, in cells of UTF-8. */
function scanOtherScripts(bytes: Buffer, offsets: Int32Array, mark: Buffer, label: string): void {
  const rows = offsets.length - 1
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    const row = rowOf(offsets, rows, at)
    const window = bytes.subarray(Math.max(offsets[row]!, at - 84), Math.min(offsets[row + 1]!, at + AROUND))
    if (!/[\x80-\xff]/.test(window.toString('latin1'))) continue
    if (!isAddressOfAnyScript(window) || !isUtf8(bytes.subarray(offsets[row]!, offsets[row + 1]!))) continue
    throw found('email', label)
  }
}

/** Looks at the cells that hold a code, once each. */
function scanCoded(bytes: Buffer, offsets: Int32Array, mark: string, code: RegExp, label: string): void {
  const rows = offsets.length - 1
  for (let at = bytes.indexOf(mark); at >= 0; ) {
    let next = at + 1
    if (code.test(bytes.toString('latin1', at, Math.min(at + 12, bytes.length)))) {
      const row = rowOf(offsets, rows, at)
      next = offsets[row + 1]!
      const kind = decodedKind(bytes, offsets[row]!, next)
      if (kind !== undefined) throw found(kind, label)
    }
    at = bytes.indexOf(mark, next)
  }
}

/** In `\n@x.org` and `\u000a@x.org` of JSON, the characters before the at sign are a line break. */
function isEscaped(text: string, at: number): boolean {
  return at > 0 && text[at - 1] === '\\'
}

function rowOf(offsets: Int32Array, rows: number, at: number): number {
  let low = 0
  let high = rows
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (offsets[middle]! <= at) low = middle
    else high = middle
  }
  return low
}

function fixedOffsets(column: Column): Int32Array {
  const width = column.type.kind === 'fixed' ? column.type.bytes : 0
  return Int32Array.from({ length: column.length + 1 }, (_, i) => i * width)
}

function found(kind: KindName, label: string): Error {
  return fault({
    kind: 'data',
    code: 'mask.residual',
    why: `After masking, column "${label}" still holds what looks like ${kind === 'email' ? 'an e-mail address' : 'a phone number'}.`,
    fix: `Nothing was published. Mask the whole column (--mask ${label}:redact) and report this as a defect.`,
  })
}

/** Throws unless every value of a column that was masked whole is the token, empty, or null. */
export function scanWhole(column: Column, label: string, token: string): void {
  const { offsets, length, type } = column
  if (type.kind === 'null') return
  if (offsets === null) {
    if (column.nullCount === length) return
  } else {
    if (isToken(column.values, offsets, length, Buffer.from(token))) return
  }
  throw fault({
    kind: 'data',
    code: 'mask.residual',
    why: `Column "${label}" was to be masked whole, and still holds values.`,
    fix: 'Nothing was published. Report this as a defect.',
  })
}

/** Whether every value is empty or the token. */
function isToken(bytes: Uint8Array, offsets: Int32Array, length: number, token: Uint8Array): boolean {
  for (let i = 0; i < length; i++) {
    const start = offsets[i]!
    const size = offsets[i + 1]! - start
    if (size === 0) continue
    if (size !== token.length) return false
    for (let j = 0; j < size; j++) if (bytes[start + j] !== token[j]) return false
  }
  return true
}
