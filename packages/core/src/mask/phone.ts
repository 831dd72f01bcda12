import { codeAt, isAlnum, isDigit, isLetter, type Span, startBefore } from './bytes.ts'
import { internationalLength, isMobileRun } from './codes.ts'
import { type Chain, createChain, digitWidth, readChain, SEP } from './digits.ts'
import { OTHER_WORDS, PHONE_WORDS, SHAPES, UNITS } from './shapes.ts'

/** What the column's own name says about bare runs of digits in it. */
export type NumberHint = 'none' | 'identifier'

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

const GLUE = SEP.dash | SEP.dot | SEP.slash

/** A finder with its own scratch memory; not for two threads at once. */
export function createPhoneFinder(): PhoneFinder {
  const chain = createChain()
  let blocked = new Uint8Array(16)
  const span: Span = { start: 0, end: 0 }

  return {
    scan(b, from, to, at, hint, found) {
      const end = readChain(b, at, to, chain)
      if (chain.total < 6) return end
      const n = chain.count
      if (blocked.length < n) blocked = new Uint8Array(chain.start.length)
      blockDates(b, from, to, chain, blocked)
      const lead = readLead(b, from, chain.start[0]!)
      let context: number | undefined
      const contextOf = (): number => {
        context ??= nearestWord(b, from, lead.start)
        return context
      }
      let g = 0
      while (g < n) {
        const last = blocked[g] ? -1 : match(b, from, to, chain, g, blocked, lead, hint, contextOf)
        if (last < 0) {
          g++
          continue
        }
        spanOf(b, to, chain, g, last, lead, span)
        found(span.start, span.end)
        g = last + 1
      }
      return end
    },
  }
}

/** What stands before the first digit: where the number may begin, and whether a plus is there. */
interface Lead {
  readonly start: number
  readonly plus: boolean
  readonly open: boolean
}

function readLead(b: Uint8Array, from: number, first: number): Lead {
  let start = first
  let plus = false
  let open = false
  for (let k = 0; k < 4 && start > from; k++) {
    const c = b[start - 1]!
    if (c === 0x28 && !open) {
      open = true
      start--
    } else if (c === 0x20 && plus === false && start - 2 >= from && b[start - 2] === 0x2b) start--
    else {
      const size = plus ? 0 : plusBefore(b, from, start)
      if (size === 0) break
      plus = true
      start -= size
    }
  }
  // `1+2345678` is a sum and `12:00:00+0100` a zone.
  if (plus && start > from && isDigit(b[start - 1]!)) return { start: first, plus: false, open: false }
  return { start: plus || open ? start : first, plus, open }
}

function plusBefore(b: Uint8Array, from: number, end: number): number {
  if (b[end - 1] === 0x2b) return 1
  if (endsWith(b, from, end, '\uff0b')) return 3
  for (const coded of [
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
  ]) {
    if (endsWith(b, from, end, coded)) return coded.length
  }
  return 0
}

function endsWith(b: Uint8Array, from: number, end: number, text: string): boolean {
  if (text === '\uff0b') return end - 3 >= from && codeAt(b, end - 3, end) === 0xff0b
  if (end - text.length < from) return false
  for (let i = 0; i < text.length; i++) if (b[end - text.length + i] !== text.charCodeAt(i)) return false
  return true
}

/** The last group of the phone number that begins at group g, or -1. Looks at eight groups at most. */
function match(
  b: Uint8Array,
  from: number,
  to: number,
  chain: Chain,
  g: number,
  blocked: Uint8Array,
  lead: Lead,
  hint: NumberHint,
  contextOf: () => number,
): number {
  const { digits, values, first, sep, count } = chain
  if (digits[g]! > 15) return -1
  const at = first[g]!
  const d0 = values[at]!
  const plus = g === 0 && lead.plus
  const limit = Math.min(count, g + (plus ? 10 : 8))

  if (plus || d0 === 0) {
    const last = international(chain, g, limit, plus)
    if (last >= 0) return last
  }
  let total = 0
  let shape = 0
  let seps = 0
  let best = -1
  const open = g === 0 ? lead.open : (sep[g]! & SEP.paren) !== 0 && b[chain.start[g]! - 1] === 0x28
  for (let j = g; j < limit && !blocked[j]; j++) {
    const size = digits[j]!
    total += size
    if (total > 13) break
    if (j > g) seps |= sep[j]!
    shape = size > 9 ? -1 : shape < 0 ? -1 : shape * 10 + size
    if (j === g) continue
    if (accepts(b, from, to, chain, g, j, total, shape, seps, open, lead)) best = j
  }
  if (best >= 0) return best
  const glued = isGlued(b, from, to, chain, g, g, lead)
  if (digits[g]! >= 7 && !glued && isBare(b, from, to, chain, g, lead, hint, contextOf)) return g
  return inContext(b, from, to, chain, g, limit, blocked, lead, contextOf)
}

