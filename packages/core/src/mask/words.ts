import { codeAt, isAlnum, isLetter, startBefore } from './bytes.ts'
import type { Reading } from './reading.ts'
import { AFTER_WORDS, FILLERS, OTHER_WORDS, PHONE_WORDS, UNITS } from './shapes.ts'

/** How far back a word may stand that says what a number is, in bytes. */
const REACH = 48

/** 1 when the nearest telling word before the chain is a phone word, -1 when it is another, else 0. */
export function contextOf(r: Reading): number {
  r.context ??= nearestWord(r.b, r.from, r.lead.start)
  return r.context
}

function nearestWord(b: Uint8Array, from: number, end: number): number {
  const floor = Math.max(from, end - REACH)
  let i = end
  // Another kind of number is told only by the word beside it: `order no. 4155550123`, not `id;7;4155550123`.
  let beside = true
  while (i > floor) {
    while (i > floor && !isWordByte(b[i - 1]!)) {
      i--
      if (!isJoint(b[i]!)) beside = false
    }
    const wordEnd = i
    while (i > floor && isWordByte(b[i - 1]!)) i--
    if (i === floor && i > from && isWordByte(b[i - 1]!)) return 0
    // The token that replaced another number says nothing about this one.
    if (i > from && b[i - 1] === 0x5b && b[wordEnd] === 0x5d) continue
    const word = wordAt(b, i, wordEnd)
    if (PHONE_WORDS.has(word)) return 1
    if (beside && OTHER_WORDS.has(word)) return -1
    if (!FILLERS.has(word)) beside = false
  }
  return 0
}

/** What may stand between a word and its number. */
function isJoint(c: number): boolean {
  return (
    c === 0x20 ||
    c === 0x3a ||
    c === 0x3d ||
    c === 0x23 ||
    c === 0x22 ||
    c === 0x27 ||
    c === 0x2e ||
    c === 0x5c ||
    c === 0x5f ||
    c === 0x2d
  )
}

/** `61 51 81 office`, `… (mobile)`. */
export function isFollowedByPhoneWord({ b, to, chain }: Reading, j: number): boolean {
  let i = chain.end[j]!
  const limit = Math.min(to, i + 3)
  while (i < limit && !isWordByte(b[i]!)) i++
  let end = i
  while (end < to && end < i + 12 && isWordByte(b[end]!)) end++
  return AFTER_WORDS.has(wordAt(b, i, end))
}

/** True when a phone word ends right at `end`: `tel415…`. */
export function endsWithPhoneWord(b: Uint8Array, from: number, end: number): boolean {
  let i = end
  while (i > from && i > end - 16 && isLetter(b[i - 1]!)) i--
  return i < end && PHONE_WORDS.has(wordAt(b, i, end))
}

/** True beside a currency sign, a percent sign or a unit. */
export function isQuantity({ b, from, to, chain }: Reading, g: number, j: number): boolean {
  let start = chain.start[g]!
  if (start > from && b[start - 1] === 0x20) start--
  if (start > from && isCurrencyBefore(b, from, start)) return true
  let end = chain.end[j]!
  if (end < to && b[end] === 0x25) return end + 1 >= to || !isAlnum(b[end + 1]!)
  if (end < to && b[end] === 0x20) end++
  if (end >= to) return false
  const c = b[end]!
  if (c >= 0xc2) return isCurrency(codeAt(b, end, to))
  if (!isLetter(c)) return c === 0x24
  let word = end
  while (word < to && word < end + 9 && isLetter(b[word]!)) word++
  return UNITS.has(wordAt(b, end, word))
}

function isCurrencyBefore(b: Uint8Array, from: number, end: number): boolean {
  const c = b[end - 1]!
  if (c < 0x80) return c === 0x24
  const start = startBefore(b, from, end)
  return start >= 0 && isCurrency(codeAt(b, start, end))
}

function isCurrency(code: number): boolean {
  return code === 0xa3 || code === 0xa5 || (code >= 0x20a0 && code <= 0x20cf)
}

function isWordByte(c: number): boolean {
  return isLetter(c) || c >= 0x80
}

function wordAt(b: Uint8Array, start: number, end: number): string {
  let text = ''
  let plain = true
  for (let i = start; i < end; i++) {
    if (b[i]! >= 0x80) plain = false
    text += String.fromCharCode(b[i]! | 0x20)
  }
  if (plain) return text
  const decoded = new TextDecoder().decode(b.subarray(start, end))
  return decoded.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
