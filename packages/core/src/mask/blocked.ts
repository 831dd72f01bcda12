import { isDigit, isLetter } from './bytes.ts'
import { type Chain, SEP } from './digits.ts'
import type { Reading } from './reading.ts'

/** Marks groups of dates, clocks, IPv4 addresses, card numbers and IBANs, which no phone number may use. */
export function blockOthers(r: Reading): void {
  const { chain, blocked } = r
  const { count } = chain
  blocked.fill(0, 0, count)
  if (isIban(r)) {
    blocked.fill(1, 0, count)
    return
  }
  blockClocks(r)
  for (let g = 0; g + 2 < count; g++) {
    if (isIpv4(chain, g)) blocked.fill(1, g, g + 4)
    else if (isDate(chain, g)) blocked.fill(1, g, g + 3)
    const card = cardGroups(chain, g)
    if (card > 0) blocked.fill(1, g, g + card)
  }
}

/** Two letters and two digits, then groups of four: ISO 13616. */
function isIban({ b, from, chain }: Reading): boolean {
  const at = chain.start[0]!
  if (chain.count < 3 || chain.digits[0] !== 2 || chain.digits[1] !== 4 || at - 2 < from) return false
  return isLetter(b[at - 1]!) && isLetter(b[at - 2]!)
}

/** `12:30` beside the chain: its first or last group is an hour, minute or second. */
function blockClocks({ b, from, to, chain, blocked }: Reading): void {
  const start = chain.start[0]!
  const last = chain.count - 1
  const end = chain.end[last]!
  if (chain.digits[0]! <= 2 && start - 2 >= from && b[start - 1] === 0x3a && isDigit(b[start - 2]!))
    blocked[0] = 1
  if (chain.digits[last]! <= 2 && end + 1 < to && b[end] === 0x3a && isDigit(b[end + 1]!)) blocked[last] = 1
}

/** Groups of a card number at g (ISO/IEC 7812): four of four digits, or 4-6-5; else 0. */
function cardGroups({ count, digits }: Chain, g: number): number {
  if (digits[g] !== 4) return 0
  if (digits[g + 1] === 6 && digits[g + 2] === 5) return 3
  return digits[g + 1] === 4 && digits[g + 2] === 4 && g + 3 < count && digits[g + 3] === 4 ? 4 : 0
}

/** Three groups with one separator that are year, month, day in some order, and nothing glued to them. */
function isDate({ count, digits, sep, values, first }: Chain, g: number): boolean {
  const s = sep[g + 1]!
  if (s !== sep[g + 2] || digits[g + 1]! > 2) return false
  if (s !== SEP.dash && s !== SEP.dot && s !== SEP.slash && s !== SEP.space) return false
  if (s !== SEP.space && g > 0 && sep[g] === s) return false
  const goesOn = g + 3 < count && sep[g + 3] === s
  const two = (k: number): number => {
    const at = first[k]!
    return digits[k] === 1 ? values[at]! : values[at]! * 10 + values[at + 1]!
  }
  const middle = two(g + 1)
  const [a, c] = [digits[g]!, digits[g + 2]!]
  if (a === 4 && c <= 2) {
    // A date may go on into a time, `2024-01-31-12`, but not into four more digits.
    if (goesOn && s !== SEP.space && digits[g + 3]! > 2) return false
    return isBetween(two(g), 10, 29) && isBetween(middle, 1, 12) && isBetween(two(g + 2), 1, 31)
  }
  const day = two(g)
  if (a > 2 || !isBetween(day, 1, 31) || !isBetween(middle, 1, 31) || (day > 12 && middle > 12)) return false
  if (c === 4) return isBetween(two(g + 2), 15, 29) && !(goesOn && s !== SEP.space && digits[g + 3]! > 2)
  return c === 2 && !goesOn && (s === SEP.dot || s === SEP.slash)
}

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low && value <= high
}

function isIpv4({ count, digits, sep, values, first }: Chain, g: number): boolean {
  if (g + 3 >= count || sep[g + 1] !== SEP.dot || sep[g + 2] !== SEP.dot || sep[g + 3] !== SEP.dot)
    return false
  if ((g > 0 && sep[g] === SEP.dot) || (g + 4 < count && sep[g + 4] === SEP.dot)) return false
  for (let k = g; k < g + 4; k++) {
    if (digits[k]! > 3) return false
    let value = 0
    for (let i = 0; i < digits[k]!; i++) value = value * 10 + values[first[k]! + i]!
    if (value > 255 || (digits[k]! > 1 && values[first[k]!] === 0)) return false
  }
  return true
}