/** ITU-T E.164: plus, 00 or 011, a country code and its national number; `(0)` may stand inside. */
function international(chain: Chain, g: number, limit: number, plus: boolean): number {
  const { digits, values, first, sep, count } = chain
  const at = first[g]!
  let skip = 0
  if (!plus) {
    if (values[at] !== 0) return -1
    if (values[at + 1] === 0 && digits[g]! >= 2) skip = 2
    else if (values[at + 1] === 1 && values[at + 2] === 1 && digits[g] === 3 && g + 1 < count) skip = 3
    else return -1
  }
  const available = values.length - at
  if (available < skip + 3) return -1
  const range = internationalLength(values[at + skip]!, values[at + skip + 1]!, values[at + skip + 2]!)
  let total = -skip
  let best = -1
  for (let j = g; j < limit; j++) {
    const trunk = j > g && digits[j] === 1 && values[first[j]!] === 0 && (sep[j]! & SEP.paren) !== 0 ? 1 : 0
    total += digits[j]! - trunk
    if (total > 15 || digits[j]! > 15) break
    if (range > 0 && total > (range & 15)) {
      if (best >= 0) break
      if (!plus) break
    }
    const enough = range > 0 ? total >= range >> 4 : plus && total >= 8
    if (total >= 7 && (enough || (plus && best < 0 && j + 1 === count))) best = j
    else if (plus && j === g && total >= 7) best = j
  }
  if (plus || best < 0) return best
  // Without a plus, digits that run on in the same way are a list or an identifier.
  return best + 1 < count && (sep[best + 1]! & GLUE) !== 0 && (sep[best + 1]! & SEP.space) === 0 ? -1 : best
}

/** A national form: trunk 0, an area code in brackets, or a row of the table of shapes. */
function accepts(
  b: Uint8Array,
  from: number,
  to: number,
  chain: Chain,
  g: number,
  j: number,
  total: number,
  shape: number,
  seps: number,
  open: boolean,
  lead: Lead,
): boolean {
  if (total < 7 || isGlued(b, from, to, chain, g, j, lead)) return false
  const { digits, values, first, sep } = chain
  const d0 = values[first[g]!]!
  const size = digits[g]!
  const bracket = open && (sep[g + 1]! & SEP.paren) !== 0 && b[chain.end[g]!] === 0x29
  if (bracket && size <= 5) {
    const year = size === 4 && (d0 === 1 || d0 === 2)
    if (!year && (size > 1 || total >= 8) && total <= 12) return true
  }
  if (d0 === 0 && size >= 2 && values[first[g]! + 1] !== 0 && total >= 8 && total <= 12) {
    if (size <= 6 && (total > 8 || digits[g]! >= 3 || j - g >= 2)) return !evenList(chain, g, j)
  }
  if (d0 === 0 && size === 1 && open && total >= 8) return true
  const row = SHAPES.get(shape)
  if (row === undefined || (seps & ~(row.seps | SEP.space)) !== 0) return false
  if (!row.lead.includes(String(d0))) return false
  const alone = g === 0 && j === chain.count - 1
  if (seps === SEP.space) {
    if (row.spaced !== undefined && (!alone || !row.spaced.includes(String(d0)))) return false
    if (isQuantity(b, from, to, chain, g, j)) return false
  }
  if (shape === 44 && isYear(chain, g)) return false
  if (!row.alone) return true
  return alone && !isQuantity(b, from, to, chain, g, j)
}

/** `01 02 03 04 05 06 07`: a list of numbers of one length that goes on. */
function evenList(chain: Chain, g: number, j: number): boolean {
  const { digits, count } = chain
  return (
    (g > 0 && digits[g - 1] === digits[g] && digits[j] === digits[g]) ||
    (j + 1 < count && digits[j + 1] === digits[j] && digits[g] === digits[j])
  )
}

function isYear(chain: Chain, g: number): boolean {
  const at = chain.first[g]!
  const year = chain.values[at]! * 100 + chain.values[at + 1]! * 10 + chain.values[at + 2]!
  return year >= 190 && year <= 209
}

