import type { Batch, Schema } from './columns.ts'
import type { FaultInit, FaultKind } from './fault.ts'
import type { StandardSchemaV1 } from './standard.ts'
import type { StoredObject } from './storage.ts'

// The contract between core and a source, from the source's side. The rules that a type cannot say are
// numbered in docs/spec/collector.md, and each is checked by @omni/testkit under the same number.

/** Where to resume a stream: flat, at most 8 KiB as JSON, no secret; 64-bit values as text. */
export type Position = Readonly<Record<string, string | number | boolean | null>>

/** One row as an object. Numbers that a double cannot hold come as bigint or text. */
export type Row = Readonly<Record<string, unknown>>

/** What a source can do, each a fact that the conformance suite tries to disprove. Absent: it cannot. */
export interface Capabilities {
  /** Read twice, the same system gives the same rows in the same order. */
  readonly replay?: true
  /** Chunks carry positions, and `read` honours the one it is given. */
  readonly positions?: true
  /**
   * A position names a version of the whole stream, as a file's ETag does: read from the newest one, a stream gives
   * nothing; read from another, it gives all of itself again. Needs `positions` and `replay`.
   */
  readonly versions?: true
  /** `splits` is there. */
  readonly splits?: true
  /** `ack` is there: the system forgets, or moves on, only after it. */
  readonly ack?: true
  /** `check` is there. */
  readonly check?: true
  /** A reader may yield `restart`. Needs `replay`. */
  readonly restart?: true
  /** The stream has no end of its own; `until`, `limit` or a time-out ends the read. */
  readonly unbounded?: true
  /** Chunks may carry the operations `upsert` and `delete`. */
  readonly changes?: true
}

/** One table, topic, sheet, file or endpoint. */
export interface Stream {
  /** Unique within the collector, and the same next time. */
  readonly name: string
  /** Where it is known before reading. Without it, the first batch decides, or the rows are inferred. */
  readonly schema?: Schema
  readonly primaryKey?: readonly string[]
  /** For a progress bar; never relied on. */
  readonly estimate?: { readonly rows?: number; readonly bytes?: number }
  /** For a person: what was detected and why, as in `delimiter: ";"`. */
  readonly notes?: readonly string[]
}

/** An independent share of a stream. Its id is a fact of the system (a partition, a file), not of who reads. */
export interface Split {
  readonly id: string
  readonly estimate?: { readonly rows?: number; readonly bytes?: number }
}

/** How much a reader may hold. */
export interface Limits {
  /** Rows in one chunk, at most. */
  readonly chunkRows: number
  /** Bytes of decoded data in one chunk, at most; a single larger row still passes. */
  readonly chunkBytes: number
  /** Bytes read ahead and not yet yielded, at most. */
  readonly bufferBytes: number
}

/** A record that could not be decoded. Core masks `raw` and writes it to the quarantine. */
export interface Rejected {
  /** Where it is: `line 17`, `offset 3:1042`. No value of the data. */
  readonly locator: string
  /** Dotted: `file.csv.ragged`. */
  readonly code: string
  /** Why, without a value of the data. */
  readonly reason: string
  /** The record as it came, so that it can be replayed. */
  readonly raw?: string | Uint8Array
}

/** What a batch may come as: ours, Arrow IPC stream bytes, or a `RecordBatch` of apache-arrow. */
export type AnyBatch = Batch | Uint8Array | ArrowRecordBatch

/** An apache-arrow `RecordBatch`, by the members that tell it from a {@link Batch}. */
export interface ArrowRecordBatch {
  readonly numRows: number
  readonly numCols: number
  readonly schema: { readonly fields: readonly { readonly name: string }[] }
}

interface ChunkFacts<P extends Position> {
  /** Covers this chunk and all before it, in this stream and split. */
  readonly position?: P
  readonly op?: 'append' | 'upsert' | 'delete'
  readonly rejected?: readonly Rejected[]
  /** Records that were read and left out because an option asked for it. */
  readonly filtered?: number
  /** Bytes taken from the system for this chunk, for progress. */
  readonly bytes?: number
  /**
   * Gives the memory of the batch back, for a source that uses it again. Core calls it once, when it holds nothing of
   * the batch any more, or never. Without it the memory is core's to keep.
   */
  readonly release?: () => void
}

