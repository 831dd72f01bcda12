import { isUtf8 } from 'node:buffer'
import { isLetter, type Span } from './bytes.ts'
import { createDecoder } from './coded.ts'
import { digitWidth } from './digits.ts'
import { createEdits, type Edits, mergeEdits, pushEdit } from './edits.ts'
import { findEmail, type TextMode } from './email.ts'
import { type AtSign, atSignAt } from './escapes.ts'
import { type JsonMarks, walkJson } from './json.ts'
import { KINDS, type Kind } from './kinds.ts'
import { createPhoneFinder } from './phone.ts'
import type { NumberHint } from './reading.ts'
import { CANDIDATES, type Sweep } from './sweep.ts'

/** Finds what is personal in cells of text. */
export interface Finder {
  /**
   * Spans to replace in `rows` cells, cell i being [offsets[i], offsets[i + 1]) of `bytes`. The list is valid
   * until the next call.
   */
  find(bytes: Uint8Array, offsets: Int32Array, rows: number, options: FindOptions): Edits
}

export interface FindOptions {
  /** The bytes need not be UTF-8. */
  readonly binary: boolean
  readonly hint: NumberHint
}

/** By `json`, then by whether the cell is UTF-8. */
const MODES: readonly TextMode[] = [
  { json: false, binary: false },
  { json: true, binary: false },
  { json: false, binary: true },
  { json: true, binary: true },
]

/** Cells are swept in pieces of about this many bytes, so that the positions stay in cache. */
const PIECE = 1 << 18

/** Bytes that stand before the first digit of a coded at sign: `%40`, `\u0040`, `&#64;`, `\uff20`. */
const BEFORE_CODE: Uint8Array = byteSet('%uU#xXfFeE')

/** Bytes with which a separator of two groups of digits may begin. */
const MAY_JOIN: Uint8Array = byteSet(' -./()%&\\').fill(1, 0x80)

function byteSet(text: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const c of text) table[c.charCodeAt(0)] = 1
  return table
}

type KindOfKey = (b: Uint8Array, start: number, end: number) => Kind | 0

/** A finder with its own scratch memory. Cells with coded characters are searched as they are and decoded. */
export function createFinder(sweep: Sweep, kindOfKey: KindOfKey): Finder {
  const plain = createPlainFinder(sweep, kindOfKey)
  const decode = createDecoder()
  const merged = createEdits()
  let second: Finder | undefined
  return {
    find(bytes, offsets, rows, options) {
      const edits = plain.find(bytes, offsets, rows, options)
      const decoded = decode(bytes, offsets, rows)
      if (decoded === undefined) return edits
      second ??= createPlainFinder(sweep, kindOfKey)
      const more = second.find(decoded.values, decoded.offsets, decoded.rows, options)
      decoded.moveBack(more)
      return mergeEdits(edits, more, merged)
    },
  }
}