/** A single run of digits without separators. Accepts what is the form of a number in use, and little else. */
function isBare(
  b: Uint8Array,
  from: number,
  to: number,
  chain: Chain,
  g: number,
  lead: Lead,
  hint: NumberHint,
  contextOf: () => number,
): boolean {
  const n = chain.digits[g]!
  if (
    n > 15 ||
    isQuantity(b, from, to, chain, g, g) ||
    isDecimal(b, from, to, chain.start[g]!, chain.end[g]!)
  )
    return false
  const context = contextOf()
  if (context > 0) return !(n === 8 && isCompactDate(chain, g))
  if (context < 0 || hint === 'identifier') return false
  if (lead.start > from && b[lead.start - 1] === 0x23) return false
  const v = chain.values
  const at = chain.first[g]!
  if (v[at] === 0) return n >= 10 && n <= 12 && v[at + 1] !== 0 && !isRising(chain, g)
  if (isCompactDate(chain, g)) return false
  if (n === 10) return v[at]! >= 6 || (v[at]! >= 2 && v[at + 1]! < 9 && v[at + 3]! >= 2)
  if (n === 11) {
    if (v[at] === 1 && ((v[at + 1]! >= 2 && v[at + 1 + 3]! >= 2) || v[at + 1]! >= 3)) return true
    if ((v[at] === 7 || v[at] === 8) && v[at + 1] === 9) return true
  }
  return n >= 10 && n <= 14 && isMobileRun(v, at, n)
}

function isRising(chain: Chain, g: number): boolean {
  const at = chain.first[g]!
  for (let i = 1; i < chain.digits[g]!; i++)
    if (chain.values[at + i] !== (chain.values[at + i - 1]! + 1) % 10) return false
  return true
}

/** `20240131`, and the same with hours, minutes and seconds. */
function isCompactDate(chain: Chain, g: number): boolean {
  const n = chain.digits[g]!
  if (n !== 8 && n !== 12 && n !== 14) return false
  const v = chain.values
  const at = chain.first[g]!
  const two = (i: number): number => v[at + i]! * 10 + v[at + i + 1]!
  if (two(0) !== 19 && two(0) !== 20) return false
  return (
    two(4) >= 1 && two(4) <= 12 && two(6) >= 1 && two(6) <= 31 && (n === 8 || (two(8) <= 23 && two(10) <= 59))
  )
}

/** After a word such as `phone`, groups that no table holds are taken too: six digits in groups, seven bare. */
function inContext(
  b: Uint8Array,
  from: number,
  to: number,
  chain: Chain,
  g: number,
  limit: number,
  blocked: Uint8Array,
  lead: Lead,
  contextOf: () => number,
): number {
  let total = 0
  let best = -1
  for (let j = g; j < limit && !blocked[j]; j++) {
    total += chain.digits[j]!
    if (total > 13) break
    if (total >= (j > g ? 6 : 7) && !isGlued(b, from, to, chain, g, j, lead)) best = j
  }
  if (best < 0 || contextOf() <= 0 || isQuantity(b, from, to, chain, g, best)) return -1
  if (best === g)
    return isDecimal(b, from, to, chain.start[g]!, chain.end[g]!) || isCompactDate(chain, g) ? -1 : best
  if (best === g + 1 && chain.sep[best] === SEP.dot) return -1
  return best
}

/** True when digits or letters are glued to the groups g..j, so that they are part of something longer. */
function isGlued(
  b: Uint8Array,
  from: number,
  to: number,
  chain: Chain,
  g: number,
  j: number,
  lead: Lead,
): boolean {
  const { sep, start, end, count } = chain
  if (g > 0) {
    if ((sep[g]! & GLUE) !== 0 && (sep[g]! & SEP.space) === 0) return true
  } else {
    const at = lead.start
    if (at > from && !lead.open && !lead.plus) {
      const c = b[at - 1]!
      if (isAlnum(c) || c === 0x5f) {
        if (!endsWithPhoneWord(b, from, at)) return true
      } else if (c === 0x3a || c === 0x2c || c === 0x2e) {
        if (at - 2 >= from && isDigit(b[at - 2]!)) return true
      }
    }
  }
  if (j + 1 < count) return (sep[j + 1]! & GLUE) !== 0 && (sep[j + 1]! & SEP.space) === 0
  const e = end[j]!
  if (e >= to) return false
  const c = b[e]!
  if (c === 0x3a || c === 0x2e) return e + 1 < to && digitWidth(b, e + 1, to) > 0
  if (isAlnum(c) || c === 0x5f)
    return (
      j === g || !(isExtensionMark(c) || (g !== j && start[j]! < e && isLetter(c) && !isHexTail(b, e, to)))
    )
  return false
}

