import { isAlnum, isDigit, isLetter, type Span } from './bytes.ts'
import { digitWidth } from './digits.ts'
import type { Reading } from './reading.ts'

// What stands before and after the digits of a number and goes with them.

/** Ways to write a plus before a number: plain, fullwidth, in URLs, JSON and HTML. */
const PLUSES: readonly Uint8Array[] = [
  '+',
  '\uff0b',
  '%2B',
  '%2b',
  '%252B',
  '%252b',
  '\\u002B',
  '\\u002b',
  '&#43;',
  '&#x2B;',
  '&#x2b;',
  '&plus;',
].map((text) => new TextEncoder().encode(text))

/** Marks of an extension, in lower case. */
const EXTENSIONS: readonly string[] = [
  ';ext=',
  'ext.',
  'ext',
  'extension',
  'x',
  '#',
  'durchwahl',
  'dw',
  'poste',
  'anexo',
  'ramal',
  'int.',
]

/** Sets `lead` from the bytes before the first group. */
export function readLead({ b, from, chain, lead }: Reading): void {
  const first = chain.start[0]!
  let start = first
  let plus = false
  let open = false
  for (let k = 0; k < 4 && start > from; k++) {
    const c = b[start - 1]!
    if (c === 0x28 && !open) {
      open = true
      start--
    } else if (c === 0x20 && !plus && isSpacedPlus(b, from, start - 1, chain.total)) start--
    else {
      const size = plus ? 0 : plusBefore(b, from, start)
      if (size === 0) break
      plus = true
      start -= size
    }
  }
  // `1+2345678` is a sum and `12:00:00+0100` a zone.
  if (plus && chain.total < 10 && start > from && isDigit(b[start - 1]!)) {
    plus = false
    open = false
  }
  lead.start = plus || open ? start : first
  lead.plus = plus
  lead.open = open
}

/** `+ 49 30 123456`, but not `5 + 1234567`. */
function isSpacedPlus(b: Uint8Array, from: number, space: number, total: number): boolean {
  if (total < 10 || space - 1 < from || b[space - 1] !== 0x2b) return false
  let i = space - 1
  while (i > from && i > space - 4 && b[i - 1] === 0x20) i--
  return i === from || !(isAlnum(b[i - 1]!) || b[i - 1] === 0x29)
}

function plusBefore(b: Uint8Array, from: number, end: number): number {
  const c = b[end - 1]!
  if (c !== 0x2b && c !== 0x8b && c !== 0x3b && (c | 0x20) !== 0x62) return 0
  for (const plus of PLUSES) {
    const start = end - plus.length
    if (start < from) continue
    let i = 0
    while (i < plus.length && b[start + i] === plus[i]) i++
    if (i === plus.length) return i
  }
  return 0
}

/** The bytes to mask for the groups g..j: sign and bracket before, bracket and extension after. */
export function spanOf({ b, to, chain, lead }: Reading, g: number, j: number, out: Span): void {
  let start = g === 0 ? lead.start : chain.start[g]!
  let end = chain.end[j]!
  const open = g === 0 ? lead.open : b[start - 1] === 0x28
  if (open) {
    let closed = false
    for (let i = chain.start[g]!; i < end && !closed; i++) closed = b[i] === 0x29
    if (g > 0) start -= closed ? 1 : 0
    // A bracket around the whole number stays, outside the mask.
    else if (!closed && !lead.plus) start = chain.start[0]!
    else if (!closed && end < to && b[end] === 0x29) end++
  }
  out.start = start
  out.end = extensionEnd(b, end, to)
}

/** RFC 3966 `;ext=12`, and `x12`, `ext. 12`: at most seven digits after a mark. */
function extensionEnd(b: Uint8Array, end: number, to: number): number {
  let i = end
  while (i < to && i < end + 2 && (b[i] === 0x20 || b[i] === 0x2c)) i++
  let best = end
  for (const mark of EXTENSIONS) {
    let k = i
    let m = 0
    while (m < mark.length && k < to && (isLetter(b[k]!) ? b[k]! | 0x20 : b[k]) === mark.charCodeAt(m)) {
      m++
      k++
    }
    if (m < mark.length) continue
    while (k < to && k < i + m + 2 && (b[k] === 0x20 || b[k] === 0x3a)) k++
    const first = k
    while (k < to && k < first + 7 && digitWidth(b, k, to) === 1) k++
    if (k > first && !(k < to && isAlnum(b[k]!)) && k > best) best = k
  }
  return best
}
