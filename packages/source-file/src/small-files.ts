import type { StoredObject } from '@omni/spec'
import { HEAD_BYTES } from './format.ts'
import type { FileRef } from './set/file-set.ts'

/** Files that are fetched while those before them are read, at most. */
const MAX_AHEAD = 16

/** Fetches the small files of a set ahead of their turn, so that a store's answers overlap. */
export interface SmallFiles {
  /** The object to read for file `index`; those after it are begun. */
  object(index: number): StoredObject
  /** File `index` is not read after all. */
  pass(index: number): void
}

/** `maxBytes` bounds what is held. */
export function createSmallFiles(
  files: readonly FileRef[],
  maxBytes: number,
  signal: AbortSignal,
): SmallFiles {
  const fetched = new Map<number, Promise<Uint8Array>>()
  // Nobody knows which of the next files are new: each one that was makes it likelier that more are.
  let ahead = 1
  const isSmall = ({ info }: FileRef): boolean =>
    info.size !== null && info.size > 0 && info.size <= HEAD_BYTES && !info.url.startsWith('file:')
  const begin = (from: number): void => {
    let bytes = 0
    for (let i = from; i < Math.min(files.length, from + ahead); i++) {
      const file = files[i] as FileRef
      bytes += file.info.size ?? 0
      if (bytes > maxBytes || !isSmall(file)) return
      if (fetched.has(i)) continue
      const range = { start: 0, end: file.info.size as number, etag: file.info.etag, signal }
      const work = file.object.read(range)
      // Its failure is met when its turn comes.
      work.catch(() => undefined)
      fetched.set(i, work)
    }
  }
  return {
    object(index) {
      for (const known of fetched.keys()) if (known < index) fetched.delete(known)
      begin(index)
      ahead = Math.min(MAX_AHEAD, ahead * 2)
      const work = fetched.get(index)
      const { object } = files[index] as FileRef
      return work === undefined ? object : heldObject(object, work)
    },
    pass(index) {
      fetched.delete(index)
      ahead = 1
    },
  }
}

function heldObject(object: StoredObject, work: Promise<Uint8Array>): StoredObject {
  return {
    head: () => object.head(),
    list: () => object.list(),
    async *stream({ start = 0, end } = {}) {
      const bytes = await work
      yield bytes.slice(start, end)
    },
    async read({ start, end }) {
      return (await work).slice(start, end)
    },
  }
}
