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
  /** Objects below this one, in the byte order of their URLs. */
  list(): AsyncIterable<ObjectInfo>
}
