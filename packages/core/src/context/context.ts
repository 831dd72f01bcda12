import type { Context, Limits, Log, Storage } from '@omni/spec'
import { createStores, type Stores } from './stores.ts'

/** How much a reader may hold unless it is told otherwise. */
export const DEFAULT_LIMITS: Limits = { chunkRows: 16_384, chunkBytes: 8 << 20, bufferBytes: 16 << 20 }

/** The log that says nothing. */
export const SILENT_LOG: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

/** What core gives a source for one run, and the stores that it opened; `redact` is put over all that is logged. */
export function createContext(options: {
  readonly signal: AbortSignal
  readonly log: Log
  readonly now: () => number
  readonly redact: (text: string) => string
  readonly storages: readonly Storage[]
}): { readonly context: Context; readonly stores: Stores } {
  const { log, redact, storages, signal, now } = options
  const shared = {
    signal,
    log: {
      debug: (message: string) => log.debug(redact(message)),
      info: (message: string) => log.info(redact(message)),
      warn: (message: string) => log.warn(redact(message)),
    },
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => globalThis.fetch(input, init),
    now,
  }
  const stores = createStores(storages, shared)
  return { context: { ...shared, limits: DEFAULT_LIMITS, storage: stores.object }, stores }
}
