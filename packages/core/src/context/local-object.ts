import type { BigIntStats } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Fault, fault, type ObjectInfo, type ReadRange, type StoredObject, stopped } from '@omni/spec'
import { DISK_FAULTS } from '../faults/table.ts'
import { readAt } from '../snapshot/disk.ts'

/** A file or folder of this machine as a stored object; relative to the working folder, or a `file:` URL. */
export function localObject(locator: string): StoredObject {
  const file = path.resolve(locator.startsWith('file:') ? fileURLToPath(locator) : locator)
  return {
    head: () => guard(file, async () => infoOf(file, await stat(file, { bigint: true }))),
    async *stream(range = {}) {
      const { start = 0, end, etag } = range
      if (end !== undefined && end <= start) return
      const handle = await guard(file, () => open(file, 'r'))
      try {
        const facts = await expectVersion(handle, file, etag)
        // A pipe or a device has no size.
        yield* readAhead(handle, file, range, facts.isFile() ? Number(facts.size) : Number.POSITIVE_INFINITY)
        await expectVersion(handle, file, etag)
      } finally {
        await handle.close()
      }
    },
    read: ({ start, end, signal, etag }) =>
      guard(file, async () => {
        signal?.throwIfAborted()
        const handle = await open(file, 'r')
        try {
          await expectVersion(handle, file, etag)
          const bytes = await readAt(handle, start, Math.max(0, end - start))
          await expectVersion(handle, file, etag)
          return bytes
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
const REUSED_BYTES = 1 << 20
/** Smaller where each piece takes memory of its own. */
const KEPT_BYTES = 1 << 18
/** What a file may have grown by since it was opened, seen by a read behind its end. */
const GROWN_BYTES = 1 << 14

/** The bytes of a range, one piece read ahead; with `reuse` through two buffers: one is the reader's, one is being filled. */
async function* readAhead(
  handle: FileHandle,
  file: string,
  range: ReadRange,
  fileBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  const { start = 0, end = Number.POSITIVE_INFINITY, signal } = range
  const pieceBytes = range.reuse ? REUSED_BYTES : KEPT_BYTES
  const buffers = [new Uint8Array(0), new Uint8Array(0)]
  const fill = (turn: number, at: number): Promise<number> => {
    // A small file takes little memory, which of thousands would keep the garbage collector busy.
    const size = Math.min(pieceBytes, end - at, Math.max(GROWN_BYTES, fileBytes - at))
    if (size <= 0) return Promise.resolve(0)
    if (!range.reuse || buffers[turn & 1]!.length < size) buffers[turn & 1] = new Uint8Array(size)
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
    etag: etagOf(facts),
    modifiedMs: Number(facts.mtimeMs),
    isFolder: facts.isDirectory(),
  }
}

function etagOf(facts: BigIntStats): string {
  return `${facts.size}-${facts.mtimeNs}-${facts.ino}`
}

/** The open file is the version that was asked for, and still is. */
async function expectVersion(
  handle: FileHandle,
  file: string,
  etag: string | undefined,
): Promise<BigIntStats> {
  const facts = await guard(file, () => handle.stat({ bigint: true }))
  if (etag === undefined || etagOf(facts) === etag) return facts
  throw fault({
    kind: 'unavailable',
    code: 'storage.changed',
    why: `${shownPath(file)} changed while it was read.`,
    fix: 'Run it again when nothing writes to it any more.',
  })
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
  if (name === 'AbortError') return stopped()
  const row = DISK_FAULTS[code]
  return row === undefined ? error : withPath(row, file, error)
}

function withPath(row: (typeof DISK_FAULTS)[string], file: string, cause: unknown): Fault {
  const place = shownPath(file)
  const why = row.code === 'storage.missing' ? `There is no ${place}.` : `${row.why} (${place})`
  return fault({ ...row, code: row.code.replace(/^storage\./, 'file.'), why, cause })
}

/** Relative to the working folder where it is below that. */
function shownPath(file: string): string {
  const shown = path.relative(process.cwd(), file)
  return shown.startsWith('..') ? file : shown || '.'
}
