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
  const table = createTable(out)
  const indices: Int32Array[] = []
  let seen = 0
  for (const [b, block] of blocks.entries()) {
    const bytes = plain[b] as Uint8Array
    const places = arena.ints(block.present)
    let at = 0
    for (let i = 0; i < block.present; i++) {
      const size = width === 0 ? 4 + lengthAt(bytes, at) : width
      places[i] = table.place(bytes, at, size)
      at += size
      seen++
      if (seen === SAMPLE && table.size > SAMPLE_DISTINCT) return giveUp(out, start)
      if (table.size > MAX_DISTINCT || out.length - start > MAX_BYTES) return giveUp(out, start)
    }
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

function lengthAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

interface Table {
  readonly size: number
  /** Place of the value at `bytes[at, at + size)`, which is appended when it is new. */
  place(bytes: Uint8Array, at: number, size: number): number
}

/** Open addressing over the values as they are appended to `out`. */
function createTable(out: ByteWriter): Table {
  let slots = new Int32Array(4096).fill(-1)
  let mask = slots.length - 1
  const hashes: number[] = []
  const starts: number[] = []
  const sizes: number[] = []
  const grow = (): void => {
    slots = new Int32Array(slots.length * 4).fill(-1)
    mask = slots.length - 1
    for (let i = 0; i < hashes.length; i++) {
      let slot = (hashes[i] as number) & mask
      while (slots[slot] !== -1) slot = (slot + 1) & mask
      slots[slot] = i
    }
  }
  return {
    get size() {
      return starts.length
    },
    place(bytes, at, size) {
      const hash = hashOf(bytes, at, size)
      let slot = hash & mask
      const known = out.reserve(size)
      for (let i = slots[slot] as number; i !== -1; i = slots[slot] as number) {
        if (hashes[i] === hash && sizes[i] === size && isSame(known, starts[i] as number, bytes, at, size))
          return i
        slot = (slot + 1) & mask
      }
      const place = starts.length
      slots[slot] = place
      hashes.push(hash)
      starts.push(out.length)
      sizes.push(size)
      for (let j = 0; j < size; j++) known[out.length + j] = bytes[at + j] as number
      out.length += size
      if (starts.length * 2 > slots.length) grow()
      return place
    },
  }
}

/** FNV-1a, 32 bits, mixed once more so that the low bits depend on all. */
function hashOf(bytes: Uint8Array, at: number, size: number): number {
  let hash = 0x811c9dc5
  for (let i = at; i < at + size; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  return hash ^ (hash >>> 15)
}

function isSame(known: Uint8Array, start: number, bytes: Uint8Array, at: number, size: number): boolean {
  for (let i = 0; i < size; i++) if (known[start + i] !== bytes[at + i]) return false
  return true
}
