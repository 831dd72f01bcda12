import type { Schema } from '@omni/spec'
import { type FileSchema, PHYSICAL } from './leaves.ts'
import { type ChunkFacts, ENCODING, type RowGroupFacts } from './row-group.ts'
import {
  binary,
  bool,
  encodeThrift,
  i16,
  i32,
  i64,
  list,
  string,
  struct,
  type ThriftValue,
} from './thrift.ts'

/** First and last four bytes of a file. */
export const MAGIC: Uint8Array = Uint8Array.from([0x50, 0x41, 0x52, 0x31])
/** Key of our schema in the file's metadata. */
export const SCHEMA_KEY = 'omni.schema'
const CREATED_BY = 'omni-collector version 1.0.0 (build omni-parquet/1)'
const ZSTD = 6

/** A row group and where in the file it begins. */
export interface PlacedRowGroup extends RowGroupFacts {
  readonly start: number
}

/** Everything after the last row group: metadata, its length, the magic. */
export function footerBytes(schema: Schema, file: FileSchema, groups: readonly PlacedRowGroup[]): Uint8Array {
  const metadata = encodeThrift(
    struct(
      [1, i32(2)],
      [2, list('struct', file.elements)],
      [3, i64(groups.reduce((sum, group) => sum + group.rows, 0))],
      [
        4,
        list(
          'struct',
          groups.map((group, i) => rowGroup(group, i, file)),
        ),
      ],
      [5, list('struct', [struct([1, string(SCHEMA_KEY)], [2, string(JSON.stringify(schema))])])],
      [6, string(CREATED_BY)],
      [
        7,
        list(
          'struct',
          file.leaves.map(() => struct([1, struct()])),
        ),
      ],
    ),
  )
  const out = Buffer.alloc(metadata.length + 8)
  out.set(metadata)
  out.writeUInt32LE(metadata.length, metadata.length)
  out.set(MAGIC, metadata.length + 4)
  return out
}

function rowGroup(group: PlacedRowGroup, ordinal: number, file: FileSchema): ThriftValue {
  const sum = (of: (chunk: ChunkFacts) => number): number =>
    group.chunks.reduce((total, chunk) => total + of(chunk), 0)
  return struct(
    [
      1,
      list(
        'struct',
        group.chunks.map((chunk, i) => columnChunk(chunk, group.start, i, file)),
      ),
    ],
    [2, i64(sum((chunk) => chunk.uncompressed))],
    [3, i64(group.rows)],
    [5, i64(group.start)],
    [6, i64(sum((chunk) => chunk.compressed))],
    // The field has 16 bits; a file with more row groups leaves it out.
    [7, ordinal < 0x8000 ? i16(ordinal) : undefined],
  )
}

function columnChunk(chunk: ChunkFacts, start: number, index: number, file: FileSchema): ThriftValue {
  const leaf = file.leaves[index]
  const hasDictionary = chunk.dictionaryOffset !== null
  const encodings = [ENCODING.rle, ENCODING.plain, ...(hasDictionary ? [ENCODING.dictionary] : [])]
  const extremes = chunk.extremes
  return struct(
    [2, i64(0)],
    [
      3,
      struct(
        [1, i32(PHYSICAL[leaf?.storage.physical ?? 'int32'])],
        [2, list('i32', encodings.map(i32))],
        [3, list('binary', (leaf?.path ?? []).map(string))],
        [4, i32(ZSTD)],
        [5, i64(chunk.entries)],
        [6, i64(chunk.uncompressed)],
        [7, i64(chunk.compressed)],
        [9, i64(start + chunk.dataOffset)],
        [11, hasDictionary ? i64(start + (chunk.dictionaryOffset as number)) : undefined],
        [
          12,
          struct(
            [3, i64(chunk.nulls)],
            [5, extremes ? binary(extremes.max) : undefined],
            [6, extremes ? binary(extremes.min) : undefined],
            [7, extremes ? bool(true) : undefined],
            [8, extremes ? bool(true) : undefined],
          ),
        ],
      ),
    ],
  )
}
