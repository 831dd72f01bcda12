import { constants, crc32, zstdCompressSync } from 'node:zlib'
import { loadKernelsSync, type PageEncoder, type PageValues } from '@omni/kernels'
import type { Batch, Column } from '@omni/spec'
import { type Arena, createArena } from '../../digest/arena.ts'
import { type ByteWriter, createByteWriter } from '../byte-writer.ts'
import type { FileSchema, Leaf } from './leaves.ts'
import { flatten, type LeafValues } from './levels.ts'
import { decimalRange, shapeBlocks, writeBools } from './plain.ts'
import { bitWidth, writeRun } from './rle.ts'
import { type Extremes, extremesOf } from './statistics.ts'
import { encodeThrift, i32, struct } from './thrift.ts'

/** What the footer says of one column of a row group. Offsets count from the start of the row group. */
export interface ChunkFacts {
  readonly offset: number
  /** Of the dictionary page, which is first; null without one. */
  readonly dictionaryOffset: number | null
  readonly dataOffset: number
  readonly compressed: number
  readonly uncompressed: number
  readonly entries: number
  readonly nulls: number
  readonly extremes: Extremes | null
}

/** What the footer says of one row group. */
export interface RowGroupFacts {
  readonly rows: number
  readonly chunks: readonly ChunkFacts[]
}

export const ENCODING = { plain: 0, rle: 3, dictionary: 8 } as const
const PAGE = { data: 0, dictionary: 2 } as const
const ZSTD_LEVEL = 1

/** Encodes row groups one after the other; it keeps its memory between them. */
export interface RowGroupEncoder {
  /** Appends the pages of all columns: one data page a block, dictionary first where one pays. */
  encode(blocks: readonly Batch[], out: ByteWriter): RowGroupFacts
}

/** An encoder for one schema, for one thread. */
export function createRowGroupEncoder(schema: FileSchema): RowGroupEncoder {
  const pages = loadKernelsSync().createPageEncoder()
  const page = createByteWriter(1 << 18)
  const arena = createArena()
  return {
    encode(blocks, out) {
      const start = out.length
      const chunks: ChunkFacts[] = []
      const columns = blocks[0]?.columns.length ?? 0
      let rows = 0
      for (const block of blocks) rows += block.rows
      for (let c = 0; c < columns; c++) {
        arena.reset()
        const perBlock = blocks.map((block) => flatten(block.columns[c] as Column, block.rows, arena))
        const leaves = perBlock[0]?.length ?? 0
        for (let l = 0; l < leaves; l++) {
          const leaf = schema.leaves[chunks.length] as Leaf
          const values = perBlock.map((block) => block[l] as LeafValues)
          chunks.push(writeChunk(leaf, values, { pages, page, arena }, out, start))
        }
      }
      return { rows, chunks }
    },
  }
}

/** Memory that is used for one column after the other. */
interface Scratch {
  readonly pages: PageEncoder
  readonly page: ByteWriter
  readonly arena: Arena
}

function writeChunk(
  leaf: Leaf,
  blocks: readonly LeafValues[],
  { pages, page, arena }: Scratch,
  out: ByteWriter,
  groupStart: number,
): ChunkFacts {
  const { storage } = leaf
  const present = blocks.reduce((sum, values) => sum + values.present, 0)
  const entries = blocks.reduce((sum, values) => sum + values.entries, 0)
  const offset = out.length - groupStart
  let uncompressed = 0

  // Levels first: the values are valid until the next call of the encoder.
  const levels = blocks.map((values) => {
    page.reset()
    writeLevels(values, leaf, pages, page)
    const bytes = arena.bytes(page.length)
    bytes.set(page.view())
    return bytes
  })
  const { dictionary, plain } = encodeValues(blocks, leaf, pages, arena)
  // A dictionary holds every value once.
  const extremes = extremesOf(
    leaf.type,
    storage.physical,
    dictionary === null ? plain : [dictionary.plain],
    present,
  )
  if (dictionary) {
    uncompressed += writePage(PAGE.dictionary, dictionary.size, ENCODING.plain, dictionary.plain, out)
  }
  const dataOffset = out.length - groupStart

  blocks.forEach((values, b) => {
    page.reset()
    page.append(levels[b] as Uint8Array)
    if (dictionary) page.reserve(1)[page.length++] = dictionary.bitWidth
    page.append((dictionary === null ? plain : dictionary.indices)[b] as Uint8Array)
    const encoding = dictionary ? ENCODING.dictionary : ENCODING.plain
    uncompressed += writePage(PAGE.data, values.entries, encoding, page.view(), out)
  })
  return {
    offset,
    dictionaryOffset: dictionary ? offset : null,
    dataOffset,
    compressed: out.length - groupStart - offset,
    uncompressed,
    entries,
    nulls: entries - present,
    extremes,
  }
}

/** The values of a leaf; there shall be no dictionary of booleans. */
function encodeValues(
  blocks: readonly LeafValues[],
  { storage }: Leaf,
  pages: PageEncoder,
  arena: Arena,
): PageValues {
  if (storage.physical === 'boolean') {
    return { dictionary: null, plain: blocks.map((values) => writeBools(values, arena)) }
  }
  const shaped = shapeBlocks(blocks, storage, arena)
  const values = pages.encode(shaped.blocks, shaped.shape)
  if (!values) throw decimalRange()
  return values
}

/** Levels of a version 1 data page, each with its length in front. */
function writeLevels(values: LeafValues, leaf: Leaf, pages: PageEncoder, page: ByteWriter): void {
  if (leaf.maxRep > 0) writeLevel(values.reps, 0, values.entries, leaf.maxRep, pages, page)
  if (leaf.maxDef > 0) writeLevel(values.defs, leaf.maxDef, values.entries, leaf.maxDef, pages, page)
}

function writeLevel(
  levels: Uint8Array | null,
  same: number,
  entries: number,
  max: number,
  pages: PageEncoder,
  page: ByteWriter,
): void {
  const start = page.length
  page.u32(0)
  const width = bitWidth(max)
  if (levels) page.append(pages.hybrid(levels, entries, width))
  else writeRun(same, entries, width, page)
  const end = page.length
  page.length = start
  page.u32(end - start - 4)
  page.length = end
}

/** Compresses a page and appends it with its header; returns its bytes before compression, header included. */
function writePage(
  kind: (typeof PAGE)[keyof typeof PAGE],
  values: number,
  encoding: number,
  body: Uint8Array,
  out: ByteWriter,
): number {
  const packed = zstdCompressSync(body, {
    // Memory for the result is taken in steps of this; most pages shrink to less than half.
    chunkSize: Math.max(1024, body.length >> 1),
    params: {
      [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
      [constants.ZSTD_c_contentSizeFlag]: 1,
    },
    pledgedSrcSize: body.length,
  })
  const header = encodeThrift(
    struct(
      [1, i32(kind)],
      [2, i32(body.length)],
      [3, i32(packed.length)],
      [4, i32(crc32(packed) | 0)],
      kind === PAGE.data
        ? [5, struct([1, i32(values)], [2, i32(encoding)], [3, i32(ENCODING.rle)], [4, i32(ENCODING.rle)])]
        : [7, struct([1, i32(values)], [2, i32(encoding)])],
    ),
  )
  out.append(header)
  out.append(packed)
  return header.length + body.length
}
