import { type Edits, pushEdit } from './edits.ts'
import { FORMS, type Kind } from './kinds.ts'

/** What a walk over JSON text leaves behind. */
export interface JsonMarks {
  /** Values under a telling key, to be replaced whole. */
  readonly named: Edits
  /** Numbers outside strings: masked by key only, since a token would not be a number. */
  readonly numbers: Edits
}

/**
 * Walks JSON text (RFC 8259) in [from, to) once, and marks values under keys that name personal data. False
 * when it is not JSON after all; then no number is marked, and the text is treated as plain.
 */
export function walkJson(
  b: Uint8Array,
  from: number,
  to: number,
  kindOfKey: (b: Uint8Array, start: number, end: number) => Kind | 0,
  marks: JsonMarks,
): boolean {
  const { named, numbers } = marks
  const mark = numbers.count
  let depth = 0
  let pending: Kind | 0 = 0
  let inherited: Kind | 0 = 0
  let inheritedDepth = 0
  let i = from
  while (i < to) {
    const c = b[i]!
    if (c === 0x22) {
      const end = stringEnd(b, i + 1, to)
      if (end < 0) return fail(numbers, mark)
      const after = skipSpace(b, end + 1, to)
      if (b[after] === 0x3a && after < to) {
        pending = inherited === 0 ? kindOfKey(b, i + 1, end) : 0
        i = after + 1
        continue
      }
      const kind = pending || inherited
      if (kind !== 0 && end > i + 1) pushEdit(named, i + 1, end, kind * 4 + FORMS.token)
      pending = 0
      i = end + 1
    } else if (c === 0x7b || c === 0x5b) {
      depth++
      if (pending !== 0) {
        inherited = pending
        inheritedDepth = depth
        pending = 0
      }
      i++
    } else if (c === 0x7d || c === 0x5d) {
      depth--
      if (depth < 0) return fail(numbers, mark)
      if (depth < inheritedDepth) inherited = 0
      pending = 0
      i++
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const start = i
      i = numberEnd(b, i, to)
      if (i < 0) return fail(numbers, mark)
      const kind = pending || inherited
      if (kind !== 0) pushEdit(named, start, i, kind * 4 + FORMS.quoted)
      else if (i - start >= 7) pushEdit(numbers, start, i, 0)
      pending = 0
    } else if (c === 0x74 || c === 0x66 || c === 0x6e) {
      const size = literalSize(b, i, to)
      if (size === 0) return fail(numbers, mark)
      const kind = pending || inherited
      if (kind !== 0 && c !== 0x6e) pushEdit(named, i, i + size, kind * 4 + FORMS.null)
      pending = 0
      i += size
    } else if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09 || c === 0x2c || c === 0x3a) i++
    else return fail(numbers, mark)
  }
  return depth === 0 || fail(numbers, mark)
}

function fail(numbers: Edits, mark: number): false {
  numbers.count = mark
  return false
}

function stringEnd(b: Uint8Array, at: number, to: number): number {
  for (let i = at; i < to; i++) {
    const c = b[i]!
    if (c === 0x22) return i
    if (c === 0x5c) i++
  }
  return -1
}

function skipSpace(b: Uint8Array, at: number, to: number): number {
  let i = at
  while (i < to && (b[i] === 0x20 || b[i] === 0x0a || b[i] === 0x0d || b[i] === 0x09)) i++
  return i
}

/** The end of the number at `at` (RFC 8259 section 6), or -1: `415.555.0123` is none. */
function numberEnd(b: Uint8Array, at: number, to: number): number {
  const digits = (from: number): number => {
    let k = from
    while (k < to && b[k]! >= 0x30 && b[k]! <= 0x39) k++
    return k
  }
  let i = digits(b[at] === 0x2d ? at + 1 : at)
  if (b[i] === 0x2e && i < to) i = digits(i + 1)
  if (i < to && (b[i] === 0x65 || b[i] === 0x45))
    i = digits(b[i + 1] === 0x2b || b[i + 1] === 0x2d ? i + 2 : i + 1)
  if (i === to) return i
  const c = b[i]!
  return c === 0x2c || c === 0x5d || c === 0x7d || c <= 0x20 ? i : -1
}

function literalSize(b: Uint8Array, at: number, to: number): number {
  for (const word of ['true', 'false', 'null']) {
    let i = 0
    while (i < word.length && at + i < to && b[at + i] === word.charCodeAt(i)) i++
    if (i === word.length) return i
  }
  return 0
}