function isExtensionMark(c: number): boolean {
  return c === 0x78 || c === 0x58 || c === 0x65 || c === 0x45
}

/** Letters and digits mixed right after a number: a hash or an identifier. */
function isHexTail(b: Uint8Array, at: number, to: number): boolean {
  for (let i = at; i < to && i < at + 8 && isAlnum(b[i]!); i++) if (isDigit(b[i]!)) return true
  return false
}

function endsWithPhoneWord(b: Uint8Array, from: number, end: number): boolean {
  let i = end
  while (i > from && i > end - 16 && isLetter(b[i - 1]!)) i--
  return i < end && PHONE_WORDS.has(wordAt(b, i, end))
}

function isDecimal(b: Uint8Array, from: number, to: number, start: number, end: number): boolean {
  if (end < to && (b[end] === 0x2c || b[end] === 0x2e)) {
    let i = end + 1
    while (i < to && i < end + 5 && isDigit(b[i]!)) i++
    if (i > end + 1 && i <= end + 4) return true
  }
  if (start === from) return false
  const c = b[start - 1]!
  if (c === 0x2d || c === 0x5f)
    return start - 2 < from || isAlnum(b[start - 2]!)
      ? !endsWithPhoneWord(b, from, start - 1)
      : b[start - 2] !== 0x20
  return (c === 0x2c || c === 0x2e) && start - 2 >= from && isDigit(b[start - 2]!)
}

/** True beside a currency sign, a percent sign or a unit. */
function isQuantity(b: Uint8Array, from: number, to: number, chain: Chain, g: number, j: number): boolean {
  let i = chain.start[g]!
  if (i > from && b[i - 1] === 0x20) i--
  if (i > from) {
    const c = b[i - 1]!
    if (c === 0x24) return true
    if (c >= 0x80 && isCurrency(b, from, i)) return true
  }
  let e = chain.end[j]!
  if (e < to && (b[e] === 0x25 || b[e] === 0x24)) return percentSign(b, e, to)
  if (e < to && b[e] === 0x20) e++
  if (e >= to) return false
  const c = b[e]!
  if (c >= 0xc2) {
    const code = codeAt(b, e, to)
    return code === 0x20ac || code === 0xa3 || code === 0xa5 || (code >= 0x20a0 && code <= 0x20cf)
  }
  if (!isLetter(c)) return c === 0x24
  let w = e
  while (w < to && w < e + 9 && isLetter(b[w]!)) w++
  return UNITS.has(wordAt(b, e, w))
}

function percentSign(b: Uint8Array, e: number, to: number): boolean {
  return b[e] === 0x24 || e + 1 >= to || !isAlnum(b[e + 1]!)
}

function isCurrency(b: Uint8Array, from: number, end: number): boolean {
  const s = startBefore(b, from, end)
  if (s < 0) return false
  const code = codeAt(b, s, end)
  return code === 0xa3 || code === 0xa5 || (code >= 0x20a0 && code <= 0x20cf)
}

/** 1 when the nearest telling word in the 48 bytes before is a phone word, -1 when it is another, else 0. */
function nearestWord(b: Uint8Array, from: number, end: number): number {
  const floor = Math.max(from, end - 48)
  let i = end
  while (i > floor) {
    while (i > floor && !isWordByte(b[i - 1]!)) i--
    const wordEnd = i
    while (i > floor && isWordByte(b[i - 1]!)) i--
    if (i === floor && i > from && isWordByte(b[i - 1]!)) return 0
    const word = wordAt(b, i, wordEnd)
    if (PHONE_WORDS.has(word)) return 1
    if (OTHER_WORDS.has(word)) return -1
  }
  return 0
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
  return new TextDecoder()
    .decode(b.subarray(start, end))
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
}

