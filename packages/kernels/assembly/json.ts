import {
  BOOL,
  DECIMAL,
  EMPTY,
  emptyText,
  FLOAT64,
  full,
  INT64,
  LIST,
  markFull,
  NONE,
  NULL,
  nodes,
  present,
  putNull,
  readText,
  setNodes,
  TEXT,
  truncate,
} from './json-column'
import { isDoubtful, readDecimal, readFloat64, readInt64 } from './json-number'
import { beginLines, lineStart, lines, passLine, restoreLines, skip } from './json-space'
import { stringEnd } from './json-text'

// Records of JSON straight into the columns of json-column.ts.

/** One record a line · items of an array, up to its bracket · objects one after another. */
const LINES: u32 = 0
const ITEMS: u32 = 1

const AT_END: u32 = 0
const UNUSUAL: u32 = 1
const FULL: u32 = 2
/** The array was closed after the last record. */
const CLOSED: u32 = 3

/** A number that waits for a comparison: record, row, node, value, start, end, lines, line start. */
const DOUBTFUL_BYTES: u32 = 32

/** Child of the record that takes a record which is no object; NONE for no such. */
let bare: u32 = NONE
/** It takes objects too. */
let isWhole: bool = false
let doubtful: usize = 0
let mostDoubtful: u32 = 0

let doubts: u32 = 0
/** After a name that was looked up. */
let afterName: usize = 0
let recordStart: usize = 0
let recordLines: u32 = 0
let recordLineStart: usize = 0

/** Where the nodes are, and where doubtful numbers go; pointers in bytes. */
export function jsonConfigure(n: usize, bareChild: u32, whole: bool, d: usize, most: u32): void {
  setNodes(n)
  bare = bareChild
  isWhole = whole
  doubtful = d
  mostDoubtful = most
}

/** True where the name at `at`, with its closing quote, is the node's. */
function hasName(at: usize, name: usize, length: u32): bool {
  while (length > 16) {
    if (<u32>i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(name))) !== 0xffff) return false
    at += 16
    name += 16
    length -= 16
  }
  const equal = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(name)))
  return (~equal & (((<u32>1) << length) - 1)) === 0
}

/** Which child has the name at `at`, or NONE; sets {@link afterName}. FNV-1a over the name as it is written. */
function findName(node: usize, at: usize): u32 {
  const end = stringEnd(at)
  if (end === 0) return NONE
  afterName = end + 1
  let hash: u32 = 0x811c9dc5
  for (let i = at; i < end; i++) hash = (hash ^ load<u8>(i)) * 0x01000193
  const table = <usize>load<u32>(node, 40)
  const mask = load<u32>(node, 44)
  const length = <u32>(end + 1 - at)
  // Entries of three words: child + 1 (0: none), name, length.
  let slot = hash & mask
  while (true) {
    const entry = table + <usize>slot * 12
    const child = load<u32>(entry)
    if (child === 0) return NONE
    if (load<u32>(entry, 8) === length && hasName(at, load<u32>(entry, 4), length)) return child - 1
    slot = (slot + 1) & mask
  }
}

function readList(node: usize, count: u32, at: usize): usize {
  const item = load<u32>(node, 32)
  const itemNode = nodes + ((<usize>item) << 6)
  at = skip(at + 1)
  if (load<u8>(at) === 93) at++
  else {
    while (true) {
      if (load<u32>(itemNode, 4) >= load<u32>(itemNode, 8)) {
        markFull(item)
        return 0
      }
      at = readValue(item, at)
      if (at === 0) return 0
      at = skip(at)
      const byte = load<u8>(at++)
      if (byte === 93) break
      if (byte !== 44) return 0
      at = skip(at)
    }
  }
  store<u32>(<usize>load<u32>(node, 28) + ((<usize>count) << 2), load<u32>(itemNode, 4))
  present(node, count)
  return at
}

/** An object, from the byte after its brace. A name that is there twice, or that is new, is not read here. */
function readObject(node: usize, at: usize): usize {
  const count = load<u32>(node, 4)
  const first = load<u32>(node, 32)
  const children = load<u32>(node, 36)
  let expected: u32 = 0
  let seen: u32 = 0
  at = skip(at)
  if (load<u8>(at) === 125) at++
  else {
    while (true) {
      if (load<u8>(at) !== 34) return 0
      at++
      let index = expected
      let child = nodes + ((<usize>(first + index)) << 6)
      if (index < children && hasName(at, load<u32>(child, 48), load<u32>(child, 52)))
        at += load<u32>(child, 52)
      else {
        index = findName(node, at)
        if (index === NONE) return 0
        child = nodes + ((<usize>(first + index)) << 6)
        at = afterName
      }
      if (load<u32>(child, 4) !== count) return 0
      at = skip(at)
      if (load<u8>(at) !== 58) return 0
      at = readValue(first + index, skip(at + 1))
      if (at === 0) return 0
      seen++
      expected = index + 1
      at = skip(at)
      const byte = load<u8>(at++)
      if (byte === 125) break
      if (byte !== 44) return 0
      at = skip(at)
    }
  }
  if (seen < children) fillAbsent(first, children, count)
  present(node, count)
  return at
}

function fillAbsent(first: u32, children: u32, count: u32): void {
  let child = nodes + ((<usize>first) << 6)
  for (let i = children; i > 0; i--, child += 64) if (load<u32>(child, 4) === count) putNull(child)
}

