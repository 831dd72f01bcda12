import { FRESH, type Memory } from '../digest/arena.ts'
import { REPLACEMENTS } from './kinds.ts'

/** Spans to replace, in order and without overlap. `code` is `kind * 4 + form`. */
export interface Edits {
  count: number
  start: Int32Array
  end: Int32Array
  code: Uint8Array
}

/** An empty list. */
export function createEdits(): Edits {
  return { count: 0, start: new Int32Array(64), end: new Int32Array(64), code: new Uint8Array(64) }
}

/** Appends a span, which must start at or after the end of the last one. */
export function pushEdit(edits: Edits, start: number, end: number, code: number): void {
  if (edits.count === edits.start.length) {
    const size = edits.count * 2
    const starts = new Int32Array(size)
    starts.set(edits.start)
    edits.start = starts
    const ends = new Int32Array(size)
    ends.set(edits.end)
    edits.end = ends
    const codes = new Uint8Array(size)
    codes.set(edits.code)
    edits.code = codes
  }
  edits.start[edits.count] = start
  edits.end[edits.count] = end
  edits.code[edits.count++] = code
}

/** One ordered list of two. Spans that overlap, as in text that only began like JSON, become one. */
export function mergeEdits(a: Edits, b: Edits, out: Edits): Edits {
  if (b.count === 0) return a
  if (a.count === 0) return b
  out.count = 0
  let i = 0
  let j = 0
  while (i < a.count || j < b.count) {
    const first = j >= b.count || (i < a.count && a.start[i]! < b.start[j]!)
    const from = first ? a : b
    const k = first ? i++ : j++
    const last = out.count - 1
    if (last >= 0 && from.start[k]! < out.end[last]!) out.end[last] = Math.max(out.end[last]!, from.end[k]!)
    else pushEdit(out, from.start[k]!, from.end[k]!, from.code[k]!)
  }
  return out
}

/** Bytes and offsets after the edits, in other memory. `offsets` holds `rows + 1` positions in `bytes`. */
export function applyEdits(
  bytes: Uint8Array,
  offsets: Int32Array,
  rows: number,
  edits: Edits,
  memory: Memory = FRESH,
): { readonly values: Uint8Array; readonly offsets: Int32Array } {
  const total = offsets[rows]!
  let size = total
  for (let k = 0; k < edits.count; k++)
    size += REPLACEMENTS[edits.code[k]!]!.length - (edits.end[k]! - edits.start[k]!)
  const values = memory.bytes(size)
  const moved = memory.ints(rows + 1)
  moved[0] = 0
  let from = 0
  let to = 0
  let row = 1
  for (let k = 0; k < edits.count; k++) {
    const start = edits.start[k]!
    const end = edits.end[k]!
    const shift = to - from
    while (row <= rows && offsets[row]! <= start) {
      moved[row] = offsets[row]! + shift
      row++
    }
    to = copy(bytes, from, start, values, to)
    const replacement = REPLACEMENTS[edits.code[k]!]!
    for (let i = 0; i < replacement.length; i++) values[to + i] = replacement[i]!
    to += replacement.length
    from = end
  }
  const shift = to - from
  for (; row <= rows; row++) moved[row] = offsets[row]! + shift
  copy(bytes, from, total, values, to)
  return { values, offsets: moved }
}

function copy(bytes: Uint8Array, from: number, end: number, values: Uint8Array, to: number): number {
  // Below about 64 bytes a loop is faster than `set` of a new view.
  if (end - from < 64) {
    let t = to
    for (let i = from; i < end; i++) values[t++] = bytes[i]!
    return t
  }
  values.set(bytes.subarray(from, end), to)
  return to + end - from
}
