import { blockOthers } from './blocked.ts'
import { hexAt, type Span } from './bytes.ts'
import { internationalLength } from './codes.ts'
import { createChain, digitWidth, readChain, SEP } from './digits.ts'
import { isGlued } from './glue.ts'
import { readLead, spanOf } from './lead.ts'
import { isBareNumber, isCompactDate, isNational } from './national.ts'
import type { NumberHint, Reading } from './reading.ts'
import { contextOf, isFollowedByPhoneWord, isQuantity } from './words.ts'

/** Finds phone numbers, one chain of digit groups at a time. */
export interface PhoneFinder {
  /**
   * Reads the chain that starts with the digit at `at`, inside the cell [from, to), calls `found` for each
   * phone number in it from left to right, and returns the end of the chain.
   */
  scan(
    b: Uint8Array,
    from: number,
    to: number,
    at: number,
    hint: NumberHint,
    found: (start: number, end: number) => void,
  ): number
}

/** A finder with its own scratch memory; not for two threads at once. */
export function createPhoneFinder(): PhoneFinder {
  const r: Reading = {
    b: new Uint8Array(0),
    from: 0,
    to: 0,
    chain: createChain(),
    blocked: new Uint8Array(16),
    lead: { start: 0, plus: false, open: false },
    hint: 'none',
    next: 0,
    context: undefined,
  }
  const span: Span = { start: 0, end: 0 }

  return {
    scan(b, from, to, at, hint, found) {
      const first = chainStart(b, from, to, at)
      if (first > at && (first >= to || digitWidth(b, first, to) === 0)) return first
      const end = readChain(b, first, to, r.chain)
      if (r.chain.total < 6) return end
      const n = r.chain.count
      if (r.blocked.length < n) r.blocked = new Uint8Array(r.chain.start.length)
      r.b = b
      r.from = from
      r.to = to
      r.hint = hint
      r.context = undefined
      r.next = 0
      blockOthers(r)
      readLead(r)
      let g = 0
      while (g < n) {
        const last = r.blocked[g] === 1 && !(g === 0 && r.lead.plus) ? -1 : match(r, g)
        if (last < 0) {
          g++
          continue
        }
        spanOf(r, g, last, span)
        found(span.start, span.end)
        g = last + 1
        r.next = g
      }
      return end
    },
  }
}

/**
 * Where the chain begins. The digits of `%20` and `\u0020` belong to the character they code, not to a number
 * after it, unless that character is a digit itself.
 */
function chainStart(b: Uint8Array, from: number, to: number, at: number): number {
  if (at > from && b[at - 1] === 0x25 && hexAt(b, at, to, 2) >= 0) return at + 2
  for (const back of [2, 4]) {
    const slash = at - back
    if (slash < from || b[slash] !== 0x5c || b[slash + 1] !== 0x75 || hexAt(b, slash + 2, to, 4) < 0) continue
    return digitWidth(b, slash, to) > 0 ? slash : slash + 6
  }
  return at
}

/** The last group of the phone number that begins at group g, or -1. Looks at ten groups at most. */
function match(r: Reading, g: number): number {
  const { digits, values, first, sep, count } = r.chain
  if (digits[g]! > 15) return -1
  const plus = g === 0 && r.lead.plus
  const limit = Math.min(count, g + (plus ? 10 : 8))
  if (plus || values[first[g]!] === 0) {
    const last = international(r, g, limit, plus)
    if (last >= 0) return last
  }
  let total = 0
  let shape = 0
  let seps = 0
  let best = -1
  for (let j = g; j < limit && r.blocked[j] === 0; j++) {
    const size = digits[j]!
    total += size
    if (total > 13) break
    shape = size > 9 || shape < 0 ? -1 : shape * 10 + size
    if (j === g) continue
    seps |= sep[j]!
    if (isNational(r, g, j, total, shape, seps)) best = j
  }
  if (best >= 0) return best
  return isBareNumber(r, g) ? g : inContext(r, g, limit)
}

/** ITU-T E.164: plus, 00 or 011, a country code and its national number; `(0)` may stand inside. */
function international(r: Reading, g: number, limit: number, plus: boolean): number {
  const { digits, values, first, sep, count } = r.chain
  const at = first[g]!
  let skip = 0
  if (!plus) {
    if (values[at + 1] === 0 && digits[g]! >= 2) skip = 2
    else if (values[at + 1] === 1 && values[at + 2] === 1 && digits[g] === 3 && g + 1 < count) skip = 3
    else return -1
  }
  const range = internationalLength(values[at + skip]!, values[at + skip + 1]!, values[at + skip + 2]!)
  if (range === 0 && !plus) return -1
  let total = -skip
  let best = -1
  for (let j = g; j < limit && (plus || r.blocked[j] === 0); j++) {
    const trunk = j > g && digits[j] === 1 && values[first[j]!] === 0 && (sep[j]! & SEP.paren) !== 0 ? 1 : 0
    total += digits[j]! - trunk
    if (total > 15) break
    if (range > 0 && total > (range & 15) && (best >= 0 || !plus)) break
    // With a plus, a length that no plan has is taken too: it is meant as a number.
    if (total >= 7 && (plus || total >= range >> 4)) best = j
  }
  if (plus || best < 0) return best
  return isGlued(r, g, best) ? -1 : best
}

/** After a word such as `phone`, groups that no table holds are taken too: six digits in groups, seven bare. */
function inContext(r: Reading, g: number, limit: number): number {
  const { digits, sep } = r.chain
  let total = 0
  let best = -1
  for (let j = g; j < limit && r.blocked[j] === 0; j++) {
    total += digits[j]!
    if (total > 13) break
    if (total >= (j > g ? 6 : 7) && !isGlued(r, g, j)) best = j
  }
  if (best < 0) return -1
  if (contextOf(r) <= 0 && !(best > g && contextOf(r) === 0 && isFollowedByPhoneWord(r, best))) return -1
  if (isQuantity(r, g, best) || (best === g && isCompactDate(r.chain, g))) return -1
  return best === g + 1 && sep[best] === SEP.dot ? -1 : best
}
