import { type BigIntStats, createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Fault, fault, type ObjectInfo, type StoredObject } from '@omni/spec'
import { DISK_FAULTS } from '../faults/table.ts'
import { readAt } from '../snapshot/disk.ts'

/** A file or folder of this machine as a stored object; relative to the working folder, or a `file:` URL. */
export function localObject(locator: string): StoredObject {
  const file = path.resolve(locator.startsWith('file:') ? fileURLToPath(locator) : locator)
  return {
    head: () => guard(file, async () => infoOf(file, await stat(file, { bigint: true }))),
    async *stream(range = {}) {
      const { start = 0, end, signal } = range
      if (end !== undefined && end <= start) return
      // `end` of createReadStream is inclusive.
      const pieces = createReadStream(file, {
        start,
        ...(end === undefined ? {} : { end: end - 1 }),
        ...(signal ? { signal } : {}),
        highWaterMark: 1 << 18,
      })
      try {
        for await (const piece of pieces) yield piece as Uint8Array
      } catch (error) {
        throw faultOf(error, file)
      } finally {
        pieces.destroy()
      }
    },
    read: ({ start, end, signal }) =>
      guard(file, async () => {
        signal?.throwIfAborted()
        const handle = await open(file, 'r')
        try {
          return await readAt(handle, start, Math.max(0, end - start))
        } finally {
          await handle.close()
        }
      }),
    async *list() {
      yield* await guard(file, () => listFolder(file))
    },
  }
}

async function listFolder(folder: string): Promise<ObjectInfo[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const found: ObjectInfo[] = []
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name)
    const facts = await stat(file, { bigint: true }).catch(() => undefined)
    if (facts?.isFile()) found.push(infoOf(file, facts))
  }
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.url), Buffer.from(b.url)))
}

function infoOf(file: string, facts: BigIntStats): ObjectInfo {
  return {
    url: pathToFileURL(file).href,
    name: path.basename(file),
    size: facts.isFile() ? Number(facts.size) : null,
    etag: `${facts.size}-${facts.mtimeNs}-${facts.ino}`,
    modifiedMs: Number(facts.mtimeMs),
    isFolder: facts.isDirectory(),
  }
}

async function guard<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw faultOf(error, file)
  }
}

function faultOf(error: unknown, file: string): unknown {
  const { code = '', name } = error as NodeJS.ErrnoException
  if (name === 'AbortError') {
    return fault({ kind: 'aborted', code: 'run.aborted', why: 'The run was stopped.', fix: 'Run it again.' })
  }
  const row = DISK_FAULTS[code]
  return row === undefined ? error : withPath(row, file, error)
}

function withPath(row: (typeof DISK_FAULTS)[string], file: string, cause: unknown): Fault {
  const shown = path.relative(process.cwd(), file)
  const place = shown.startsWith('..') ? file : shown || '.'
  const why = row.code === 'storage.missing' ? `There is no ${place}.` : `${row.why} (${place})`
  return fault({ ...row, code: row.code.replace(/^storage\./, 'file.'), why, cause })
}
