import { type Context, fault, type Limits, type Log, type StoredObject } from '@omni/spec'
import { localObject } from './local-object.ts'

/** How much a reader may hold unless it is told otherwise. */
export const DEFAULT_LIMITS: Limits = { chunkRows: 16_384, chunkBytes: 8 << 20, bufferBytes: 16 << 20 }

/** The log that says nothing. */
export const SILENT_LOG: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

/** What core gives a source for one run; `redact` is put over all it logs. */
export function createContext(options: {
  readonly signal: AbortSignal
  readonly log: Log
  readonly now: () => number
  readonly redact: (text: string) => string
}): Context {
  const { log, redact } = options
  return {
    signal: options.signal,
    log: {
      debug: (message) => log.debug(redact(message)),
      info: (message) => log.info(redact(message)),
      warn: (message) => log.warn(redact(message)),
    },
    fetch: (input, init) => globalThis.fetch(input, init),
    now: options.now,
    limits: DEFAULT_LIMITS,
    storage: openStorage,
  }
}

/** Packages that hold the object stores of a scheme. */
const STORES: Readonly<Record<string, string>> = {
  s3: '@omni/storage-s3',
  s3a: '@omni/storage-s3',
  gs: '@omni/storage-gcs',
  gcs: '@omni/storage-gcs',
  az: '@omni/storage-azure',
  azure: '@omni/storage-azure',
  abfs: '@omni/storage-azure',
  abfss: '@omni/storage-azure',
}

function openStorage(locator: string): StoredObject {
  // One letter is a Windows drive, not a scheme.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(locator)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'file') return localObject(locator)
  const store = STORES[scheme]
  throw fault({
    kind: 'unsupported',
    code: 'storage.scheme',
    why: `Nothing installed reads ${scheme}: addresses as files.`,
    fix: store
      ? `Install ${store}, or copy the file here.`
      : 'Use a path of this machine, or another source.',
  })
}
