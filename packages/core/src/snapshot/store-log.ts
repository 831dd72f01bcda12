import { createHash } from 'node:crypto'
import { storageFault } from '../encode/storage-fault.ts'
import type { DraftLog } from '../home/home.ts'
import { placeBelow } from '../home/place.ts'
import { readWhole } from '../home/store-file.ts'
import type { Drafts } from './store-staging.ts'

/** Bytes that are held before they are put away as a segment. */
const SEGMENT_BYTES = 4 << 20

interface Segment {
  readonly url: string
  readonly start: number
  readonly bytes: number
}

/**
 * A log whose end can be taken back, where objects cannot be appended: what does not fit is put away in segments,
 * and joined when it is finished.
 */
export function createStoreLog(drafts: Drafts, name: string): DraftLog {
  const { store, url, signal, finished } = drafts
  const segments: Segment[] = []
  let tail: Buffer = Buffer.alloc(0)
  let tailStart = 0
  let made = 0

  const putAway = async (): Promise<void> => {
    const segment = { url: placeBelow(url, `${name}.${made++}`), start: tailStart, bytes: tail.length }
    await store.put(segment.url, tail)
    segments.push(segment)
    tailStart += tail.length
    tail = Buffer.alloc(0)
  }
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw storageFault(error)
    }
  }
  return {
    get size() {
      return tailStart + tail.length
    },
    append: (bytes) =>
      guarded(async () => {
        tail = Buffer.concat([tail, bytes])
        if (tail.length >= SEGMENT_BYTES) await putAway()
      }),
    rewind: (to) =>
      guarded(async () => {
        while (to < tailStart) {
          const last = segments.pop()
          if (last === undefined) break
          tail = await readWhole(store.object(last.url))
          tailStart = last.start
        }
        tail = tail.subarray(0, to - tailStart)
      }),
    finish: () =>
      guarded(async () => {
        const hash = createHash('sha256')
        const bytes = tailStart + tail.length
        if (segments.length === 0) {
          finished.set(name, { held: tail })
          return { bytes, sha256: hash.update(tail).digest('hex') }
        }
        const upload = store.upload(placeBelow(url, name), { signal })
        try {
          for (const segment of segments) {
            const piece = await readWhole(store.object(segment.url))
            hash.update(piece)
            await upload.write(piece)
          }
          hash.update(tail)
          if (tail.length > 0) await upload.write(tail)
          await upload.finish()
        } catch (error) {
          await upload.abort()
          throw error
        }
        finished.set(name, {})
        return { bytes, sha256: hash.digest('hex') }
      }),
    async abandon() {
      tail = Buffer.alloc(0)
    },
  }
}
