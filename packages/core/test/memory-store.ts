import {
  defineStorage,
  fault,
  type ObjectInfo,
  type ObjectStore,
  type StandardSchemaV1,
  type Storage,
  type StoredObject,
} from '@omni/spec'

/** An object store in memory that outlives the storages over it, and can be made to fail. */
export interface MemoryWorld {
  /** Bytes by URL. */
  readonly objects: Map<string, Uint8Array>
  /** Every call that reached the store, as `put mem://b/x`. */
  readonly calls: string[]
  /** Parts of unfinished uploads that the store still holds. */
  uploads: number
  /** Most bytes that an upload was given at once. */
  largestWrite: number
  opened: number
  closed: number
  /** Called before and after the effect of each call; what it throws is what the caller gets. */
  onCall: (call: string, when: 'before' | 'after') => unknown
}

export function createMemoryWorld(): MemoryWorld {
  return {
    objects: new Map(),
    calls: [],
    uploads: 0,
    largestWrite: 0,
    opened: 0,
    closed: 0,
    onCall: () => undefined,
  }
}

/** Every object below a prefix, as URL and text. */
export function textsBelow(world: MemoryWorld, prefix: string): Map<string, string> {
  return new Map(
    [...world.objects]
      .filter(([url]) => url.startsWith(prefix))
      .map(([url, bytes]) => [url, Buffer.from(bytes).toString('utf8')]),
  )
}

export interface MemoryOptions {
  readonly region: string
  readonly account?: { readonly pin?: string }
}

const options: StandardSchemaV1<unknown, MemoryOptions> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const { region } = value as MemoryOptions
      if (region === undefined || typeof region === 'string') return { value: value as MemoryOptions }
      return { issues: [{ message: 'must be text', path: ['region'] }] }
    },
  },
}

/** A storage over the world, for `mem://bucket/key`. */
export function memoryStorage(
  world: MemoryWorld,
  schemes: readonly string[] = ['mem'],
): Storage<MemoryOptions> {
  return defineStorage<MemoryOptions>({
    name: 'memory',
    summary: 'Objects in memory.',
    schemes,
    options,
    secrets: ['account.pin'],
    open() {
      world.opened++
      return createMemoryStore(world)
    },
  })
}

function createMemoryStore(world: MemoryWorld): ObjectStore {
  const { objects } = world
  const call = async <Result>(name: string, url: string, effect: () => Result): Promise<Result> => {
    const text = `${name} ${url}`
    world.calls.push(text)
    await world.onCall(text, 'before')
    const result = effect()
    await world.onCall(text, 'after')
    return result
  }
  const bytesOf = (url: string): Uint8Array => {
    const bytes = objects.get(url)
    if (bytes !== undefined) return bytes
    throw fault({ kind: 'missing', code: 'mem.missing', why: `There is no ${url}.`, fix: 'Correct it.' })
  }
  return {
    object: (url): StoredObject => ({
      head: () => call('head', url, () => infoOf(url, bytesOf(url))),
      async *stream({ start = 0, end } = {}) {
        const bytes = await call('stream', url, () => bytesOf(url))
        // Pieces that fit no boundary of what is written.
        for (let at = start; at < (end ?? bytes.length); at += 9_973) {
          yield bytes.slice(at, Math.min(at + 9_973, end ?? bytes.length))
        }
      },
      read: ({ start, end }) => call('read', url, () => bytesOf(url).slice(start, end)),
      async *list() {
        const below = url.endsWith('/') ? url : `${url}/`
        const found = await call('list', url, () => [...objects].filter(([key]) => key.startsWith(below)))
        for (const [key, bytes] of found.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
          yield infoOf(key, bytes)
        }
      },
    }),
    put: (url, bytes) => call('put', url, () => void objects.set(url, bytes.slice())),
    putIfAbsent: (url, bytes) =>
      call('putIfAbsent', url, () => {
        if (objects.has(url)) return false
        objects.set(url, bytes.slice())
        return true
      }),
    upload(url) {
      const pieces: Uint8Array[] = []
      world.uploads++
      return {
        write: (bytes) =>
          call('write', url, () => {
            world.largestWrite = Math.max(world.largestWrite, bytes.length)
            pieces.push(bytes.slice())
          }),
        finish: () =>
          call('finish', url, () => {
            world.uploads--
            objects.set(url, Buffer.concat(pieces))
          }),
        async abort() {
          world.uploads--
        },
      }
    },
    copy: (from, to) => call('copy', `${from} ${to}`, () => void objects.set(to, bytesOf(from))),
    remove: (urls) =>
      call('remove', urls.join(' '), () => {
        for (const url of urls) objects.delete(url)
      }),
    notes: async () => ['versioning is on'],
    async close() {
      world.closed++
    },
  }
}

function infoOf(url: string, bytes: Uint8Array): ObjectInfo {
  return {
    url,
    name: url.slice(url.lastIndexOf('/') + 1),
    size: bytes.length,
    etag: `"${bytes.length}"`,
    modifiedMs: null,
    isFolder: false,
  }
}
