import type { FaultInit, Schema } from '@omni/spec'
import type { Format } from './format.ts'
import type { RowGroupFacts } from './parquet/row-group.ts'
import type { BlockLayout } from './slab.ts'

/** What a worker is started with. */
export interface WorkerSetup {
  readonly format: Format
  readonly schema: Schema
}

/** A group to encode into `out`, which the worker replaces by larger memory where it is too small. */
export interface EncodeRequest {
  readonly blocks: readonly BlockLayout[]
  readonly out: SharedArrayBuffer
}

/** The answer to a request, in the order of the requests of one worker. */
export type EncodeReply =
  | {
      readonly out: SharedArrayBuffer
      readonly bytes: number
      readonly rows: number
      readonly facts: RowGroupFacts | null
    }
  /** A fault has lost its brand on the way, so it comes as what it was made of; null is a defect. */
  | { readonly fault: Omit<FaultInit, 'cause'> | null; readonly message: string }
