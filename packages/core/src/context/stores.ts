import { isDeepStrictEqual } from 'node:util'
import {
  fault,
  type ObjectStore,
  type Storage,
  type StorageContext,
  type StoredObject,
  validate,
} from '@omni/spec'
import { httpStorage } from './http/storage.ts'
import { localObject } from './local-object.ts'

/** Options of a storage, as a person gave them. */
export type StorageOptions = Readonly<Record<string, unknown>>

/** Finds what holds an address, by its scheme; each storage is opened once for the same options. */
export interface Stores {
  /** An object to read: a local path or a URL. Does no I/O. */
  readonly object: (locator: string, options?: StorageOptions) => StoredObject
  /** Closes every store that was opened. Never rejects. */
  readonly close: () => Promise<void>
}

/** The option of a source whose value it hands to `ctx.storage`. */
export const STORAGE_OPTIONS = 'storageOptions'

/** Packages that hold the object stores of a scheme. */
const PACKAGES: Readonly<Record<string, string>> = {
  s3: '@omni/storage-s3',
  s3a: '@omni/storage-s3',
  gs: '@omni/storage-gcs',
  gcs: '@omni/storage-gcs',
  az: '@omni/storage-azure',
  azure: '@omni/storage-azure',
  abfs: '@omni/storage-azure',
  abfss: '@omni/storage-azure',
}

/** The scheme of a URL in lower case; undefined for a path. */
export function schemeOf(locator: string): string | undefined {
  // One letter is a Windows drive, not a scheme.
  return /^([a-z][a-z0-9+.-]+):/i.exec(locator)?.[1]?.toLowerCase()
}

/** Paths below an option named {@link STORAGE_OPTIONS} that hold secrets of any of these storages. */
export function secretsOf(storages: readonly Storage[]): string[] {
  return [...storages, httpStorage].flatMap(({ secrets = [] }) =>
    secrets.map((path) => `${STORAGE_OPTIONS}.${path}`),
  )
}

/** Nothing is opened before it is asked for. */
export function createStores(storages: readonly Storage[], context: StorageContext): Stores {
  const opened: {
    readonly storage: Storage
    readonly options: StorageOptions
    readonly store: ObjectStore
  }[] = []
  const open = (scheme: string, given: StorageOptions): ObjectStore => {
    const storage = [...storages, httpStorage].find(({ schemes }) => schemes.includes(scheme))
    if (storage === undefined) throw nothingReads(scheme)
    const known = opened.find((one) => one.storage === storage && isDeepStrictEqual(one.options, given))
    if (known !== undefined) return known.store
    const store = storage.open(validateOptions(storage, given, STORAGE_OPTIONS), context)
    opened.push({ storage, options: given, store })
    return store
  }
  return {
    object(locator, options = {}) {
      const scheme = schemeOf(locator)
      if (scheme !== undefined && scheme !== 'file') {
        return open(scheme, options).object(locator)
      }
      if (Object.keys(options).length > 0) throw optionsOfPath()
      return localObject(locator)
    },
    async close() {
      await Promise.all(opened.splice(0).map(({ store }) => store.close?.().catch(() => undefined)))
    },
  }
}

/** The options as the storage wants them; `at` is how a person calls them. */
export function validateOptions(storage: Storage, given: StorageOptions, at: string): object {
  return validate(
    storage.options,
    given,
    `${storage.name}.options`,
    `Options of the storage ${storage.name}`,
    at,
  )
}

/** The package of ours that holds the object stores of a scheme. */
export function packageOf(scheme: string): string | undefined {
  return PACKAGES[scheme]
}

function nothingReads(scheme: string): Error {
  const name = packageOf(scheme)
  return fault({
    kind: 'unsupported',
    code: 'storage.scheme',
    why: `Nothing installed reads ${scheme}: addresses as files.`,
    fix: name
      ? `Install ${name} (\`npm install ${name}\`; in code, give it as \`storages\`), or copy the file here.`
      : 'Use a path of this machine, or another source.',
  })
}

function optionsOfPath(): Error {
  return fault({
    kind: 'config',
    code: 'storage.local-options',
    why: `${STORAGE_OPTIONS} are given, but the address is a path of this machine.`,
    fix: 'Leave them out, or give the URL of an object store.',
  })
}
