import type { Column, FaultKind, Limits, ObjectInfo, Rejected, Row, Schema } from '@omni/spec'
import type { Repaired } from '../format.ts'
import type { FileOptions } from '../options.ts'
import type { PartId } from '../parts.ts'

// What the host and the thread that decodes say to each other. A thread does one job at a time.

/** A file as the thread knows it: what the storage said of it; its bytes come by {@link FromThread} requests. */
export interface JobFile {
  readonly info: ObjectInfo
  readonly options: FileOptions
}

/** What a thread is asked to do. */
export type Job =
  /** Say what is in the file. */
  | { readonly kind: 'look'; readonly file: JobFile }
  /** Decode one part of it. */
  | { readonly kind: 'decode'; readonly file: JobFile; readonly part: PartId; readonly request: JobRequest }
  /** SHA-256 of the whole file. */
  | { readonly kind: 'digest'; readonly file: JobFile }

/** A `FormatRequest` without what cannot be sent. */
export interface JobRequest {
  readonly limits: Limits
  readonly limit?: number
  /** Entries of `learned`, where the stream has several files. */
  readonly learned?: ReadonlyMap<string, unknown>
}

/** A fault in a form that can be sent. */
export interface SentFault {
  readonly kind: FaultKind
  readonly code: string
  readonly why: string
  readonly fix: string
}

export interface ChunkFacts {
  readonly rejected?: readonly Rejected[]
  readonly repaired?: readonly Repaired[]
  readonly filtered?: number
}

/** A `FormatChunk` in a form that can be sent; the schema only where it is not that of the batch before. */
export type SentChunk =
  | (ChunkFacts & { readonly rows: readonly Row[] })
  | (ChunkFacts & {
      readonly columns: readonly Column[]
      readonly length: number
      readonly schema?: Schema
    })
  | { readonly restart: { readonly why: string } }

export type ToThread =
  | { readonly kind: 'job'; readonly job: Job }
  /** A chunk was taken: one more may come. */
  | { readonly kind: 'next' }
  /** Memory of batches, which nobody uses any more. */
  | { readonly kind: 'memory'; readonly memory: readonly ArrayBuffer[] }
  /** The next piece of a range; without bytes, its end. */
  | { readonly kind: 'piece'; readonly call: number; readonly bytes?: Uint8Array }

export type FromThread =
  /** The decoders are loaded. */
  | { readonly kind: 'ready' }
  /** Bytes of a range, please: whole, or in pieces of any size, which come back for reuse or not. */
  | {
      readonly kind: 'open'
      readonly call: number
      readonly start: number
      readonly end?: number
      readonly whole: boolean
      readonly reuse: boolean
    }
  /** A piece was used up; its memory comes back where that was agreed. */
  | { readonly kind: 'used'; readonly call: number; readonly memory?: ArrayBuffer }
  /** No more of that range. */
  | { readonly kind: 'close'; readonly call: number }
  | { readonly kind: 'chunk'; readonly chunk: SentChunk }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly fault?: SentFault; readonly error: string }
