// What the reading thread and the decoding worker say to each other. The worker has no file: it asks for ranges.

export interface WorkerStart {
  /** Bytes of the file as the worker sees it. */
  readonly size: number
  /** Rows in one batch. */
  readonly batchRows: number
  readonly limit?: number
}

export type ToWorker =
  | { readonly kind: 'range'; readonly id: number; readonly bytes: ArrayBuffer }
  /** One more batch may be sent. */
  | { readonly kind: 'next' }

export type FromWorker =
  | { readonly kind: 'read'; readonly id: number; readonly start: number; readonly end: number }
  /** An Arrow IPC stream of one batch. */
  | { readonly kind: 'batch'; readonly ipc: Uint8Array }
  | { readonly kind: 'end'; readonly schema: Uint8Array }
  | { readonly kind: 'failed'; readonly message: string }
