import { constants, crc32, zstdCompressSync } from 'node:zlib'
import type { Batch, Column } from '@omni/spec'
import { type Arena, createArena } from '../../digest/arena.ts'
import { type ByteWriter, createByteWriter } from '../byte-writer.ts'
import { buildDictionary, type Dictionary } from './dictionary.ts'
import type { FileSchema, Leaf } from './leaves.ts'
import { flatten, type LeafValues } from './levels.ts'
import { writePlain } from './plain.ts'
import { bitWidth, writeHybrid, writeRun } from './rle.ts'
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
  const plain = createByteWriter(1 << 20)
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
          chunks.push(writeChunk(leaf, values, { plain, page, arena }, out, start))
        }
      }
      return { rows, chunks }
    },
  }
}

/** Memory that is used for one column after the other. */
interface Scratch {
  readonly plain: ByteWriter
  readonly page: ByteWriter
  readonly arena: Arena
}

function writeChunk(
  leaf: Leaf,
  blocks: readonly LeafValues[],
  { plain, page, arena }: Scratch,
  out: ByteWriter,
  groupStart: number,
): ChunkFacts {
  const { storage } = leaf
  plain.reset()
  const ends = blocks.map((values) => {
    writePlain(values, storage, plain)
    return plain.length
  })
  const encoded = plain.view()
  const bodies = ends.map((end, i) => encoded.subarray(i === 0 ? 0 : ends[i - 1], end))
  const present = blocks.reduce((sum, values) => sum + values.present, 0)
  const entries = blocks.reduce((sum, values) => sum + values.entries, 0)
  const offset = out.length - groupStart
  let uncompressed = 0

  page.reset()
  const width = dictionaryWidth(leaf)
  const dictionary = width === null ? null : buildDictionary(blocks, bodies, width, page, arena)
  // A dictionary holds every value once.
  const extremes = extremesOf(leaf.type, storage.physical, dictionary ? [page.view()] : bodies, present)
  if (dictionary) uncompressed += writePage(PAGE.dictionary, dictionary.size, ENCODING.plain, page, out)
  const dataOffset = out.length - groupStart

  blocks.forEach((values, b) => {
    page.reset()
    writeLevels(values, leaf, page)
    if (dictionary) writeIndices(dictionary, b, page)
    else page.append(bodies[b] as Uint8Array)
    uncompressed += writePage(
      PAGE.data,
      values.entries,
      dictionary ? ENCODING.dictionary : ENCODING.plain,
      page,
      out,
    )
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

/** Bytes of a value for the dictionary, 0 for byte arrays; null where there shall be none. */
function dictionaryWidth(leaf: Leaf): number | null {
  switch (leaf.storage.physical) {
    case 'boolean':
      return null
    case 'int32':
    case 'float':
      return 4
    case 'int64':
    case 'double':
      return 8
    case 'bytes':
      return 0
    case 'fixed':
      return leaf.storage.length as number
  }
}

/** Levels of a version 1 data page, each with its length in front. */
function writeLevels(values: LeafValues, leaf: Leaf, page: ByteWriter): void {
  if (leaf.maxRep > 0) writeLevel(values.reps, 0, values.entries, leaf.maxRep, page)
  if (leaf.maxDef > 0) writeLevel(values.defs, leaf.maxDef, values.entries, leaf.maxDef, page)
}

function writeLevel(
  levels: Uint8Array | null,
  same: number,
  entries: number,
  max: number,
  page: ByteWriter,
): void {
  const start = page.length
  page.u32(0)
  const width = bitWidth(max)
  if (levels) writeHybrid(levels, entries, width, page)
  else writeRun(same, entries, width, page)
  const end = page.length
  page.length = start
  page.u32(end - start - 4)
  page.length = end
}

function writeIndices(dictionary: Dictionary, block: number, page: ByteWriter): void {
  const indices = dictionary.indices[block] as Int32Array
  const width = Math.max(1, bitWidth(dictionary.size - 1))
  page.reserve(1)[page.length++] = width
  writeHybrid(indices, indices.length, width, page)
}

/** Compresses `page` and appends it with its header; returns its bytes before compression, header included. */
function writePage(
  kind: (typeof PAGE)[keyof typeof PAGE],
  values: number,
  encoding: number,
  page: ByteWriter,
  out: ByteWriter,
): number {
  const body = page.view()
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
