import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Context, ReadRequest, StoredObject } from '@omni/spec'

/** What core gives a source, over the local disk: for lanes that only read. */
export function createContext(): Context & ReadRequest {
  const silent = (): void => undefined
  return {
    signal: new AbortController().signal,
    log: { debug: silent, info: silent, warn: silent },
    fetch: globalThis.fetch,
    now: Date.now,
    limits: { chunkRows: 16_384, chunkBytes: 8 << 20, bufferBytes: 16 << 20 },
    storage: openLocal,
  }
}

function openLocal(path: string): StoredObject {
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const handle = await open(path)
    try {
      const { bytesRead, buffer } = await handle.read(
        Buffer.allocUnsafeSlow(end - start),
        0,
        end - start,
        start,
      )
      return bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  }
  return {
    async head() {
      const { size, mtimeMs } = await stat(path)
      return {
        url: `file://${path}`,
        name: basename(path),
        size,
        etag: `${size}`,
        modifiedMs: mtimeMs,
        isFolder: false,
      }
    },
    async *stream({ start = 0, end = Number.POSITIVE_INFINITY } = {}) {
      const last = Math.min(end, (await stat(path)).size)
      for (let at = start; at < last; at += 1 << 20) yield await read(at, Math.min(last, at + (1 << 20)))
    },
    read: ({ start, end }) => read(start, end),
    async *list() {},
  }
}
