import { isDigit } from './bytes.ts'
import { isMobileRun } from './codes.ts'
import { type Chain, SEP } from './digits.ts'
import { isGlued } from './glue.ts'
import type { Reading } from './reading.ts'
import { SHAPES } from './shapes.ts'
import { contextOf, endsWithPhoneWord, isQuantity } from './words.ts'

/** A national form of several groups: trunk 0, an area code in brackets, or a row of the table of shapes. */
export function isNational(
  r: Reading,
  g: number,
  j: number,
  total: number,
  shape: number,
  seps: number,
): boolean {
  if (total < 7 || isGlued(r, g, j)) return false
  const { digits, values, first, count } = r.chain
  const d0 = values[first[g]!]!
  const size = digits[g]!
  const open = g === 0 ? r.lead.open : r.b[r.chain.start[g]! - 1] === 0x28
  if (open && size <= 5 && r.b[r.chain.end[g]!] === 0x29) {
    const year = size === 4 && (d0 === 1 || d0 === 2)
    if (!year && (size > 1 || total >= 8) && total <= 12) return true
  }
  // 3-2-4 with dashes is a social security number of the United States.
  if (shape === 324 && seps === SEP.dash) return false
  if (d0 === 0 && size >= 2 && size <= 6 && values[first[g]! + 1] !== 0 && total >= 8) {
    if (total > 8 || size >= 3 || j - g >= 2) return !isList(r.chain, g, j)
  }
  const row = SHAPES.get(shape)
  if (row === undefined || (seps & ~row.seps) !== 0 || !row.lead.includes(String(d0))) return false
  const alone = g === r.next && j === count - 1
  if (seps === SEP.space && row.spaced !== undefined && !(alone && row.spaced.includes(String(d0))))
    return false
  if (shape === 44 && isYear(r.chain, g)) return false
  return (alone || !row.alone) && !((row.alone || seps === SEP.space) && isQuantity(r, g, j))
}

/** `01 02 03 04 05 06 07`: numbers of one length that go on. */
function isList({ digits, count }: Chain, g: number, j: number): boolean {
  if (digits[g] !== digits[j]) return false
  return (g > 0 && digits[g - 1] === digits[g]) || (j + 1 < count && digits[j + 1] === digits[j])
}

function isYear({ first, values }: Chain, g: number): boolean {
  const at = first[g]!
  const decade = values[at]! * 100 + values[at + 1]! * 10 + values[at + 2]!
  return decade >= 190 && decade <= 209
}

/**
 * A run of digits without separators. Taken for a number after a word that says so, or when it has the form
 * of a number in use and nothing beside it says that it is another kind of number.
 */
export function isBareNumber(r: Reading, g: number): boolean {
  const { digits, values: v, first } = r.chain
  const n = digits[g]!
  if (n < 7 || n > 15 || isGlued(r, g, g) || isQuantity(r, g, g) || isCompactDate(r.chain, g)) return false
  const context = contextOf(r)
  if (hasDecimals(r, g)) return false
  if (context > 0) return true
  if (context < 0 || r.hint === 'identifier' || isPartOfNumber(r, g)) return false
  const at = first[g]!
  if (v[at] === 0) return n >= 10 && n <= 12 && v[at + 1] !== 0 && !(n === 10 && isRising(r.chain, g))
  // North America: area and exchange codes begin with 2 to 9; India and Spain write mobiles from 6 on.
  if (n === 10) return v[at]! >= 6 || (v[at]! >= 2 && v[at + 1]! < 9 && v[at + 3]! >= 2)
  // Brazil: an area code of two digits, then 9.
  if (n === 11 && v[at + 1] !== 0 && v[at + 2] === 9) return true
  if (n === 11 && v[at] === 1) return v[at + 1]! >= 3 || (v[at + 1] === 2 && v[at + 4]! >= 2)
  if (n === 11 && (v[at] === 7 || v[at] === 8) && v[at + 1] === 9) return true
  return n >= 10 && n <= 14 && isMobileRun(v, at, n)
}

/** 0123456789: an alphabet, not a number. */
function isRising({ digits, first, values }: Chain, g: number): boolean {
  const at = first[g]!
  for (let i = 1; i < digits[g]!; i++) if (values[at + i] !== (values[at + i - 1]! + 1) % 10) return false
  return true
}

/** `20240131`, and the same with hours, minutes and seconds. */
export function isCompactDate({ digits, first, values }: Chain, g: number): boolean {
  const n = digits[g]!
  if (n !== 8 && n !== 12 && n !== 14) return false
  const at = first[g]!
  const two = (i: number): number => values[at + i]! * 10 + values[at + i + 1]!
  if (two(0) !== 19 && two(0) !== 20) return false
  if (two(4) < 1 || two(4) > 12 || two(6) < 1 || two(6) > 31) return false
  return n === 8 || (two(8) <= 23 && two(10) <= 59)
}

/** `1234567,89`: one to three digits after a comma or dot. */
function hasDecimals({ b, to, chain }: Reading, g: number): boolean {
  const end = chain.end[g]!
  if (end >= to || (b[end] !== 0x2c && b[end] !== 0x2e)) return false
  let i = end + 1
  while (i < to && i < end + 5 && isDigit(b[i]!)) i++
  return i > end + 1 && i <= end + 4
}

/** After `#`, a minus sign or an identifier's dash, or as the decimals of a short number. */
function isPartOfNumber({ b, from, chain, lead }: Reading, g: number): boolean {
  const at = g === 0 ? lead.start : chain.start[g]!
  if (at === from) return false
  const c = b[at - 1]!
  if (c === 0x23) return true
  if (c === 0x2d) return !endsWithPhoneWord(b, from, at - 1)
  if (c !== 0x2c && c !== 0x2e) return false
  let i = at - 1
  while (i > from && i > at - 9 && isDigit(b[i - 1]!)) i--
  return i < at - 1 && i > at - 8
}
