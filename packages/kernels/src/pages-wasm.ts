import { type Exports, ensureMemory } from './module.ts'
import {
  DICTIONARY_BYTES,
  DICTIONARY_VALUES,
  indexBits,
  isWorth,
  type PageBlock,
  type PageDictionary,
  type PageEncoder,
  type PageShape,
  plainBytes,
  plainWidth,
  SAMPLE_DISTINCT,
  SAMPLE_VALUES,
} from './pages.ts'
import { createPageEncoderTwin } from './pages-twin.ts'

const SLOT_BYTES = 4 << 17
const ENTRY_BYTES = 12
/** Copies in the kernel end up to 15 bytes past their end. */
const SLACK = 64

/** Where everything of one chunk lies. */
interface Layout {
  readonly slots: number
  readonly entries: number
  readonly dictionary: number
  /** For each block, u32 a value. */
  readonly places: readonly number[]
  readonly plain: readonly number[]
  /** The hybrid of each block. */
  readonly packed: readonly number[]
  readonly values: number
  readonly offsets: number
  readonly index: number
  readonly size: number
}

/** Chunks with more are left to the twin: pointers beyond 31 bits come out of WebAssembly with a sign. */
const MOST_BYTES = 2 ** 30

/** An encoder on an instance of its own. */
export function createPageEncoderWasm(exports: Exports): PageEncoder {
  let memory = new Uint8Array(exports.memory.buffer)
  let words = new Int32Array(exports.memory.buffer)

  const ensure = (bytes: number): void => {
    if (!ensureMemory(exports.memory, bytes)) return
    memory = new Uint8Array(exports.memory.buffer)
    words = new Int32Array(exports.memory.buffer)
  }
  const put = (bytes: Uint8Array, at: number): number => {
    memory.set(bytes, at)
    return at
  }
  const putInts = (ints: Int32Array, at: number): number => {
    words.set(ints, at >> 2)
    return at
  }

  /** Writes a block in PLAIN encoding; false where a decimal does not fit. */
  function writePlain(
    { values, offsets, index, present }: PageBlock,
    shape: PageShape,
    out: number,
    at: Layout,
  ): boolean {
    if (present === 0) return true
    if (shape.kind === 'words' && !index) {
      put(values.subarray(0, present * shape.width), out)
      return true
    }
    put(values, at.values)
    const where = index ? putInts(index.subarray(0, present), at.index) : 0
    if (shape.kind === 'bytes') {
      putInts(offsets!, at.offsets)
      exports.pagesBytes(at.values, at.offsets, where, present, out)
      return true
    }
    if (shape.kind === 'words') {
      exports.pagesWords(at.values, shape.width, where, present, out)
      return true
    }
    const { width, size, isBig } = shape
    return exports.pagesDecimals(at.values, width, size, isBig ? 1 : 0, where, present, out) === 1
  }

  /** How many distinct values the chunk has, with the places of all; 0 where a dictionary does not pay. */
  function findPlaces(blocks: readonly PageBlock[], shape: PageShape, at: Layout): number {
    const { slots, entries, dictionary, plain, places } = at
    exports.pagesBegin(slots, entries, dictionary, plainWidth(shape), DICTIONARY_VALUES, DICTIONARY_BYTES)
    let seen = 0
    for (const [b, { present }] of blocks.entries()) {
      const sample = Math.min(Math.max(0, SAMPLE_VALUES - seen), present)
      const next = exports.pagesPlaces(plain[b]!, sample, places[b]!)
      if (next === 0) return 0
      seen += sample
      if (sample > 0 && seen >= SAMPLE_VALUES && exports.pagesSize() > SAMPLE_DISTINCT) return 0
      if (exports.pagesPlaces(next, present - sample, places[b]! + 4 * sample) === 0) return 0
      seen += present - sample
    }
    const size = exports.pagesSize()
    return isWorth(size, seen) ? size : 0
  }

  function packed(blocks: readonly PageBlock[], size: number, at: Layout): PageDictionary {
    const bitWidth = indexBits(size - 1)
    const indices = blocks.map(({ present }, b) => {
      const start = at.packed[b]!
      return memory.subarray(start, start + exports.pagesHybrid(at.places[b]!, present, bitWidth, start))
    })
    const plain = memory.subarray(at.dictionary, at.dictionary + exports.pagesLength())
    return { size, plain, bitWidth, indices }
  }

  return {
    encode(blocks, shape) {
      const sizes = blocks.map((block) => plainBytes(block, shape))
      const at = layOut(exports.heapBase(), blocks, sizes)
      if (at.size > MOST_BYTES) return createPageEncoderTwin().encode(blocks, shape)
      ensure(at.size)
      for (const [b, block] of blocks.entries()) {
        if (!writePlain(block, shape, at.plain[b]!, at)) return null
      }
      const size = findPlaces(blocks, shape, at)
      if (size > 0) return { dictionary: packed(blocks, size, at), plain: null }
      const plain = sizes.map((bytes, b) => memory.subarray(at.plain[b]!, at.plain[b]! + bytes))
      return { dictionary: null, plain }
    },
    hybrid(values, count, bitWidth) {
      const at = (exports.heapBase() + 15) & ~15
      const out = at + 4 * count + SLACK
      ensure(out + 4 * count + SLACK)
      for (let i = 0; i < count; i++) words[(at >> 2) + i] = values[i]!
      return memory.subarray(out, out + exports.pagesHybrid(at, count, bitWidth, out))
    },
  }
}

function layOut(base: number, blocks: readonly PageBlock[], sizes: readonly number[]): Layout {
  let end = base
  const take = (bytes: number): number => {
    const start = (end + 15) & ~15
    end = start + bytes + SLACK
    return start
  }
  const most = (bytes: (block: PageBlock) => number): number =>
    blocks.reduce((least, block) => Math.max(least, bytes(block)), 0)
  return {
    slots: take(SLOT_BYTES),
    entries: take(ENTRY_BYTES * DICTIONARY_VALUES),
    dictionary: take(DICTIONARY_BYTES),
    places: blocks.map(({ present }) => take(4 * present)),
    plain: sizes.map((bytes) => take(bytes)),
    // Eight packed values and a run of eight by turns are the longest, below three bytes a value.
    packed: blocks.map(({ present }) => take(3 * present)),
    values: take(most(({ values }) => values.length)),
    offsets: take(most(({ offsets }) => 4 * (offsets?.length ?? 0))),
    index: take(most(({ index }) => 4 * (index?.length ?? 0))),
    get size() {
      return end + SLACK
    },
  }
}
