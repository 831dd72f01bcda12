import type { Context, ObjectInfo, StoredObject, Stream } from '@omni/spec'
import { fileFault } from './errors.ts'
import type { FileOptions } from './options.ts'
import { type Unpacked, unpack } from './unpack.ts'

/** The file, looked at once for each version of it. */
export interface OpenFile {
  readonly object: StoredObject
  /** Asks the storage anew. Rejects when there is no file. */
  head(): Promise<ObjectInfo>
  unpacked(info: ObjectInfo): Promise<Unpacked>
  /** Bytes taken from the storage since the last call. */
  takeBytes(): number
}

/** Opens nothing yet; `onBytes` of the storage is counted for progress. */
export function createOpenFile(options: FileOptions, ctx: Context): OpenFile {
  let taken = 0
  const object = countBytes(ctx.storage(options.path, options.storageOptions), (bytes) => {
    taken += bytes
  })
  let seen: { readonly etag: string; readonly unpacked: Promise<Unpacked> } | undefined
  return {
    object,
    async head() {
      const info = await object.head()
      if (info.isFolder) throw fileFault('file.is-folder', 'The path is a folder.')
      return info
    },
    unpacked(info) {
      if (seen?.etag !== info.etag) {
        const unpacked = unpack(object, info, options, ctx.signal)
        seen = { etag: info.etag, unpacked }
        // A failure may pass, so it is not kept.
        unpacked.catch(() => {
          seen = undefined
        })
      }
      return seen.unpacked
    },
    takeBytes() {
      const bytes = taken
      taken = 0
      return bytes
    },
  }
}

function countBytes(object: StoredObject, onBytes: (bytes: number) => void): StoredObject {
  return {
    head: () => object.head(),
    async *stream(range) {
      for await (const piece of object.stream(range)) {
        onBytes(piece.length)
        yield piece
      }
    },
    async read(range) {
      const bytes = await object.read(range)
      onBytes(bytes.length)
      return bytes
    },
    list: () => object.list(),
  }
}

/** The one stream of a file, with what was detected. */
export async function discover(file: OpenFile, name: string): Promise<readonly Stream[]> {
  const info = await file.head()
  const { facts } = await file.unpacked(info)
  file.takeBytes()
  const size = info.size === null ? [] : [`size: ${info.size} bytes`]
  return [
    {
      name,
      notes: [...facts.notes, ...size],
      estimate: {
        ...(info.size === null ? {} : { bytes: info.size }),
        ...(facts.rows === undefined ? {} : { rows: facts.rows }),
      },
      ...(facts.schema ? { schema: facts.schema } : {}),
    },
  ]
}

/** Proves that the file is there, may be read, and is of a kind that is known. */
export async function check(file: OpenFile): Promise<{ readonly notes: readonly string[] }> {
  const { facts } = await file.unpacked(await file.head())
  return { notes: facts.notes }
}
