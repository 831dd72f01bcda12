import { plainNumberEnd } from './json-number'
import { skip } from './json-space'

// The JSON text of arrays and objects without white space, for a column of text: only where it is, byte for byte, what
// parsing and printing them again would give.

/** Where the copy ended, after {@link copyNested}. */
export let nestedEnd: usize = 0
/** The copy did not fit, after {@link copyNested} gave 0. */
export let isNestedFull: bool = false

const MOST_DEPTH: u32 = 32
/** Names of one object that are compared with each other. */
const MOST_NAMES: u32 = 32
/** What is written between two looks at the room: a number or part of a string, and all brackets after it. */
const ROOM: usize = 64
/** Start and length of the names of each open object. */
const NAMES = memory.data(8192, 16)

let limit: usize = 0

/** Copies the value at `at` to `out`; returns the byte after it, or 0 where its text would come out another way. */
export function copyNested(at: usize, out: usize, end: usize): usize {
  isNestedFull = false
  limit = end
  return copyValue(at, out, 0)
}

function fits(out: usize): bool {
  if (out <= limit) return true
  isNestedFull = true
  return false
}

/** A value; {@link nestedEnd} is where its copy ends. */
function copyValue(at: usize, out: usize, depth: u32): usize {
  if (!fits(out + ROOM)) return 0
  const byte = <u32>load<u8>(at)
  if (byte === 34) return copyQuoted(at, out)
  if (byte === 123 || byte === 91) {
    if (depth === MOST_DEPTH) return 0
    store<u8>(out, <u8>byte)
    return byte === 123 ? copyObject(at + 1, out + 1, depth) : copyArray(at + 1, out + 1, depth)
  }
  let end: usize = 0
  if (byte === 110 && load<u32>(at) === 0x6c6c756e) end = at + 4
  else if (byte === 116 && load<u32>(at) === 0x65757274) end = at + 4
  else if (byte === 102 && load<u32>(at, 1) === 0x65736c61) end = at + 5
  else end = plainNumberEnd(at)
  if (end === 0) return 0
  v128.store(out, v128.load(at))
  nestedEnd = out + (end - at)
  return end
}

function copyArray(at: usize, out: usize, depth: u32): usize {
  at = skip(at)
  if (load<u8>(at) === 93) at++
  else {
    while (true) {
      at = copyValue(at, out, depth + 1)
      if (at === 0) return 0
      out = nestedEnd
      at = skip(at)
      const byte = load<u8>(at++)
      if (byte === 93) break
      if (byte !== 44) return 0
      store<u8>(out++, 44)
      at = skip(at)
    }
  }
  store<u8>(out, 93)
  nestedEnd = out + 1
  return at
}

function copyObject(at: usize, out: usize, depth: u32): usize {
  const names = NAMES + <usize>(depth * MOST_NAMES * 8)
  let count: u32 = 0
  at = skip(at)
  if (load<u8>(at) === 125) at++
  else {
    while (true) {
      // An object has names that are array indices first, whatever their order was.
      if (load<u8>(at) !== 34 || <u32>load<u8>(at, 1) - 48 < 10 || count === MOST_NAMES) return 0
      const name = at
      at = copyQuoted(at, out)
      if (at === 0 || isRepeated(names, count, name, <u32>(at - name))) return 0
      store<u32>(names + <usize>(count << 3), <u32>name)
      store<u32>(names + <usize>(count << 3), <u32>(at - name), 4)
      count++
      at = skip(at)
      if (load<u8>(at) !== 58) return 0
      store<u8>(nestedEnd, 58)
      at = copyValue(skip(at + 1), nestedEnd + 1, depth + 1)
      if (at === 0) return 0
      out = nestedEnd
      at = skip(at)
      const byte = load<u8>(at++)
      if (byte === 125) break
      if (byte !== 44) return 0
      store<u8>(out++, 44)
      at = skip(at)
    }
  }
  store<u8>(out, 125)
  nestedEnd = out + 1
  return at
}

function isRepeated(names: usize, count: u32, name: usize, length: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    const entry = names + <usize>(i << 3)
    if (load<u32>(entry, 4) === length && memory.compare(<usize>load<u32>(entry), name, length) === 0)
      return true
  }
  return false
}

/** A string as it is, if its escapes are those that printing it again would write. */
function copyQuoted(at: usize, out: usize): usize {
  const quote = i8x16.splat(34)
  const backslash = i8x16.splat(92)
  const space = i8x16.splat(32)
  store<u8>(out++, 34)
  at++
  while (true) {
    if (!fits(out + ROOM)) return 0
    const bytes = v128.load(at)
    v128.store(out, bytes)
    const mask = <u32>(
      i8x16.bitmask(
        v128.or(v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash)), i8x16.lt_u(bytes, space)),
      )
    )
    if (mask === 0) {
      at += 16
      out += 16
      continue
    }
    at += <usize>ctz(mask)
    out += <usize>ctz(mask)
    const byte = load<u8>(at)
    if (byte === 34) {
      store<u8>(out, 34)
      nestedEnd = out + 1
      return at + 1
    }
    if (byte !== 92) return 0
    const kind = <u32>load<u8>(at, 1)
    const isUsual =
      kind === 34 ||
      kind === 92 ||
      kind === 110 ||
      kind === 116 ||
      kind === 114 ||
      kind === 98 ||
      kind === 102
    if (!isUsual) return 0
    store<u16>(out, load<u16>(at))
    at += 2
    out += 2
  }
}
