import type { ObjectInfo, ObjectStore, StoredObject } from '@omni/spec'
import { damaged } from '../decode/damaged.ts'
import { isMissing } from '../snapshot/disk.ts'
import type { HomeFile } from './home.ts'

/** All bytes of a small object. */
export async function readWhole(object: StoredObject): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of object.stream()) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** All bytes of a small object, or undefined where there is none. */
export async function readIfThere(object: StoredObject): Promise<Buffer | undefined> {
  try {
    return await readWhole(object)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Opens a finished object. */
export async function openStoreFile(object: StoredObject): Promise<HomeFile> {
  const { size, etag } = await object.head()
  return {
    size: size ?? 0,
    async read(start, bytes) {
      if (bytes === 0) return Buffer.alloc(0)
      const found = await object.read({ start, end: start + bytes, etag })
      if (found.length !== bytes) throw damaged()
      return Buffer.from(found.buffer, found.byteOffset, found.length)
    },
    stream: () => object.stream({ etag }),
    close: async () => undefined,
  }
}

/** Objects below a URL, by their names from it; none where nothing is there. */
export async function* listBelow(
  store: ObjectStore,
  url: string,
): AsyncGenerator<{ readonly name: string; readonly info: ObjectInfo }> {
  const base = `${url}/`
  for await (const info of store.object(base).list()) {
    const name = info.url.startsWith(base)
      ? info.url.slice(base.length)
      : keyOf(info.url).slice(keyOf(base).length)
    yield { name, info }
  }
}

/** The key of an object: one store may have several forms of URL for it. */
function keyOf(url: string): string {
  return url.replace(/^[^:]+:\/\/[^/]*\//, '')
}

/** Most objects that are removed by one call. */
const REMOVE_BATCH = 1000

/** Removes any number of objects. */
export async function removeAll(store: ObjectStore, urls: readonly string[]): Promise<void> {
  for (let at = 0; at < urls.length; at += REMOVE_BATCH) await store.remove(urls.slice(at, at + REMOVE_BATCH))
}

/**
 * Puts an object that nobody else puts; true when it is there with exactly these bytes. The answer to a put may get
 * lost, and a store's client may have tried twice: what is there decides.
 */
export async function putOnce(store: ObjectStore, url: string, bytes: Uint8Array): Promise<boolean> {
  try {
    if (await store.putIfAbsent(url, bytes)) return true
  } catch (error) {
    const there = await readIfThere(store.object(url)).catch(() => undefined)
    if (there === undefined || !there.equals(bytes)) throw error
    return true
  }
  return (await readIfThere(store.object(url)))?.equals(bytes) === true
}
