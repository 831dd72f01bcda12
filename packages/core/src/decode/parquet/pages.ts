import { crc32, zstdDecompressSync } from 'node:zlib'
import { valueWidth } from '@omni/arrow'
import type { Leaf } from '../../encode/parquet/leaves.ts'
import { bitWidth } from '../../encode/parquet/rle.ts'
import { ENCODING } from '../../encode/parquet/row-group.ts'
import { damaged } from '../damaged.ts'
import { type Dense, gather, readPlain } from './dense.ts'
import { readHybrid } from './hybrid.ts'
import { decodeThrift, numberAt, structAt } from './thrift.ts'

/** The data page of one leaf for one block. */
export interface LeafPage {
  readonly entries: number
  readonly defs: Uint8Array
  readonly reps: Uint8Array | null
  readonly dense: Dense
}

interface RawPage {
  readonly kind: number
  readonly values: number
  readonly encoding: number
  readonly uncompressed: number
  readonly packed: Uint8Array
}

/** The pages of one column of a row group, one a block. */
export interface ChunkPages {
  readonly count: number
  page(index: number): LeafPage
}

/** Finds the pages of a column chunk; each is decompressed when it is asked for. */
export function openChunk(bytes: Uint8Array, leaf: Leaf): ChunkPages {
  const pages: RawPage[] = []
  let dictionary: Dense | null = null
  for (let at = 0; at < bytes.length; ) {
    const { page, end } = pageAt(bytes, at)
    at = end
    if (page.kind === 0) pages.push(page)
    else if (page.kind === 2 && pages.length === 0 && !dictionary) {
      dictionary = readPlain(leaf.type, leaf.storage, bodyOf(page), page.values)
    } else throw damaged()
  }
  return {
    count: pages.length,
    page(index) {
      const page = pages[index]
      if (!page) throw damaged()
      return readPage(page, leaf, dictionary)
    },
  }
}

function pageAt(bytes: Uint8Array, start: number): { page: RawPage; end: number } {
  const { value: header, end: from } = decodeThrift(bytes, start)
  const kind = numberAt(header, 1)
  const facts = structAt(header, kind === 0 ? 5 : 7)
  const end = from + numberAt(header, 3)
  if (end > bytes.length || end < from) throw damaged()
  const packed = bytes.subarray(from, end)
  if ((crc32(packed) | 0) !== numberAt(header, 4)) throw damaged()
  return {
    page: {
      kind,
      values: numberAt(facts, 1),
      encoding: numberAt(facts, 2),
      uncompressed: numberAt(header, 2),
      packed,
    },
    end,
  }
}

function bodyOf(page: RawPage): Uint8Array {
  const body = zstdDecompressSync(page.packed, {
    maxOutputLength: Math.max(1, page.uncompressed),
    chunkSize: Math.max(64, page.uncompressed),
  })
  if (body.length !== page.uncompressed) throw damaged()
  return body
}

function readPage(page: RawPage, leaf: Leaf, dictionary: Dense | null): LeafPage {
  const body = bodyOf(page)
  let at = 0
  const levels = (max: number): Uint8Array => {
    if (at + 4 > body.length) throw damaged()
    const start = at + 4
    at = start + new DataView(body.buffer, body.byteOffset + at, 4).getUint32(0, true)
    if (at > body.length) throw damaged()
    return readHybrid(body, start, at, bitWidth(max), new Uint8Array(page.values))
  }
  const reps = leaf.maxRep > 0 ? levels(leaf.maxRep) : null
  const defs = leaf.maxDef > 0 ? levels(leaf.maxDef) : new Uint8Array(page.values)
  let present = 0
  for (let i = 0; i < defs.length; i++) if (defs[i] === leaf.maxDef) present++
  const values = body.subarray(at)
  const dense =
    page.encoding === ENCODING.dictionary
      ? readIndexed(values, present, leaf, dictionary)
      : readPlain(leaf.type, leaf.storage, values, present)
  return { entries: page.values, defs, reps, dense }
}

function readIndexed(bytes: Uint8Array, present: number, leaf: Leaf, dictionary: Dense | null): Dense {
  const width = bytes[0]
  if (!dictionary || width === undefined || width > 24) throw damaged()
  const places = readHybrid(bytes, 1, bytes.length, width, new Int32Array(present))
  return gather(dictionary, places, valueWidth(leaf.type))
}