function createPlainFinder(sweep: Sweep, kindOfKey: KindOfKey): Finder {
  const phones = createPhoneFinder()
  const found = createEdits()
  const merged = createEdits()
  const marks: JsonMarks = { named: createEdits(), numbers: createEdits() }
  const at: AtSign = { start: 0, end: 0, percent: false }
  const span: Span = { start: 0, end: 0 }
  let jsonRows = new Uint8Array(0)

  const find: Finder['find'] = (bytes, offsets, rows, { binary, hint }) => {
    found.count = 0
    marks.named.count = 0
    marks.numbers.count = 0
    const hasJson = walkCells(bytes, offsets, rows)
    const { named, numbers } = marks
    let utf8Row = -1
    let isText = !binary
    let row = 0
    let next = 0
    let emailEnd = 0
    let openStart = 0
    let openEnd = -1
    let openDomain = -1
    let name = 0
    let number = 0
    const total = offsets[rows]!

    const pushPhone = (start: number, end: number): void => {
      while (number < numbers.count && numbers.end[number]! <= start) number++
      if (number < numbers.count && numbers.start[number]! <= start) return
      pushEdit(found, start, end, KINDS.phone * 4)
    }
    const pushEmail = (start: number, end: number): void => {
      let first = start
      let last = end
      while (found.count > 0 && found.end[found.count - 1]! > start) {
        found.count--
        first = Math.min(first, found.start[found.count]!)
        last = Math.max(last, found.end[found.count]!)
      }
      pushEdit(found, first, last, KINDS.email * 4)
    }

    for (let from = 0, pieceRow = 0; from < total; ) {
      while (pieceRow < rows && offsets[pieceRow]! - from < PIECE) pieceRow++
      const to = offsets[pieceRow]!
      const positions = sweep(bytes, from, to, CANDIDATES)
      const count = positions.length
      for (let k = 0; k < count; k++) {
        const p = from + positions[k]!
        if (p < next) continue
        while (offsets[row + 1]! <= p) row++
        while (name < named.count && named.end[name]! <= p) name++
        if (name < named.count && named.start[name]! <= p) {
          next = named.end[name]!
          continue
        }
        const cellStart = offsets[row]!
        const cellEnd = offsets[row + 1]!
        const c = bytes[p]!
        const digit = c >= 0x30 && c <= 0x39
        if (
          (digit && !(p > cellStart && BEFORE_CODE[bytes[p - 1]!] === 1)) ||
          !atSignAt(bytes, cellStart, cellEnd, p, at)
        ) {
          const short = digit ? shortRunEnd(bytes, p, cellStart, cellEnd) : 0
          if (short > 0) next = short
          else if (digit || digitWidth(bytes, p, cellEnd) > 0)
            next = phones.scan(bytes, cellStart, cellEnd, p, hint, pushPhone)
          continue
        }
        if (binary && utf8Row !== row) {
          utf8Row = row
          isText = isUtf8(bytes.subarray(cellStart, cellEnd))
        }
        const mode = MODES[(hasJson && jsonRows[row] === 1 ? 1 : 0) + (isText ? 0 : 2)]!
        next = at.end
        const verdict = findEmail(bytes, cellStart, cellEnd, at, Math.max(cellStart, emailEnd), mode, span)
        const joined = verdict !== 'none' && openEnd === span.start && openEnd >= cellStart
        if (!joined && openDomain >= 0) pushEmail(openStart, openDomain)
        if (!joined) openDomain = -1
        if (verdict === 'none') continue
        const start = joined ? openStart : span.start
        if (verdict === 'open') {
          openStart = start
          openEnd = at.end
          if (span.end >= 0) openDomain = span.end
        } else {
          openDomain = -1
          span.start = start
          if (
            binary &&
            !isPlausible(bytes, cellStart, cellEnd, span) &&
            !(isText ? hasDot(bytes, at.end, span.end) : trimToAscii(bytes, at, span))
          )
            continue
          pushEmail(span.start, span.end)
          emailEnd = span.end
          next = span.end
        }
      }
      from = to
    }
    return mergeEdits(found, named, merged)
  }

  function walkCells(bytes: Uint8Array, offsets: Int32Array, rows: number): boolean {
    let any = false
    for (let r = 0; r < rows; r++) {
      const start = offsets[r]!
      const end = offsets[r + 1]!
      let i = start
      while (i < end && i < start + 16 && bytes[i]! <= 0x20) i++
      if (i === end || (bytes[i] !== 0x7b && bytes[i] !== 0x5b && bytes[i] !== 0x22)) continue
      if (!walkJson(bytes, i, end, kindOfKey, marks)) continue
      if (!any) {
        if (jsonRows.length < rows) jsonRows = new Uint8Array(rows)
        else jsonRows.fill(0, 0, rows)
        any = true
      }
      jsonRows[r] = 1
    }
    return any
  }

  return { find }
}

/**
 * The end of a run of fewer than six digits that nothing can continue to a number, or of up to eight that are all of
 * their cell, which no phone number is without a word or a sign beside it; else 0.
 */
function shortRunEnd(b: Uint8Array, at: number, from: number, to: number): number {
  let i = at + 1
  while (i < to && b[i]! >= 0x30 && b[i]! <= 0x39) i++
  if (i - at > 5) return at === from && i === to && i - at <= 8 ? i : 0
  return i === to || MAY_JOIN[b[i]!] === 0 ? i : 0
}

/** In bytes that may be an image, a short address or one that is not ASCII must stand among text. */
function isPlausible(b: Uint8Array, from: number, to: number, { start, end }: Span): boolean {
  let plain = end - start >= 8
  for (let i = start; i < end && plain; i++) if (b[i]! >= 0x80) plain = false
  if (plain) return true
  const first = Math.max(from, start - 24)
  const last = Math.min(to, end + 24)
  for (let i = first; i < last; i++) {
    const c = b[i]!
    if (c === 0x7f || (c < 0x20 && c !== 0x09 && c !== 0x0a && c !== 0x0d)) return false
  }
  return true
}

/** True for a domain of more than one label; numbers in bytes that happen to be ASCII make single ones. */
function hasDot(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (b[i] === 0x2e || b[i]! >= 0x80) return true
  return false
}

/** The ASCII middle of an address among other bytes; false when that is none, or short. */
function trimToAscii(b: Uint8Array, at: AtSign, span: Span): boolean {
  let { start, end } = { start: at.start, end: at.end }
  while (start > span.start && b[start - 1]! < 0x80) start--
  while (end < span.end && b[end]! < 0x80) end++
  if (start === at.start || end - start < 8) return false
  for (let i = at.end + 1; i + 2 < end; i++) {
    if (b[i] !== 0x2e || !isLetter(b[i + 1]!) || !isLetter(b[i + 2]!)) continue
    span.start = start
    span.end = end
    return true
  }
  return false
}
