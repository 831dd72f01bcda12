import { fault, type ObjectStore, type StoredObject, type Upload } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { runStorageCheck, STORAGE_CHECKS } from '../src/storage/suite.ts'
import { memoryStore, storageWorldOf } from './memory-store.ts'

type Sabotage = (good: ObjectStore) => Partial<ObjectStore>

/** Replaces methods of every object that is read. */
const reading =
  (change: (good: StoredObject, url: string) => Partial<StoredObject>): Sabotage =>
  (store) => ({
    object: (url) => {
      const good = store.object(url)
      return { ...good, ...change(good, url) }
    },
  })

const uploading =
  (change: (good: Upload, url: string, store: ObjectStore) => Partial<Upload>): Sabotage =>
  (store) => ({
    upload: (url, options) => {
      const good = store.upload(url, options)
      return { ...good, ...change(good, url, store) }
    },
  })

const late = fault({ kind: 'unavailable', code: 'x.late', why: 'Late.', fix: 'Wait.' })

/** One small lie for each rule that needs no network; the rest is broken by the proxy itself. */
const SABOTEURS: Readonly<Record<string, Sabotage>> = {
  S01: reading((good, url) => ({
    async *stream(range) {
      for await (const piece of good.stream(range))
        yield url.endsWith('object-65537') ? piece.map((byte) => byte ^ 1) : piece
    },
  })),
  S02: reading((good) => ({
    head: async () => {
      const info = await good.head()
      return info.size === 1234 ? { ...info, size: 1235 } : info
    },
  })),
  S03: reading((good) => ({
    read: async (range) =>
      range.start === 299_990 ? good.read({ ...range, end: 299_999 }) : good.read(range),
  })),
  S04: reading((good) => ({
    read: ({ etag: _, ...range }) => good.read(range),
  })),
  S05: reading((good) => ({
    stream: ({ signal: _, ...range } = {}) => good.stream(range),
  })),
  S06: (store) => ({
    copy: (from, to) => (from.endsWith('neigh') ? Promise.resolve() : store.copy(from, to)),
  }),
  S10: (store) => ({
    put: (url, bytes) => store.put(url.replace('plus+plus', 'plus plus'), bytes),
  }),
  S11: reading((good, url) => ({
    async *list() {
      const all = await Array.fromAsync(good.list())
      yield* url.endsWith('order/') ? all.sort((a, b) => (a.url < b.url ? -1 : 1)) : all
    },
  })),
  S12: reading((good, url) => ({
    async *list() {
      yield* good.list()
      if (url.endsWith('marked/')) yield { ...(await good.head()), url: `${url}sub/`, name: '' }
    },
  })),
  S13: (store) => ({
    object: (url) => ({
      ...store.object(url),
      async *list() {
        yield* store.object(url).list()
        if (url.endsWith('/data')) yield* store.object(`${url}-1`).list()
      },
    }),
  }),
  S14: reading((good, url) => ({
    head: async () => {
      const info = await good.head()
      return url.endsWith('folder/deep') ? { ...info, isFolder: false } : info
    },
  })),
  S20: (store) => {
    const seen = new Set<string>()
    return {
      put: async (url, bytes) => {
        if (url.endsWith('/over') && seen.has(url)) return
        seen.add(url)
        await store.put(url, bytes)
      },
    }
  },
  S21: (store) => ({
    putIfAbsent: async (url, bytes) => {
      const taken = await store.putIfAbsent(url, bytes)
      if (!taken && url.endsWith('/once')) await store.put(url, bytes)
      return taken
    },
  }),
  S22: (store) => ({
    putIfAbsent: async (url, bytes) => {
      const there = await store
        .object(url)
        .head()
        .catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (there) return false
      await store.put(url, bytes)
      return true
    },
  }),
  S23: uploading((good, url, store) => ({
    write: async (bytes) => {
      if (url.includes('/uploads/')) await store.put(url, bytes)
      await good.write(bytes)
    },
  })),
  S24: uploading((good, url, store) => ({
    abort: async () => {
      await good.abort()
      await store.put(`${url}.part`, new Uint8Array(1))
    },
  })),
  S25: (store) => ({ upload: (url) => store.upload(url) }),
  S26: (store) => ({
    copy: async (from, to) => {
      await store.copy(from, to)
      if (from.endsWith('/from')) await store.remove([from])
    },
  }),
  S27: (store) => ({
    remove: async (urls) => {
      if (urls.some((url) => url.endsWith('never'))) throw late
      await store.remove(urls)
    },
  }),
  S28: () => ({ notes: async () => ['no'] }),
  S30: reading((good, url) => ({
    head: () => (url.endsWith('/nothing') ? Promise.reject(late) : good.head()),
  })),
}

async function failedOf(make: () => ObjectStore): Promise<string[]> {
  const failed: string[] = []
  for (const check of STORAGE_CHECKS) {
    const { state } = await runStorageCheck(check, storageWorldOf(make))
    if (state === 'failed') failed.push(check.id)
  }
  return failed
}

describe('the suite of object stores', () => {
  it('passes a store that keeps every rule', { timeout: 60_000 }, async () => {
    expect(await failedOf(memoryStore)).toEqual([])
  })

  it('has a saboteur for every check that needs no network', () => {
    const local = STORAGE_CHECKS.filter(({ absent }) => absent?.(storageWorldOf(memoryStore)()) === undefined)
    expect(Object.keys(SABOTEURS)).toEqual(local.map(({ id }) => id))
  })

  for (const [id, sabotage] of Object.entries(SABOTEURS)) {
    it(`catches the saboteur of ${id} by that check and no other`, { timeout: 60_000 }, async () => {
      const make = (): ObjectStore => {
        const good = memoryStore()
        return { ...good, ...sabotage(good) }
      }
      expect(await failedOf(make)).toEqual([id])
    })
  }
})
