import type { Arena } from '../../digest/arena.ts'
import type { ByteWriter } from '../byte-writer.ts'
import type { LeafValues } from './levels.ts'

/** Distinct values of a column chunk, and where each value is among them. */
export interface Dictionary {
  readonly size: number
  /** One array a block: for each present value, its place in the dictionary. */
  readonly indices: readonly Int32Array[]
}

/** Values of the first block that are looked at before the rest. */
const SAMPLE = 2048
/** More distinct values in the sample than this, and a dictionary does not pay. */
const SAMPLE_DISTINCT = 1200
const MAX_DISTINCT = 1 << 15
const MAX_BYTES = 1 << 20

/**
 * Distinct values of the blocks of a column chunk, appended to `out` in PLAIN encoding, or null (and nothing
 * appended) where a dictionary would not pay. `plain` holds the PLAIN encoding of each block; `width` is the bytes
 * of a value, 0 for byte arrays.
 */
export function buildDictionary(
  blocks: readonly LeafValues[],
  plain: readonly Uint8Array[],
  width: number,
  out: ByteWriter,
  arena: Arena,
): Dictionary | null {
  const start = out.length
  const table = width === 4 || width === 8 ? createWordTable(out, width) : createBytesTable(out, width)
  const indices: Int32Array[] = []
  let seen = 0
  for (const [b, block] of blocks.entries()) {
    const places = arena.ints(block.present)
    table.begin(plain[b] as Uint8Array)
    // The rest of the first block is only worth looking at when the sample was.
    const sample = seen < SAMPLE ? Math.min(SAMPLE - seen, block.present) : 0
    for (let i = 0; i < sample; i++) places[i] = table.place()
    if (seen < SAMPLE && seen + sample >= SAMPLE && table.size > SAMPLE_DISTINCT) return giveUp(out, start)
    for (let i = sample; i < block.present; i++) {
      places[i] = table.place()
      if (table.size > MAX_DISTINCT || out.length - start > MAX_BYTES) return giveUp(out, start)
    }
    seen += block.present
    indices.push(places)
  }
  // A small chunk: as many distinct values as half of all would make it larger.
  if (seen === 0 || table.size * 2 > seen) return giveUp(out, start)
  return { size: table.size, indices }
}

function giveUp(out: ByteWriter, start: number): null {
  out.length = start
  return null
}

interface Table {
  readonly size: number
  /** Goes on with the values of this PLAIN encoding. */
  begin(plain: Uint8Array): void
  /** Place of the next value, which is appended to the dictionary when it is new. */
  place(): number
}

const FIRST_SLOTS = 4096
const FREE = -1

/** Slots of an open addressing table that is at most half full. */
function grownSlots(slots: Int32Array, hashes: readonly number[]): Int32Array {
  const grown = new Int32Array(slots.length * 4).fill(FREE)
  const mask = grown.length - 1
  for (let i = 0; i < hashes.length; i++) {
    let slot = (hashes[i] as number) & mask
    while (grown[slot] !== FREE) slot = (slot + 1) & mask
    grown[slot] = i
  }
  return grown
}

/** For values of four or eight bytes, compared as one or two words. */
function createWordTable(out: ByteWriter, width: 4 | 8): Table {
  let slots: Int32Array = new Int32Array(FIRST_SLOTS).fill(FREE)
  let bytes: Uint8Array = new Uint8Array(0)
  let view = new DataView(bytes.buffer)
  let at = 0
  const hashes: number[] = []
  const lows: number[] = []
  const highs: number[] = []
  return {
    get size() {
      return hashes.length
    },
    begin(plain) {
      bytes = plain
      view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength)
      at = 0
    },
    place() {
      const low = view.getInt32(at, true)
      const high = width === 8 ? view.getInt32(at + 4, true) : 0
      const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1)
      const hash = mixed ^ (mixed >>> 15)
      const mask = slots.length - 1
      let slot = hash & mask
      for (let i = slots[slot] as number; i !== FREE; i = slots[slot] as number) {
        if (lows[i] === low && highs[i] === high) {
          at += width
          return i
        }
        slot = (slot + 1) & mask
      }
      const place = hashes.length
      slots[slot] = place
      hashes.push(hash)
      lows.push(low)
      highs.push(high)
      out.append(bytes.subarray(at, at + width))
      at += width
      if (hashes.length * 2 > slots.length) slots = grownSlots(slots, hashes)
      return place
    },
  }
}

/** For byte arrays with their length in front (`width` 0), and values of any other width. */
function createBytesTable(out: ByteWriter, width: number): Table {
  let slots: Int32Array = new Int32Array(FIRST_SLOTS).fill(FREE)
  let bytes: Uint8Array = new Uint8Array(0)
  let words = new DataView(bytes.buffer)
  let at = 0
  const hashes: number[] = []
  const starts: number[] = []
  const sizes: number[] = []
  let known = bytes
  let knownWords = words
  return {
    get size() {
      return hashes.length
    },
    begin(plain) {
      bytes = plain
      words = new DataView(plain.buffer, plain.byteOffset, plain.byteLength)
      at = 0
    },
    place() {
      const size = width === 0 ? 4 + words.getInt32(at, true) : width
      const hash = hashOf(words, at, size)
      const mask = slots.length - 1
      let slot = hash & mask
      for (let i = slots[slot] as number; i !== FREE; i = slots[slot] as number) {
        if (
          hashes[i] === hash &&
          sizes[i] === size &&
          isSame(knownWords, starts[i] as number, words, at, size)
        ) {
          at += size
          return i
        }
        slot = (slot + 1) & mask
      }
      const place = hashes.length
      slots[slot] = place
      hashes.push(hash)
      starts.push(out.length)
      sizes.push(size)
      out.append(bytes.subarray(at, at + size))
      const now = out.reserve(0)
      if (now.buffer !== known.buffer) {
        known = now
        knownWords = new DataView(now.buffer, now.byteOffset)
      }
      at += size
      if (hashes.length * 2 > slots.length) slots = grownSlots(slots, hashes)
      return place
    },
  }
}

/** FNV-1a over words of four bytes, then bytes; mixed once more so that the low bits depend on all. */
function hashOf(words: DataView, at: number, size: number): number {
  let hash = 0x811c9dc5
  const end = at + size
  let i = at
  for (; i + 4 <= end; i += 4) {
    hash = Math.imul(hash ^ words.getInt32(i, true), 0x01000193)
    hash ^= hash >>> 17
  }
  for (; i < end; i++) hash = Math.imul(hash ^ words.getUint8(i), 0x01000193)
  return hash ^ (hash >>> 15)
}

function isSame(known: DataView, start: number, words: DataView, at: number, size: number): boolean {
  let i = 0
  for (; i + 4 <= size; i += 4)
    if (known.getInt32(start + i, true) !== words.getInt32(at + i, true)) return false
  for (; i < size; i++) if (known.getUint8(start + i) !== words.getUint8(at + i)) return false
  return true
}
