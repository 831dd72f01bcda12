import { isDoubtful, plainIntegerEnd, readDecimal, readFloat64, readInt64 } from './json-number'
import { copied, copyString, isFull, stringEnd } from './json-text'

// Records of JSON straight into columns. The columns are a tree of nodes, in the order of a breadth-first walk, so
// that the children of a node follow each other; node 0 is the record itself, a struct. 64 bytes a node, words of 4:
// 0 kind, 1 values so far, 2 values that fit, 3 bytes of text so far, 4 presence (a byte a value), 5 values,
// 6 bytes of text that fit, 7 ends (u32), 8 first child, 9 children, 10 hash table of names, 11 its mask,
// 12 name (its JSON text and the closing quote, 16 bytes readable at any place of it), 13 length of that.
const NULL: u32 = 0
const BOOL: u32 = 1
const INT64: u32 = 2
const DECIMAL: u32 = 3
const FLOAT64: u32 = 4
const TEXT: u32 = 5
const EMPTY: u32 = 6
const LIST: u32 = 7

/** One record a line · items of an array, up to its bracket · objects one after another. */
const LINES: u32 = 0
const ITEMS: u32 = 1

const AT_END: u32 = 0
const UNUSUAL: u32 = 1
const FULL: u32 = 2
/** The array was closed after the last record. */
const CLOSED: u32 = 3

const NONE: u32 = 0xffffffff
/** A number that waits for a comparison: record, row, node, value, start, end, lines, line start. */
const DOUBTFUL_BYTES: u32 = 32

/** Times a word of eight bytes of 0 or 1: its highest byte has them as bits. */
const GATHER: u64 = ((<u64>0x01020408) << 32) | 0x10204080

let nodes: usize = 0
/** Child of the record that takes a record which is no object; NONE for no such. */
let bare: u32 = NONE
let doubtful: usize = 0
let mostDoubtful: u32 = 0

let lineFeed: u32 = 10
let full: u32 = NONE
let doubts: u32 = 0
/** After a name that was looked up. */
let afterName: usize = 0
let recordStart: usize = 0
let lines: u32 = 0
let lineStart: usize = 0
let recordLines: u32 = 0
let recordLineStart: usize = 0

/** Where the nodes are, and where doubtful numbers go; pointers in bytes. */
export function jsonConfigure(n: usize, bareChild: u32, d: usize, most: u32): void {
  nodes = n
  bare = bareChild
  doubtful = d
  mostDoubtful = most
}

function skip(at: usize): usize {
  return load<u8>(at) > 32 ? at : skipSpace(at)
}

