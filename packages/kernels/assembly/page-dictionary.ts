import { copy } from './page-values'

// The distinct values of a Parquet column chunk, in the order in which they come.

/** Slots of the table, of which a dictionary fills a quarter at most. */
const SLOT_BITS: u32 = 17
const FREE: u32 = 0xffffffff
/** An entry: u32 hash, u32 where its bytes begin in the dictionary, u32 how many they are. */
const ENTRY_BYTES: u32 = 12

let slots: usize = 0
let entries: usize = 0
let dictionary: usize = 0
/** Bytes of a value, 0 for byte arrays with their length before them. */
let width: u32 = 0
let size: u32 = 0
let bytes: u32 = 0
let mostValues: u32 = 0
let mostBytes: u32 = 0

/** An empty dictionary of at most so many values and bytes. */
export function pagesBegin(s: usize, e: usize, d: usize, w: u32, values: u32, most: u32): void {
  slots = s
  entries = e
  dictionary = d
  width = w
  size = 0
  bytes = 0
  mostValues = values
  mostBytes = most
  memory.fill(s, 0xff, 4 << SLOT_BITS)
}

export function pagesSize(): u32 {
  return size
}

export function pagesLength(): u32 {
  return bytes
}

/** 2^64 over the golden ratio, which spreads near words far apart. */
const SPREAD: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15

function mix(a: u64): u64 {
  const b = a * SPREAD
  return b ^ (b >> 32)
}

function hashOf(at: usize, length: u32): u32 {
  let hash: u64 = length
  if (length >= 8) {
    const last = at + length - 8
    for (; at < last; at += 8) hash = mix(hash ^ load<u64>(at))
    return <u32>(mix(hash ^ load<u64>(last)) >> 16)
  }
  if (length >= 4) {
    const word = <u64>load<u32>(at) | ((<u64>load<u32>(at + length - 4)) << 32)
    return <u32>(mix(hash ^ word) >> 16)
  }
  for (let i: u32 = 0; i < length; i++) hash = (hash << 8) | load<u8>(at + i)
  return <u32>(mix(hash) >> 16)
}

function isSame(a: usize, b: usize, length: u32): bool {
  if (length >= 8) {
    const last = length - 8
    for (let i: u32 = 0; i < last; i += 8) if (load<u64>(a + i) !== load<u64>(b + i)) return false
    return load<u64>(a + last) === load<u64>(b + last)
  }
  for (let i: u32 = 0; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false
  return true
}

/**
 * The place of each of `n` values at `plain` in the dictionary, to which new ones are added. Returns where the next
 * value is, or 0 when the dictionary is full.
 */
export function pagesPlaces(plain: usize, n: u32, places: usize): usize {
  if (width === 4) return wordPlaces<u32>(plain, n, places)
  if (width === 8) return wordPlaces<u64>(plain, n, places)
  const slotMask: u32 = (1 << SLOT_BITS) - 1
  let at = plain
  for (let i: u32 = 0; i < n; i++) {
    const length = width === 0 ? 4 + load<u32>(at) : width
    const hash = hashOf(at, length)
    let slot = hash & slotMask
    let place: u32 = load<u32>(slots + ((<usize>slot) << 2))
    while (place !== FREE) {
      const entry = entries + <usize>place * ENTRY_BYTES
      if (
        load<u32>(entry) === hash &&
        load<u32>(entry, 8) === length &&
        isSame(dictionary + load<u32>(entry, 4), at, length)
      )
        break
      slot = (slot + 1) & slotMask
      place = load<u32>(slots + ((<usize>slot) << 2))
    }
    if (place === FREE) {
      if (size === mostValues || bytes + length > mostBytes) return 0
      place = size++
      store<u32>(slots + ((<usize>slot) << 2), place)
      const entry = entries + <usize>place * ENTRY_BYTES
      store<u32>(entry, hash)
      store<u32>(entry, bytes, 4)
      store<u32>(entry, length, 8)
      copy(at, dictionary + bytes, length)
      bytes += length
    }
    store<u32>(places + ((<usize>i) << 2), place)
    at += length
  }
  return at
}

/** {@link pagesPlaces} of values that are one word. */
function wordPlaces<T extends number>(plain: usize, n: u32, places: usize): usize {
  const slotMask: u32 = (1 << SLOT_BITS) - 1
  const shift: usize = sizeof<T>() === 8 ? 3 : 2
  for (let i: u32 = 0; i < n; i++) {
    const value = load<T>(plain + ((<usize>i) << shift))
    let slot = <u32>(mix(<u64>value) >> 16) & slotMask
    let place: u32 = load<u32>(slots + ((<usize>slot) << 2))
    while (place !== FREE && load<T>(dictionary + ((<usize>place) << shift)) !== value) {
      slot = (slot + 1) & slotMask
      place = load<u32>(slots + ((<usize>slot) << 2))
    }
    if (place === FREE) {
      if (size === mostValues || bytes + <u32>sizeof<T>() > mostBytes) return 0
      place = size++
      store<u32>(slots + ((<usize>slot) << 2), place)
      store<T>(dictionary + ((<usize>place) << shift), value)
      bytes += <u32>sizeof<T>()
    }
    store<u32>(places + ((<usize>i) << 2), place)
  }
  return plain + ((<usize>n) << shift)
}
