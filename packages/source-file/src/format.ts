import type { AnyBatch, Limits, Rejected, Row, Schema, StoredObject } from '@omni/spec'
import type { FileOptions, FormatName } from './options.ts'

/** Bytes of the decompressed file that `detect` and `describe` see, at most. */
export const HEAD_BYTES: number = 256 * 1024

/** The start of a file after decompression. */
export interface Head {
  /** At most {@link HEAD_BYTES} bytes. */
  readonly bytes: Uint8Array
  /** True when `bytes` is the whole file. */
  readonly complete: boolean
}

/** What a format says about a file from its head. */
export interface FormatFacts {
  /** For a person: `delimiter: ";"`, `header: line 1`. No value of the data. */
  readonly notes: readonly string[]
  /** Where the columns are known for sure before reading. */
  readonly schema?: Schema
  /** Rows, where the format says so. */
  readonly rows?: number
}

/** One file to decode: decompressed and taken out of its archive. */
export interface FormatInput {
  /**
   * The bytes from the start, in pieces of any size that are the format's to keep, unless it says that it is done
   * with each when it asks for the next; may be called again.
   */
  open(reuse?: boolean): AsyncIterable<Uint8Array>
  readonly head: Head
  /** The file itself for random access: only when it is neither compressed nor in an archive. */
  readonly object?: StoredObject
  /** Name without folder and compression suffix, as in `events.csv`. */
  readonly fileName: string
  /** Bytes after decompression, or null where that is not known. */
  readonly size: number | null
}

/** What one read may hold and use. */
export interface FormatRequest {
  readonly limits: Limits
  /** Rows that will be used, at most. */
  readonly limit?: number
  readonly signal: AbortSignal
}

interface ChunkFacts {
  readonly rejected?: readonly Rejected[]
  readonly filtered?: number
}

/** What a format yields: a chunk without position and byte count, which `read.ts` adds. */
export type FormatChunk =
  | (ChunkFacts & { readonly rows: readonly Row[] })
  | (ChunkFacts & { readonly batch: AnyBatch })
  /** Forget every chunk so far: `decode` begins again from the first byte, by itself, with wider types. */
  | { readonly restart: { readonly why: string } }

/** A file format: a row of the registry in `formats.ts`. */
export interface Format {
  readonly name: FormatName
  /** How surely the bytes are this format: 0 (no) to 1 (a magic number). Pure; the name only breaks ties. */
  detect(head: Head, fileName: string): number
  /** Facts for `discover`. Throws a fault when the head is surely broken. */
  describe(input: FormatInput, options: FileOptions): FormatFacts | Promise<FormatFacts>
  /** Chunks in the order of the file. Rejects only with faults. */
  decode(input: FormatInput, options: FileOptions, request: FormatRequest): AsyncIterable<FormatChunk>
}