/** A value into its node. Returns the byte after it, or 0: it is not of the node's kind, unusual, or does not fit. */
function readValue(id: u32, at: usize): usize {
  const node = nodes + ((<usize>id) << 6)
  const count = load<u32>(node, 4)
  const byte = <u32>load<u8>(at)
  if (byte === 110) {
    if (load<u32>(at) !== 0x6c6c756e) return 0
    putNull(node)
    return at + 4
  }
  const kind = load<u32>(node)
  const values = <usize>load<u32>(node, 20)
  let end: usize = 0
  switch (kind) {
    case TEXT:
      return readText(node, count, at, byte)
    case INT64:
      end = readInt64(at, values + ((<usize>count) << 3))
      break
    case FLOAT64:
      end = readFloat64(at, values + ((<usize>count) << 3))
      if (end !== 0 && isDoubtful && !doubt(id, count, at, end)) return 0
      break
    case BOOL:
      if (byte === 116 && load<u32>(at) === 0x65757274) {
        store<u8>(values + count, 1)
        end = at + 4
      } else if (byte === 102 && load<u32>(at, 1) === 0x65736c61) {
        store<u8>(values + count, 0)
        end = at + 5
      }
      break
    case DECIMAL:
      end = readDecimal(at, values + ((<usize>count) << 4))
      break
    case EMPTY:
      return byte === 123 ? emptyText(node, count, at) : 0
    case LIST:
      return byte === 91 ? readList(node, count, at) : 0
    case NULL:
      return 0
    default:
      return byte === 123 ? readObject(node, at + 1) : 0
  }
  if (end !== 0) present(node, count)
  return end
}

/** Notes a number for a comparison; false where there is no room. */
function doubt(id: u32, count: u32, at: usize, end: usize): bool {
  if (doubts === mostDoubtful) {
    markFull(id)
    return false
  }
  const entry = doubtful + <usize>doubts * DOUBTFUL_BYTES
  store<u32>(entry, <u32>recordStart)
  store<u32>(entry, load<u32>(nodes, 4), 4)
  store<u32>(entry, id, 8)
  store<u32>(entry, count, 12)
  store<u32>(entry, <u32>at, 16)
  store<u32>(entry, <u32>end, 20)
  store<u32>(entry, recordLines, 24)
  store<u32>(entry, <u32>recordLineStart, 28)
  doubts++
  return true
}

/** A record that may be no object. */
function readRecord(at: usize): usize {
  if (load<u8>(at) === 123 && !isWhole) return readObject(nodes, at + 1)
  if (bare === NONE) return 0
  const count = load<u32>(nodes, 4)
  const first = load<u32>(nodes, 32)
  const end = readValue(first + bare, at)
  if (end === 0) return 0
  fillAbsent(first, load<u32>(nodes, 36), count)
  present(nodes, count)
  return end
}

/** Forgets all rows from `rows` on, in every column. */
export function jsonTruncate(rows: u32): void {
  truncate(nodes, rows)
}

/**
 * Records of `[from, to)`, at most `maxRows`. The byte at `to` must be a line feed for LINES and NUL for the others,
 * and 16 bytes after it readable. Writes at `result`, in words: rows, bytes done, why it ended, the node that is
 * full, numbers in doubt, line feeds passed, and the start of the last line, both positions absolute.
 */
export function jsonRun(mode: u32, from: usize, to: usize, maxRows: u32, result: usize): void {
  beginLines(mode !== LINES)
  markFull(NONE)
  doubts = 0
  let why = AT_END
  let at = from
  let rows: u32 = 0
  const before = load<u32>(nodes, 4)
  const most = min(maxRows, load<u32>(nodes, 8) - before)
  if (most === 0) {
    why = FULL
    markFull(0)
  }
  while (rows < most && at < to) {
    recordStart = at
    recordLines = lines
    recordLineStart = lineStart
    const first = mode === LINES ? skip(at) : at
    if (mode === LINES && load<u8>(first) === 10) {
      at = first + 1
      passLine(at)
      continue
    }
    let end = readRecord(first)
    if (end !== 0) end = skip(end)
    const byte = end === 0 ? <u32>NONE : <u32>load<u8>(end)
    if (mode === LINES) {
      if (byte === 10) {
        at = end + 1
        passLine(at)
        rows++
        continue
      }
    } else if (mode === ITEMS) {
      if (byte === 44) {
        at = skip(end + 1)
        rows++
        continue
      }
      if (byte === 93) {
        at = end
        rows++
        why = CLOSED
        break
      }
    } else if (byte !== NONE) {
      at = end
      rows++
      if (byte === 123) continue
      why = CLOSED
      break
    }
    why = full === NONE ? UNUSUAL : FULL
    truncate(nodes, before + rows)
    while (doubts > 0 && load<u32>(doubtful + <usize>(doubts - 1) * DOUBTFUL_BYTES) >= <u32>recordStart)
      doubts--
    at = recordStart
    restoreLines(recordLines, recordLineStart)
    break
  }
  store<u32>(result, rows)
  store<u32>(result, <u32>(min(at, to) - from), 4)
  store<u32>(result, why, 8)
  store<u32>(result, full, 12)
  store<u32>(result, doubts, 16)
  store<u32>(result, lines, 20)
  store<u32>(result, <u32>lineStart, 24)
}
