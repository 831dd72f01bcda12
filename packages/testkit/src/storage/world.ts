import type { FaultKind, Storage } from '@omni/spec'
import type { ServerProcess } from '../servers/provider.ts'
import type { ProxyAnswer } from './proxy.ts'

/** A real object store for one check. */
export interface StorageWorld {
  readonly storage: Storage
  /** With which the store lets this world in. */
  readonly options: Readonly<Record<string, unknown>>
  /** A folder that no other check uses, empty and with a slash at its end: `s3://bucket/check-7/`. */
  readonly root: string
  /** Lets a proxy stand between: where the server listens, and the options that go to another address instead. */
  readonly wire?: {
    readonly endpoint: string
    readonly through: (endpoint: string) => Readonly<Record<string, unknown>>
    /** How this kind of store asks to slow down. Default: as S3 does. */
    readonly slowDown?: ProxyAnswer
  }
  /** What must fail, and how. */
  readonly broken?: readonly BrokenPlace[]
  /** Odd names that this kind of store cannot have, and must refuse as `config`. */
  readonly refuses?: readonly string[]
  /** The store is quick and roomy enough for ten thousand objects and for large ones. */
  readonly heavy?: boolean
  /** The server's own process, to be killed in the middle of a read. */
  readonly process?: ServerProcess
  readonly dispose?: () => Promise<void>
}

/** One thing that must fail with a fault of this kind. */
export interface BrokenPlace {
  readonly title: string
  /** In place of the world's. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly url: string
  readonly kind: FaultKind
  readonly code?: string
  /** Words that the fault must say. */
  readonly says?: RegExp
  /** Default: all but `upload`. */
  readonly by?: readonly ('head' | 'read' | 'list' | 'put')[]
  /** Values that no message may hold. */
  readonly secrets?: readonly string[]
}
