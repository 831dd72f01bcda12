import { isUtf8 } from 'node:buffer'
import { type Column, fault } from '@omni/spec'
import type { KindName } from './kinds.ts'
import { decodedKind, isAddressOfAnyScript } from './unmasked.ts'

// The second look. It shares no code with the detectors: V8 regular expressions of plain classes over a
// Latin-1 view of the column, and over strings of the cells that hold codes or other scripts. What it finds was
// missed, so the run stops.

const PIECE = 1 << 20
/** An ASCII address: what the first look must never leave. */
const ADDRESS = /[A-Za-z0-9][A-Za-z0-9._+-]{0,40}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2}/
/** +14155550123, and 415-555-0123 with the same forms of separator. */
const INTERNATIONAL = /(?:^|[^\w+)\]\\%;])\+[1-9][0-9]{7,14}(?![0-9\x80-\xff]|\\+u|%(?:25)*[89A-Fa-f])/
const NATIONAL = /[0-9]{3}[-.][0-9]{3}[-.][0-9]{4}/g
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
  for (let from = 0; from < total; from += PIECE) {
    const text = bytes.toString('latin1', from, Math.min(total, from + PIECE + AROUND))
    NATIONAL.lastIndex = 0
    for (let hit = NATIONAL.exec(text); hit !== null; hit = NATIONAL.exec(text)) {
      const start = from + hit.index
      const end = start + 12
      const row = rowOf(offsets, column.length, start)
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
    const bytes = Buffer.from(column.values.buffer, column.values.byteOffset, offsets[length]!)
    let good = true
    for (let i = 0; i < length && good; i++) {
      const size = offsets[i + 1]! - offsets[i]!
      good =
        size === 0 ||
        (size === token.length && bytes.toString('latin1', offsets[i]!, offsets[i + 1]!) === token)
    }
    if (good) return
  }
  throw fault({
    kind: 'data',
    code: 'mask.residual',
    why: `Column "${label}" was to be masked whole, and still holds values.`,
    fix: 'Nothing was published. Report this as a defect.',
  })
}
