import type { Batch, Limits, Rejected, Row, Schema, StoredObject } from '@omni/spec'
import type { BatchMemory } from './batch-memory.ts'
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
  /**
   * The file for random access. Always there for a format whose `access` is `random` (a packed file is then held in
   * memory, up to a bound); for others only when the file is neither compressed nor in an archive.
   */
  readonly object?: StoredObject
  /** Which of the {@link Format.tables} is meant; absent where the format has none. */
  readonly table?: string
  /** Name without folder and compression suffix, as in `events.csv`. */
  readonly fileName: string
  /** Bytes after decompression, or null where that is not known. */
  readonly size: number | null
  /** What the format wants to find again while the tables of this file are described one after the other. */
  readonly memo?: Map<string, unknown>
}

/** What one read may hold and use. */
export interface FormatRequest {
  readonly limits: Limits
  /** Rows that will be used, at most. */
  readonly limit?: number
  readonly signal: AbortSignal
  /**
   * Given when the stream has several files: the same map for each of them, in this pass and the next. A format that
   * infers types begins with what is in it for a column, by name, and puts in what it found, so that a column is read
   * alike in every file in the end.
   */
  readonly learned?: Map<string, unknown>
  /** Where the memory of batches may come from. */
  readonly memory?: BatchMemory
}

/** A record that was kept though it was broken, for it can be read in one way only. No value of the data. */
export interface Repaired {
  /** Where it is, as in `line 5`. */
  readonly locator: string
  readonly code: string
  readonly reason: string
}

interface ChunkFacts {
  readonly rejected?: readonly Rejected[]
  /** Records in this chunk that `read.ts` reports. */
  readonly repaired?: readonly Repaired[]
  readonly filtered?: number
  /** As in the chunk of a source; the thread's host adds it. */
  readonly release?: () => void
}

/** What a format yields: a chunk without position and byte count, which `read.ts` adds. */
export type FormatChunk =
  | (ChunkFacts & { readonly rows: readonly Row[] })
  | (ChunkFacts & { readonly batch: Batch })
  /** Forget every chunk so far: `decode` begins again from the first byte, by itself, with wider types. */
  | { readonly restart: { readonly why: string } }

/** One of several tables in a file: a sheet, a table of a database or a page. Each is a stream. */
export interface Table {
  /** Unique in the file. */
  readonly name: string
  /** For a person, as in `sheet 2, hidden`. */
  readonly notes?: readonly string[]
}

/** What tells a format from others, without loading what reads it: a row of the registry in `formats.ts`. */
export interface FormatRow {
  readonly name: FormatName
  /** How surely the bytes are this format: 0 (no) to 1 (a magic number). Pure; the name only breaks ties. */
  detect(head: Head, fileName: string): number
  load(): Promise<Format>
}

/**
 * A file format. It runs in a thread that is killed when it takes too long or too much memory, so it keeps nothing
 * outside of what it is given and needs nothing but its input. The memory of a batch is given away when it is mostly
 * filled: what is cut from a buffer for several batches has to be copied.
 */
export interface Format {
  /** Reads its file from the first byte to the last, or here and there. */
  readonly access: 'stream' | 'random'
  /** The tables that the options ask for, in the order of the file; absent where a file is always one table. */
  tables?(input: FormatInput, options: FileOptions): Promise<readonly Table[]>
  /** Facts for `discover`. Throws a fault when the head is surely broken. */
  describe(input: FormatInput, options: FileOptions): FormatFacts | Promise<FormatFacts>
  /** Chunks in the order of the file. Rejects only with faults. */
  decode(input: FormatInput, options: FileOptions, request: FormatRequest): AsyncIterable<FormatChunk>
}
