import type { CsvDialect, CsvSplitter } from './csv.ts'
import type { JsonDecoder } from './json.ts'
import type { PageEncoder } from './pages.ts'
import type { Utf16Decoder } from './utf16.ts'

/**
 * Loops over bytes. Each exists twice, in WebAssembly SIMD and in TypeScript (`twins`), with the same
 * results for every input.
 */
export interface Kernels {
  /**
   * Positions, relative to `from`, of the bytes of `bytes[from, to)` whose class is not zero.
   * `byteClass` has 256 entries. The view is valid until the next call.
   */
  sweep(bytes: Uint8Array, from: number, to: number, byteClass: Uint8Array): Uint32Array
  /**
   * Positions, relative to `from`, of delimiter, quote, LF and CR bytes of `bytes[from, to)`, quoted or not.
   * The view is valid until the next call.
   */
  indexCsv(bytes: Uint8Array, from: number, to: number, delimiter: number, quote: number): Uint32Array
  /** A splitter of CSV records into columns, with memory of its own. */
  createCsvSplitter(dialect: CsvDialect): CsvSplitter
  /** A decoder of JSON records into columns, with memory of its own. */
  createJsonDecoder(): JsonDecoder
  /** A decoder of UTF-16, big-endian or little, with memory of its own. */
  createUtf16Decoder(isBig: boolean): Utf16Decoder
  /** An encoder of the values of Parquet column chunks, with memory of its own. */
  createPageEncoder(): PageEncoder
}
