// Values of Parquet column chunks, https://parquet.apache.org/docs/file-format/data-pages/encodings/.

/** The present values of one block of a column. */
export interface PageBlock {
  readonly values: Uint8Array
  /** Where each byte array begins and ends in `values`; null for values of one width. */
  readonly offsets: Int32Array | null
  /** Where the present values lie, in order; null when they are the first `present` ones. */
  readonly index: Int32Array | null
  readonly present: number
}

/** What the values of a block are, and what PLAIN makes of them. */
export type PageShape =
  /** Byte arrays, written with their length before them. */
  | { readonly kind: 'bytes' }
  /** `width` bytes each, written as they are. */
  | { readonly kind: 'words'; readonly width: number }
  /** Little-endian two's complement of `width` bytes, written as `size` bytes, big-endian or not, that must hold it. */
  | { readonly kind: 'decimal'; readonly width: number; readonly size: number; readonly isBig: boolean }

/** The distinct values of a column chunk. */
export interface PageDictionary {
  /** How many they are. */
  readonly size: number
  /** They, in PLAIN encoding, in the order in which they first come. */
  readonly plain: Uint8Array
  /** Bits of an index. */
  readonly bitWidth: number
  /** For each block the index of each of its values, as the RLE and bit-packing hybrid. */
  readonly indices: readonly Uint8Array[]
}

/** An encoded chunk, valid until the next call: with a dictionary, or where none pays, every block in PLAIN encoding. */
export type PageValues =
  | { readonly dictionary: PageDictionary; readonly plain: null }
  | { readonly dictionary: null; readonly plain: readonly Uint8Array[] }

/** Encodes one column chunk after the other; it keeps its memory between them. */
export interface PageEncoder {
  /** The values of a chunk; null where a decimal needs more than `size` bytes. */
  encode(blocks: readonly PageBlock[], shape: PageShape): PageValues | null
  /** Values below 2^bitWidth, 24 bits at most, as the RLE and bit-packing hybrid, without a length; valid as above. */
  hybrid(values: Uint8Array, count: number, bitWidth: number): Uint8Array
}

/** Values of the first blocks that are looked at before the rest. */
export const SAMPLE_VALUES = 2048
/** More distinct values in the sample than this, and a dictionary does not pay. */
export const SAMPLE_DISTINCT = 1200
/** Values and bytes of a dictionary, at most. */
export const DICTIONARY_VALUES: number = 1 << 15
export const DICTIONARY_BYTES: number = 1 << 20

/** Whether so many distinct ones among so many values make a chunk smaller. */
export function isWorth(distinct: number, values: number): boolean {
  return values > 0 && distinct * 2 <= values
}

/** Bits that hold the values 0 to `max`, at least one. */
export function indexBits(max: number): number {
  return Math.max(1, 32 - Math.clz32(max))
}

/** Bytes of a value of the shape in PLAIN encoding; 0 for byte arrays, whose bytes vary. */
export function plainWidth(shape: PageShape): number {
  if (shape.kind === 'bytes') return 0
  return shape.kind === 'words' ? shape.width : shape.size
}

/** Bytes of a block in PLAIN encoding. */
export function plainBytes({ offsets, index, present }: PageBlock, shape: PageShape): number {
  if (shape.kind !== 'bytes') return present * plainWidth(shape)
  if (!offsets || present === 0) return 0
  if (!index) return 4 * present + offsets[present]! - offsets[0]!
  let size = 4 * present
  for (let i = 0; i < present; i++) size += offsets[index[i]! + 1]! - offsets[index[i]!]!
  return size
}