/** What `read` yields. `{ rows: [] }` is allowed, to move a position or to report rejected records. */
export type Chunk<P extends Position = Position> =
  | (ChunkFacts<P> & { readonly rows: readonly Row[] })
  | (ChunkFacts<P> & { readonly batch: AnyBatch })
  /**
   * Forget every chunk of this read: it begins again from its first position, with wider types. `once` says that a
   * later read of the same share would not do so again: the object changed meanwhile, or the reader keeps what it
   * learned. Core then reads the whole stream again, from its first split.
   */
  | { readonly restart: { readonly why: string; readonly once?: true } }

export interface ReadRequest {
  readonly signal: AbortSignal
  readonly limits: Limits
  /** Given when the source has splits; without it, the whole stream is meant. */
  readonly split?: Split
  /** Rows that will be used: read no further than needs be. Absent: all. */
  readonly limit?: number
}

/** An open connection, made by {@link SourceDefinition.open}. */
export interface Reader<P extends Position = Position> {
  /** Streams in a stable order. Called before `read`, and may be called again. */
  discover(): Promise<readonly Stream[]>
  /** Chunks in order, from after `from`, or from the start. Several streams may be read at once. */
  read(stream: Stream, from: P | undefined, request: ReadRequest): AsyncIterable<Chunk<P>>
  /** A cheap proof that the system answers and lets us in. Rejects with a fault. */
  check?(): Promise<{ readonly notes?: readonly string[] }>
  splits?(stream: Stream): Promise<readonly Split[]>
  /**
   * The data up to this position is durable. May come late, batched, repeated, or never. `position` is
   * undefined where chunks carry none: then all that `read` yielded in this session is meant.
   */
  ack?(stream: Stream, position: P | undefined, split?: Split): Promise<void>
  /** Called once, after everything else, also after a failure. */
  close?(): Promise<void>
}

/** What core gives a source. One object, so that it can grow. */
export interface Context {
  readonly signal: AbortSignal
  readonly log: Log
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly limits: Limits
  /**
   * A local path (relative to the working folder), an `http(s)` address, or the URL of any installed object store.
   * `options` are those of the storage, as a person gave them; wrong ones are the fault `config`.
   */
  readonly storage: (locator: string, options?: Readonly<Record<string, unknown>>) => StoredObject
}

/** Progress for a person. Never a value of the data. */
export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
}

/** How a collector is called in logs and paths; pure, and without a secret. */
export interface Description {
  /** As in `flat:events.parquet`: the kind of source and the locator's name. */
  readonly label: string
  /** Dataset name to use when none is given; core makes it safe for a path. */
  readonly dataset: string
}

/** What a source author writes, as the argument of {@link defineSource}. */
export interface SourceDefinition<Options extends object, P extends Position = Position> {
  /** The package's suffix and the name of the exported function. */
  readonly name: string
  /** One sentence for `omni-collect sources` and help. */
  readonly summary: string
  /** URL schemes it answers to, without the colon. */
  readonly schemes?: readonly string[]
  /** The option that the locator fills. */
  readonly locator: keyof Options & string
  /** Any Standard Schema that validates synchronously; with JSON Schema, the flags come from it. */
  readonly options: StandardSchemaV1<unknown, Options>
  readonly position?: StandardSchemaV1<unknown, P>
  /**
   * Option paths that hold secrets: `password`, `headers.authorization`, `headers.*`. A password inside a URL
   * is always treated as one.
   */
  readonly secrets?: readonly string[]
  readonly capabilities: Capabilities
  describe(options: Options): Description
  /** Connects lazily: no I/O before the first call of a method. */
  open(options: Options, ctx: Context): Reader<P>
  /** A driver's error to a fault, or undefined when it is not known. Pure. */
  classify?(error: unknown): (Omit<FaultInit, 'kind'> & { readonly kind: FaultKind }) | undefined
}

/** A sealed definition: what `defineSource` makes of it, and what core works with. */
export interface Source<Options extends object = object, P extends Position = Position>
  extends Readonly<Omit<SourceDefinition<Options, P>, 'locator'>> {
  readonly spec: 1
  // Not `keyof Options`: a collector of any source is also a `Collector`.
  readonly locator: string
}

/** One configured source, ready to read. Building it validates the options and does no I/O. */
export interface Collector<Options extends object = object, P extends Position = Position> {
  readonly source: Source<Options, P>
  readonly options: Options
  readonly label: string
  readonly dataset: string
}

/** `postgres('postgresql://…', { query })`, or `postgres({ dsn, query })`. */
export interface SourceFunction<Input extends object, Options extends object, P extends Position = Position> {
  (locator: string, options?: Partial<Input>): Collector<Options, P>
  (options: Input): Collector<Options, P>
  readonly source: Source<Options, P>
}
