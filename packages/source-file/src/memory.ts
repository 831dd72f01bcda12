import type { ObjectInfo, StoredObject } from '@omni/spec'
import { fileFault } from './errors.ts'

/** Bytes of a packed file that are held in memory when its format needs random access. */
const MAX_HELD_BYTES = 128 * 1024 * 1024

/** A packed file as an object with random access, held in memory: for small Parquet files in archives. */
export async function holdInMemory(
  open: () => AsyncIterable<Uint8Array>,
  name: string,
): Promise<{ readonly object: StoredObject; readonly size: number }> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of open()) {
    size += part.length
    if (size > MAX_HELD_BYTES) {
      const why = `A packed file that is read from its end may have ${MAX_HELD_BYTES} bytes; this one has more.`
      throw fileFault('file.nesting', why)
    }
    parts.push(part)
  }
  return { object: createMemoryObject(Buffer.concat(parts), name), size }
}

function createMemoryObject(bytes: Uint8Array, name: string): StoredObject {
  const info: ObjectInfo = {
    url: `memory:${name}`,
    name,
    size: bytes.length,
    etag: 'memory',
    modifiedMs: null,
    isFolder: false,
  }
  return {
    head: () => Promise.resolve(info),
    async *stream({ start = 0, end = bytes.length } = {}) {
      yield bytes.subarray(start, end)
    },
    read: ({ start, end }) => Promise.resolve(bytes.subarray(start, end)),
    async *list() {},
  }
}
