import {
  defineStorage,
  fault,
  type ObjectInfo,
  type ObjectStore,
  type StandardSchemaV1,
  type Storage,
} from '@omni/spec'
import type { StorageWorld } from '../src/storage/world.ts'

interface Kept {
  readonly bytes: Uint8Array
  readonly etag: string
}

const MISSING = {
  kind: 'missing',
  code: 'memory.missing',
  why: 'It is not there.',
  fix: 'Look elsewhere.',
} as const
const CHANGED = {
  kind: 'unavailable',
  code: 'storage.changed',
  why: 'It changed.',
  fix: 'Read it again.',
} as const
const STOPPED = {
  kind: 'aborted',
  code: 'run.aborted',
  why: 'It was stopped.',
  fix: 'Run it again.',
} as const

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** An object store in memory that keeps every rule; a saboteur replaces some of its methods. */
export function memoryStore(): ObjectStore {
  const objects = new Map<string, Kept>()
  let versions = 0
  const put = (url: string, bytes: Uint8Array): void => {
    objects.set(url, { bytes: bytes.slice(), etag: `v${++versions}` })
  }
  const infoOf = (url: string, { bytes, etag }: Kept): ObjectInfo => {
    const name = url.split('/').at(-1) ?? ''
    return { url, name, size: bytes.length, etag, modifiedMs: Date.now(), isFolder: false }
  }
  const below = (url: string): string[] => {
    const prefix = url.endsWith('/') ? url : `${url}/`
    return [...objects.keys()].filter((key) => key === url || key.startsWith(prefix)).sort(byBytes)
  }
  const keptAt = (url: string, etag?: string): Kept => {
    const kept = objects.get(url)
    if (!kept) throw fault(MISSING)
    if (etag !== undefined && kept.etag !== etag) throw fault(CHANGED)
    return kept
  }
  const isMarker = (url: string): boolean => url.endsWith('/') && objects.get(url)?.bytes.length === 0
  return {
    object: (url) => ({
      async head() {
        const kept = objects.get(url)
        if (kept && !isMarker(url)) return infoOf(url, kept)
        if (below(url).length === 0) throw fault(MISSING)
        return {
          url,
          name: url.split('/').at(-1) ?? '',
          size: null,
          etag: '',
          modifiedMs: null,
          isFolder: true,
        }
      },
      async *stream({ start = 0, end, etag, signal } = {}) {
        const first = keptAt(url, etag)
        const last = Math.min(end ?? first.bytes.length, first.bytes.length)
        for (let at = start; at < last; at += 65_536) {
          if (signal?.aborted) throw fault(STOPPED)
          yield keptAt(url, first.etag).bytes.slice(at, Math.min(last, at + 65_536))
        }
      },
      async read({ start, end, etag }) {
        return keptAt(url, etag).bytes.slice(start, end)
      },
      async *list() {
        for (const key of below(url)) if (!isMarker(key)) yield infoOf(key, keptAt(key))
      },
    }),
    async put(url, bytes) {
      put(url, bytes)
    },
    async putIfAbsent(url, bytes) {
      if (objects.has(url)) return false
      put(url, bytes)
      return true
    },
    upload(url, { signal } = {}) {
      const pieces: Uint8Array[] = []
      let over = false
      return {
        async write(bytes) {
          if (over || signal?.aborted) throw fault(STOPPED)
          pieces.push(bytes)
        },
        async finish() {
          put(url, Buffer.concat(pieces))
        },
        async abort() {
          over = true
        },
      }
    },
    async copy(from, to) {
      put(to, keptAt(from).bytes)
    },
    async remove(urls) {
      for (const url of urls) objects.delete(url)
    },
    async notes() {
      return ['it is in memory and will be gone']
    },
  }
}

const anything: StandardSchemaV1<unknown, object> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as object }) },
}

/** A world around one such store. */
export function storageWorldOf(make: () => ObjectStore): () => StorageWorld {
  return () => {
    const store = make()
    const storage: Storage = defineStorage({
      name: 'memory',
      summary: 'In memory.',
      schemes: ['memory'],
      options: anything,
      open: () => store,
    })
    return {
      storage,
      options: {},
      root: 'memory://bucket/check/',
      broken: [{ title: 'nothing', url: 'memory://bucket/nothing', kind: 'missing', by: ['head', 'read'] }],
    }
  }
}
