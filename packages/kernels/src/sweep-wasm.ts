import type { Kernels } from './kernels.ts'
import { type Exports, ensureMemory } from './module.ts'

/** Bytes a call works on: input and positions of a piece stay in the second-level cache. */
export const PIECE_BYTES: number = 128 * 1024

/** `sweep` and `indexCsv` on one instance: pieces go in, positions come out; its memory never grows again. */
export function createSweeps(exports: Exports): Pick<Kernels, 'sweep' | 'indexCsv'> {
  const tables = (exports.heapBase() + 15) & ~15
  const input = tables + 64
  const out = input + PIECE_BYTES + 64
  ensureMemory(exports.memory, out + 4 * PIECE_BYTES)
  const memory = new Uint8Array(exports.memory.buffer)
  const found = new Uint32Array(exports.memory.buffer, out, PIECE_BYTES)
  let scratch = new Uint32Array(0)
  let lastClass = new Uint8Array(0)

  const run = (
    bytes: Uint8Array,
    from: number,
    to: number,
    piece: (length: number, base: number) => number,
  ): Uint32Array => {
    let total = 0
    for (let at = from; at < to; at += PIECE_BYTES) {
      const end = Math.min(to, at + PIECE_BYTES)
      memory.set(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end), input)
      const count = piece(end - at, at - from)
      if (at === from && end === to) return found.subarray(0, count)
      if (total + count > scratch.length) {
        const larger = new Uint32Array(Math.max(PIECE_BYTES, 2 * (total + count)))
        larger.set(scratch.subarray(0, total))
        scratch = larger
      }
      scratch.set(found.subarray(0, count), total)
      total += count
    }
    return scratch.subarray(0, total)
  }

  return {
    sweep(bytes, from, to, byteClass) {
      if (!sameBytes(byteClass, lastClass)) {
        memory.set(nibbleTables(byteClass), tables)
        lastClass = byteClass.slice()
      }
      return run(bytes, from, to, (length, base) => exports.sweep(input, length, tables, base, out))
    },
    indexCsv: (bytes, from, to, delimiter, quote) =>
      run(bytes, from, to, (length, base) => exports.indexCsv(input, length, delimiter, quote, base, out)),
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

/** A byte class as assembly/sweep.ts wants it: two rows of 16, then the eight bit values. */
function nibbleTables(byteClass: Uint8Array): Uint8Array {
  const tables = new Uint8Array(48)
  for (let byte = 0; byte < 256; byte++) {
    if (byteClass[byte] === 0) continue
    const row = (byte >> 7) * 16 + (byte & 15)
    tables[row] = tables[row]! | (1 << ((byte >> 4) & 7))
  }
  for (let bit = 0; bit < 8; bit++) tables[32 + bit] = 1 << bit
  return tables
}
