import { type BigIntStats, createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Fault, fault, type ObjectInfo, type ReadRange, type StoredObject } from '@omni/spec'
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
      if (range.reuse) {
        yield* readReused(file, range)
        return
      }
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

/** Bytes of one piece, and of what is read ahead while the reader works on it. */
const PIECE_BYTES = 1 << 20

/** The bytes of a range through two buffers: one is the reader's, the other is being filled. */
async function* readReused(file: string, range: ReadRange): AsyncGenerator<Uint8Array, void, void> {
  const { start = 0, end = Number.POSITIVE_INFINITY, signal } = range
  const handle = await guard(file, () => open(file, 'r'))
  const buffers = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)] as const
  const fill = (turn: number, at: number): Promise<number> => {
    const size = Math.min(PIECE_BYTES, end - at)
    if (size <= 0) return Promise.resolve(0)
    return guard(file, async () => (await handle.read(buffers[turn & 1]!, 0, size, at)).bytesRead)
  }
  let next = fill(0, start)
  try {
    for (let turn = 0, at = start; ; turn++) {
      const bytes = await next
      if (signal?.aborted) throw stopped()
      if (bytes === 0) return
      at += bytes
      next = fill(turn + 1, at)
      yield buffers[turn & 1]!.subarray(0, bytes)
    }
  } finally {
    // The read ahead still writes into its buffer; its failure is of no interest any more.
    await next.catch(() => 0)
    await handle.close()
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

function stopped(): Fault {
  return fault({ kind: 'aborted', code: 'run.aborted', why: 'The run was stopped.', fix: 'Run it again.' })
}

function faultOf(error: unknown, file: string): unknown {
  const { code = '', name } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return stopped()
  const row = DISK_FAULTS[code]
  return row === undefined ? error : withPath(row, file, error)
}

function withPath(row: (typeof DISK_FAULTS)[string], file: string, cause: unknown): Fault {
  const shown = path.relative(process.cwd(), file)
  const place = shown.startsWith('..') ? file : shown || '.'
  const why = row.code === 'storage.missing' ? `There is no ${place}.` : `${row.why} (${place})`
  return fault({ ...row, code: row.code.replace(/^storage\./, 'file.'), why, cause })
}
