import { copyNested, isNestedFull, nestedEnd } from './json-nested'
import { plainNumberEnd } from './json-number'
import { skip } from './json-space'
import { copied, copyString, isFull } from './json-text'

// The columns that JSON records become are a tree of nodes, in the order of a breadth-first walk, so
// that the children of a node follow each other; node 0 is the record itself, a struct. 64 bytes a node, words of 4:
// 0 kind, 1 values so far, 2 values that fit, 3 bytes of text so far, 4 presence (a byte a value), 5 values,
// 6 bytes of text that fit, 7 ends (u32), 8 first child, 9 children, 10 hash table of names, 11 its mask,
// 12 name (its JSON text and the closing quote, 16 bytes readable at any place of it), 13 length of that.
export const NULL: u32 = 0
export const BOOL: u32 = 1
export const INT64: u32 = 2
export const DECIMAL: u32 = 3
export const FLOAT64: u32 = 4
export const TEXT: u32 = 5
export const EMPTY: u32 = 6
export const LIST: u32 = 7

export const NONE: u32 = 0xffffffff

export let nodes: usize = 0
/** A node that had no room, or NONE. */
export let full: u32 = NONE

/** Where the nodes are. */
export function setNodes(at: usize): void {
  nodes = at
}

/** Says that a node has no room. */
export function markFull(id: u32): void {
  full = id
}

export function putNull(node: usize): void {
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
export function present(node: usize, count: u32): void {
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
    markFull(<u32>((node - nodes) >> 6))
    return 0
  }
  const out = <usize>load<u32>(node, 20) + used
  v128.store(out, v128.load(at))
  endText(node, count, out + (end - at))
  return end
}

/** `{}` at `at` as that very text. */
export function emptyText(node: usize, count: u32, at: usize): usize {
  const end = skip(at + 1)
  if (load<u8>(end) !== 125) return 0
  const used = load<u32>(node, 12)
  if (used + 16 > load<u32>(node, 24)) {
    markFull(<u32>((node - nodes) >> 6))
    return 0
  }
  const out = <usize>load<u32>(node, 20) + used
  store<u16>(out, 0x7d7b)
  endText(node, count, out + 2)
  return end + 1
}

/** A string; or what has the same text as a value of a column that holds several kinds. */
export function readText(node: usize, count: u32, at: usize, byte: u32): usize {
  if (byte === 34) {
    const values = <usize>load<u32>(node, 20)
    const end = copyString(at + 1, values + load<u32>(node, 12), values + load<u32>(node, 24))
    if (end === 0) {
      if (isFull) markFull(<u32>((node - nodes) >> 6))
      return 0
    }
    endText(node, count, copied)
    return end
  }
  if (byte === 123 || byte === 91) return readNested(node, count, at)
  if (byte === 116 && load<u32>(at) === 0x65757274) return putShort(node, count, at, at + 4)
  if (byte === 102 && load<u32>(at, 1) === 0x65736c61) return putShort(node, count, at, at + 5)
  const end = plainNumberEnd(at)
  return end === 0 ? 0 : putShort(node, count, at, end)
}

/** An array or object as its JSON text. */
function readNested(node: usize, count: u32, at: usize): usize {
  const values = <usize>load<u32>(node, 20)
  const end = copyNested(at, values + load<u32>(node, 12), values + load<u32>(node, 24))
  if (end !== 0) endText(node, count, nestedEnd)
  else if (isNestedFull) markFull(<u32>((node - nodes) >> 6))
  return end
}

/** Forgets all values of a node from index `count` on. */
export function truncate(node: usize, count: u32): void {
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
