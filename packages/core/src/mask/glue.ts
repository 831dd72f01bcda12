import { hexAt, isAlnum, isDigit, isLetter } from './bytes.ts'
import { SEP } from './digits.ts'
import type { Reading } from './reading.ts'
import { endsWithPhoneWord } from './words.ts'

const GLUE = SEP.dash | SEP.dot | SEP.slash

/** True for separators that bind groups into one token: `12-34`, but not `12 34` or `12 - 34`. */
export function isGlue(sep: number): boolean {
  return (sep & GLUE) !== 0 && (sep & SEP.space) === 0
}

/** True when digits or letters are glued to the groups g..j, so that they are part of something longer. */
export function isGlued(r: Reading, g: number, j: number): boolean {
  const { sep, count } = r.chain
  if (g > 0 ? isGlue(sep[g]!) : isLeftGlued(r, j > g)) return true
  return j + 1 < count ? isGlue(sep[j + 1]!) : isRightGlued(r, r.chain.end[j]!, j > g)
}

function isLeftGlued({ b, from, lead }: Reading, grouped: boolean): boolean {
  const at = lead.start
  if (at === from || lead.open || lead.plus) return false
  const c = b[at - 1]!
  if (c === 0x5f) return !grouped && !endsWithPhoneWord(b, from, at - 1)
  if (!isAlnum(c)) return false
  // `\n415…` in JSON, `%3D415…` in a URL: the letter belongs to an escape.
  if (at - 2 >= from && b[at - 2] === 0x5c && isLetter(c)) return false
  if (at - 3 >= from && b[at - 3] === 0x25 && hexAt(b, at - 2, at, 2) >= 0) return false
  if (at - 6 >= from && b[at - 6] === 0x5c && b[at - 5] === 0x75 && hexAt(b, at - 4, at, 4) >= 0) return false
  return !endsWithPhoneWord(b, from, at)
}

function isRightGlued({ b, to }: Reading, end: number, grouped: boolean): boolean {
  if (end >= to) return false
  const c = b[end]!
  if (c === 0x5f) return !grouped
  if (!isAlnum(c)) return false
  if (c === 0x78 || c === 0x58) return end + 1 >= to || !isDigit(b[end + 1]!)
  if (c === 0x65 || c === 0x45) return !grouped && (b[end + 1]! | 0x20) !== 0x78
  return !grouped || isMixed(b, end, to)
}

/** Letters and digits mixed right after a number: a hash or an identifier. */
function isMixed(b: Uint8Array, at: number, to: number): boolean {
  for (let i = at; i < to && i < at + 8 && isAlnum(b[i]!); i++) if (isDigit(b[i]!)) return true
  return false
}
