// What the reading thread and the decoding worker say to each other. The worker has no file: it asks for ranges.

export interface WorkerStart {
  /** Bytes of the file as the worker sees it. */
  readonly size: number
  readonly groups: readonly { readonly index: number; readonly rows: number }[]
  /** Paths of leaves; undefined for all. */
  readonly columns: readonly string[] | undefined
  /** Rows of these groups that are wanted: from, and before. */
  readonly from: number
  readonly to: number
  /** Rows and bytes in one batch, at most; the first is small, to see how long rows are. */
  readonly batchRows: number
  readonly batchBytes: number
  readonly firstRows: number
}

export type ToWorker =
  | { readonly kind: 'range'; readonly id: number; readonly bytes: ArrayBuffer }
  /** One more batch may be sent. */
  | { readonly kind: 'next' }

export type FromWorker =
  | { readonly kind: 'read'; readonly id: number; readonly start: number; readonly end: number }
  /** An Arrow IPC stream of one batch. */
  | { readonly kind: 'batch'; readonly ipc: Uint8Array; readonly rows: number }
  | { readonly kind: 'end'; readonly schema: Uint8Array }
  | { readonly kind: 'failed'; readonly message: string }
