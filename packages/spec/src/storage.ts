import type { Log } from './contract.ts'
import type { StandardSchemaV1 } from './standard.ts'

/** What is known of an object before it is read. */
export interface ObjectInfo {
  /** The object's own address, without credentials. */
  readonly url: string
  /** Name without its folder, as in `events.parquet`. */
  readonly name: string
  /** Bytes, or null where the system does not say. */
  readonly size: number | null
  /** Changes when the content does: an ETag, or for a local file `size-mtime(ns)-inode`. */
  readonly etag: string
  /** Last modification, milliseconds since the epoch, or null. */
  readonly modifiedMs: number | null
  readonly isFolder: boolean
}

/** Bytes `start` to `end` (exclusive); without `end`, to the end of the object. */
export interface ReadRange {
  readonly start?: number
  readonly end?: number
  readonly signal?: AbortSignal
  /** The reader is done with a piece when it asks for the next, so the memory may be used again. */
  readonly reuse?: boolean
  /** Only this version: an object that is another one by now is the fault `unavailable`, `storage.changed`. */
  readonly etag?: string
}

/**
 * One object, or the folder above several, of a file system or object store. Sources get it from
 * `ctx.storage(locator)` and never open a file or a bucket themselves.
 * Every method rejects with a fault: `missing`, `auth`, `unavailable`.
 */
export interface StoredObject {
  head(): Promise<ObjectInfo>
  /** Bytes in order, in pieces of any size; a piece is the reader's to keep, unless the range says `reuse`. */
  stream(range?: ReadRange): AsyncIterable<Uint8Array>
  /** One range, whole. Shorter only at the end of the object. */
  read(range: ReadRange & { readonly start: number; readonly end: number }): Promise<Uint8Array>
  /** Objects below this one, in the byte order of their URLs. Never a marker that stands for a folder. */
  list(): AsyncIterable<ObjectInfo>
}

/**
 * One object store with its credentials. Every address is a URL of the store, as in `s3://bucket/key`; a key is
 * written as it is, with `?` and `#` percent-coded. Every method rejects with a fault: `config` (an option),
 * `auth` (credentials, rights, a key of KMS), `missing` (bucket or object), `throttled`, `unavailable`.
 */
export interface ObjectStore {
  /** To read: no I/O before one of its methods is called. */
  object(url: string): StoredObject
  /** Writes an object whole, over what may be there. */
  put(url: string, bytes: Uint8Array): Promise<void>
  /** Writes an object whole if there is none: false, and nothing changed, where there is one. Atomic. */
  putIfAbsent(url: string, bytes: Uint8Array): Promise<boolean>
  /** Begins a large object; it is there only after `finish`. */
  upload(url: string, options?: { readonly signal?: AbortSignal }): Upload
  /** Copies inside the store, without the bytes passing through here; any size, over what may be there. */
  copy(from: string, to: string): Promise<void>
  /** Removes objects; one that is not there is no error. */
  remove(urls: readonly string[]): Promise<void>
  /** For a person, of the place that will be written: versioning, object lock, encryption. */
  notes?(url: string): Promise<readonly string[]>
  close?(): Promise<void>
}

/** A large object on its way, in bounded memory. After a failure only `abort` may follow. */
export interface Upload {
  /** Takes the bytes over, and resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes the object appear, durable and whole. */
  finish(): Promise<void>
  /** Takes away what was sent. Never rejects. */
  abort(): Promise<void>
}

/** What core gives a storage. */
export interface StorageContext {
  readonly signal: AbortSignal
  readonly log: Log
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What the author of a storage writes, as the argument of {@link defineStorage}. */
export interface StorageDefinition<Options extends object = object> {
  /** The package's suffix and the name of the exported constant. */
  readonly name: string
  /** One sentence for `omni-collect sources` and help. */
  readonly summary: string
  /** URL schemes it answers to, without the colon. */
  readonly schemes: readonly string[]
  /** What `storageOptions` may hold: any Standard Schema that validates synchronously. */
  readonly options: StandardSchemaV1<unknown, Options>
  /** Paths inside `storageOptions` that hold secrets. */
  readonly secrets?: readonly string[]
  /** Connects lazily: no I/O before the first call of a method. */
  open(options: Options, ctx: StorageContext): ObjectStore
}

/** A sealed storage. */
export interface Storage<Options extends object = object> extends StorageDefinition<Options> {
  readonly spec: 1
}