/** Marks dates and IPv4 addresses, which no phone number may use. */
function blockDates(b: Uint8Array, from: number, to: number, chain: Chain, blocked: Uint8Array): void {
  const { count, digits, sep, values, first, start, end } = chain
  blocked.fill(0, 0, count)
  for (let g = 0; g < count; g++) {
    // `12:30` and `30:12`: a clock.
    if (
      g === 0 &&
      start[0]! - 2 >= from &&
      b[start[0]! - 1] === 0x3a &&
      isDigit(b[start[0]! - 2]!) &&
      digits[0]! <= 2
    )
      blocked[0] = 1
    if (
      g === count - 1 &&
      end[g]! + 1 < to &&
      b[end[g]!] === 0x3a &&
      isDigit(b[end[g]! + 1]!) &&
      digits[g]! <= 2
    )
      blocked[g] = 1
    if (g + 2 >= count || sep[g + 1] !== sep[g + 2]) continue
    const s = sep[g + 1]!
    if (s !== SEP.dash && s !== SEP.dot && s !== SEP.slash && s !== SEP.space) continue
    if (
      s !== SEP.space &&
      ((g > 0 && sep[g] === s) || (g + 3 < count && sep[g + 3] === s && digits[g + 3]! > 2))
    ) {
      if (s === SEP.dot && isIpv4(chain, g)) blocked.fill(1, g, g + 4)
      continue
    }
    if (s === SEP.dot && isIpv4(chain, g)) {
      blocked.fill(1, g, g + 4)
      continue
    }
    const number = (k: number): number =>
      digits[k] === 1 ? values[first[k]!]! : values[first[k]!]! * 10 + values[first[k]! + 1]!
    const [a, c] = [digits[g]!, digits[g + 2]!]
    if (digits[g + 1]! > 2) continue
    const middle = number(g + 1)
    if (a === 4 && c <= 2) {
      const century = number(g)
      if (
        century >= 10 &&
        century <= 29 &&
        middle >= 1 &&
        middle <= 12 &&
        number(g + 2) >= 1 &&
        number(g + 2) <= 31
      )
        blocked.fill(1, g, g + 3)
    } else if (
      a <= 2 &&
      (c === 4 || (c === 2 && s !== SEP.space && s !== SEP.dash && !(g + 3 < count && sep[g + 3] === s)))
    ) {
      const day = number(g)
      const century = c === 4 ? values[first[g + 2]!]! * 10 + values[first[g + 2]! + 1]! : 20
      if (
        day >= 1 &&
        day <= 31 &&
        middle >= 1 &&
        middle <= 31 &&
        (day <= 12 || middle <= 12) &&
        century >= 15 &&
        century <= 29
      )
        blocked.fill(1, g, g + 3)
    }
  }
}

function isIpv4(chain: Chain, g: number): boolean {
  const { count, digits, sep, values, first } = chain
  if (
    g + 3 >= count ||
    sep[g + 3] !== SEP.dot ||
    (g > 0 && sep[g] === SEP.dot) ||
    (g + 4 < count && sep[g + 4] === SEP.dot)
  )
    return false
  for (let k = g; k < g + 4; k++) {
    if (digits[k]! > 3) return false
    let value = 0
    for (let i = 0; i < digits[k]!; i++) value = value * 10 + values[first[k]! + i]!
    if (value > 255 || (digits[k]! > 1 && values[first[k]!] === 0)) return false
  }
  return true
}

/** The bytes to mask for the groups g..j: sign and bracket before, bracket and extension after. */
function spanOf(b: Uint8Array, to: number, chain: Chain, g: number, j: number, lead: Lead, out: Span): void {
  let start = g === 0 ? lead.start : chain.start[g]!
  const opened = g === 0 ? lead.open : b[start - 1] === 0x28
  let end = chain.end[j]!
  if (opened) {
    let closed = false
    for (let i = chain.start[g]!; i < end; i++) if (b[i] === 0x29) closed = true
    if (g > 0 && closed) start--
    // A bracket around the whole number stays, outside the mask.
    if (g === 0 && !closed && !lead.plus) start = chain.start[0]!
    else if (!closed && end < to && b[end] === 0x29) end++
  }
  out.start = start
  out.end = extensionEnd(b, end, to)
}

const EXTENSION = [
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
  ';ext=',
]

/** RFC 3966 `;ext=12`, and `x12`, `ext. 12`: at most seven digits after a mark. */
function extensionEnd(b: Uint8Array, end: number, to: number): number {
  let i = end
  while (i < to && i < end + 2 && (b[i] === 0x20 || b[i] === 0x2c)) i++
  let best = end
  for (const mark of EXTENSION) {
    let k = i
    let m = 0
    while (m < mark.length && k < to && (b[k]! | (isLetter(b[k]!) ? 0x20 : 0)) === mark.charCodeAt(m)) {
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