function skipSpace(at: usize): usize {
  while (true) {
    const byte = <u32>load<u8>(at)
    if (byte === 10) {
      if (lineFeed !== 10) return at
      lines++
      lineStart = ++at
      while (load<u32>(at) === 0x20202020) at += 4
      continue
    }
    if (byte !== 32 && byte !== 13 && byte !== 9) return at
    at++
  }
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

function putNull(node: usize): void {
  const count = load<u32>(node, 4)
  store<u8>(<usize>load<u32>(node, 16) + count, 0)
  store<u32>(node, count + 1, 4)
  const kind = load<u32>(node)
  const values = <usize>load<u32>(node, 20)
  if (kind === INT64 || kind === FLOAT64) store<u64>(values + ((<usize>count) << 3), 0)
  else if (kind === TEXT || kind === EMPTY)
    store<u32>(<usize>load<u32>(node, 28) + ((<usize>count) << 2), load<u32>(node, 12))
  else if (kind === BOOL) store<u8>(values + count, 0)
  else if (kind === DECIMAL) {
    store<u64>(values + ((<usize>count) << 4), 0)
    store<u64>(values + ((<usize>count) << 4), 0, 8)
  } else if (kind === LIST) {
    const item = nodes + ((<usize>load<u32>(node, 32)) << 6)
    store<u32>(<usize>load<u32>(node, 28) + ((<usize>count) << 2), load<u32>(item, 4))
  } else if (kind !== NULL) {
    let child = nodes + ((<usize>load<u32>(node, 32)) << 6)
    for (let i = load<u32>(node, 36); i > 0; i--, child += 64) putNull(child)
  }
}

/** Counts a value that is there. */
function present(node: usize, count: u32): void {
  store<u8>(<usize>load<u32>(node, 16) + count, 1)
  store<u32>(node, count + 1, 4)
}

/** Ends a text of the node at `end`. */
function endText(node: usize, count: u32, end: usize): void {
  const used = <u32>(end - <usize>load<u32>(node, 20))
  store<u32>(node, used, 12)
  store<u32>(<usize>load<u32>(node, 28) + ((<usize>count) << 2), used)
  present(node, count)
}

/** Copies at most 16 bytes as the text of the node. */
function putShort(node: usize, count: u32, at: usize, end: usize): usize {
  const used = load<u32>(node, 12)
  if (used + 16 > load<u32>(node, 24)) {
    full = <u32>((node - nodes) >> 6)
    return 0
  }
  const out = <usize>load<u32>(node, 20) + used
  v128.store(out, v128.load(at))
  endText(node, count, out + (end - at))
  return end
}

/** `{}` or `[]` at `at` as that very text. */
function emptyText(node: usize, count: u32, at: usize, close: u32): usize {
  const end = skip(at + 1)
  if (<u32>load<u8>(end) !== close) return 0
  const used = load<u32>(node, 12)
  if (used + 16 > load<u32>(node, 24)) {
    full = <u32>((node - nodes) >> 6)
    return 0
  }
  const out = <usize>load<u32>(node, 20) + used
  store<u8>(out, load<u8>(at))
  store<u8>(out, <u8>close, 1)
  endText(node, count, out + 2)
  return end + 1
}

/** A string; or what has the same text as a value of a column that holds several kinds. */
function readText(node: usize, count: u32, at: usize, byte: u32): usize {
  if (byte === 34) {
    const values = <usize>load<u32>(node, 20)
    const end = copyString(at + 1, values + load<u32>(node, 12), values + load<u32>(node, 24))
    if (end === 0) {
      if (isFull) full = <u32>((node - nodes) >> 6)
      return 0
    }
    endText(node, count, copied)
    return end
  }
  if (byte === 123) return emptyText(node, count, at, 125)
  if (byte === 91) return emptyText(node, count, at, 93)
  if (byte === 116 && load<u32>(at) === 0x65757274) return putShort(node, count, at, at + 4)
  if (byte === 102 && load<u32>(at, 1) === 0x65736c61) return putShort(node, count, at, at + 5)
  const end = plainIntegerEnd(at)
  return end === 0 ? 0 : putShort(node, count, at, end)
}

function readList(node: usize, count: u32, at: usize): usize {
  const item = load<u32>(node, 32)
  const itemNode = nodes + ((<usize>item) << 6)
  at = skip(at + 1)
  if (load<u8>(at) === 93) at++
  else {
    while (true) {
      if (load<u32>(itemNode, 4) >= load<u32>(itemNode, 8)) {
        full = item
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
      return byte === 123 ? emptyText(node, count, at, 125) : 0
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
    full = id
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
  if (load<u8>(at) === 123) return readObject(nodes, at + 1)
  if (bare === NONE) return 0
  const count = load<u32>(nodes, 4)
  const first = load<u32>(nodes, 32)
  const end = readValue(first + bare, at)
  if (end === 0) return 0
  fillAbsent(first, load<u32>(nodes, 36), count)
  present(nodes, count)
  return end
}

/** Forgets all values of a node from index `count` on. */
function truncate(node: usize, count: u32): void {
  store<u32>(node, count, 4)
  const kind = load<u32>(node)
  const ends = <usize>load<u32>(node, 28)
  const end: u32 = count === 0 || ends === 0 ? 0 : load<u32>(ends + ((<usize>count - 1) << 2))
  if (kind === TEXT || kind === EMPTY) store<u32>(node, end, 12)
  else if (kind >= LIST) {
    const below = kind === LIST ? end : count
    let child = nodes + ((<usize>load<u32>(node, 32)) << 6)
    for (let i = load<u32>(node, 36); i > 0; i--, child += 64) truncate(child, below)
  }
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
  lineFeed = mode === LINES ? 32 : 10
  full = NONE
  doubts = 0
  lines = 0
  lineStart = 0
  let why = AT_END
  let at = from
  let rows: u32 = 0
  const before = load<u32>(nodes, 4)
  const most = min(maxRows, load<u32>(nodes, 8) - before)
  if (most === 0) {
    why = FULL
    full = 0
  }
  while (rows < most && at < to) {
    recordStart = at
    recordLines = lines
    recordLineStart = lineStart
    const first = mode === LINES ? skip(at) : at
    if (mode === LINES && load<u8>(first) === 10) {
      at = first + 1
      lines++
      lineStart = at
      continue
    }
    let end = readRecord(first)
    if (end !== 0) end = skip(end)
    const byte = end === 0 ? <u32>NONE : <u32>load<u8>(end)
    if (mode === LINES) {
      if (byte === 10) {
        at = end + 1
        lines++
        lineStart = at
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
    lines = recordLines
    lineStart = recordLineStart
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

/** Packs `n` bytes of 0 or 1 as bits at `out`, LSB first; returns how many are 1. Reads up to 7 bytes past them. */
export function jsonPack(bytes: usize, n: u32, out: usize): u32 {
  let ones: u32 = 0
  for (let i: u32 = 0; i < n; i += 8) {
    let word = load<u64>(bytes + i)
    if (n - i < 8) word &= ((<u64>1) << ((n - i) << 3)) - 1
    const bits = <u32>((word * GATHER) >> 56)
    store<u8>(out + (i >> 3), <u8>bits)
    ones += popcnt(bits)
  }
  return ones
}

/** Adds `base` to `n` ends, which makes them offsets into a longer column. */
export function jsonShift(ends: usize, n: u32, base: u32): void {
  const by = i32x4.splat(base)
  for (let i: u32 = 0; i < n; i += 4) {
    const at = ends + ((<usize>i) << 2)
    v128.store(at, i32x4.add(v128.load(at), by))
  }
}

/** 1 where one of `n` 64-bit integers is none that a double surely holds. */
export function jsonIsWide(values: usize, n: u32): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const value = load<i64>(values + ((<usize>i) << 3))
    if (<u64>(value + 9007199254740991) > 18014398509481982) return 1
  }
  return 0
}
