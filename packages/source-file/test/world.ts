import { existsSync } from 'node:fs'
import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { rowsOf } from '@omni/arrow'
import {
  type Batch,
  type Chunk,
  type Context,
  fault,
  type Limits,
  type ObjectInfo,
  type Position,
  type Reader,
  type Rejected,
  type Row,
  type StoredObject,
} from '@omni/spec'
import { classify } from '../src/errors.ts'
import { type FileInput, file } from '../src/index.ts'
import type { FilePosition } from '../src/types.ts'

/** The folder of a public corpus, or undefined where this machine has none. */
export function corpus(name: string): string | undefined {
  const root = process.env['OMNI_CORPORA'] ?? resolve(import.meta.dirname, '../../../../shared/corpora')
  const folder = join(root, name)
  return existsSync(folder) ? folder : undefined
}

/** A folder of real files for one test file. */
export interface World {
  readonly folder: string
  write(name: string, content: string | Uint8Array): Promise<string>
  remove(): Promise<void>
}

export async function createWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'omni-file-'))
  return {
    folder,
    async write(name, content) {
      const path = join(folder, name)
      await writeFile(path, content)
      return path
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

export const LIMITS: Limits = { chunkRows: 4096, chunkBytes: 4 << 20, bufferBytes: 16 << 20 }

/** What core would give, over the real disk. */
export function createContext(change: Partial<Context> = {}): Context {
  const silent = (): void => undefined
  return {
    signal: new AbortController().signal,
    log: { debug: silent, info: silent, warn: silent },
    fetch: globalThis.fetch,
    now: Date.now,
    limits: LIMITS,
    storage: openLocal,
    ...change,
  }
}

/** All that one read gave. */
export interface ReadResult {
  /** Of rows, and of batches of our own. */
  readonly rows: Row[]
  readonly batches: Extract<Chunk, { batch: unknown }>['batch'][]
  readonly rejected: Rejected[]
  readonly position: FilePosition | undefined
  readonly bytes: number
  readonly chunks: number
}

/** Reads a file through the source, as core does. */
export async function readFile(
  input: FileInput | string,
  more: {
    from?: Position
    limits?: Partial<Limits>
    limit?: number
    stream?: string
    context?: Partial<Context>
  } = {},
): Promise<ReadResult> {
  const collector = typeof input === 'string' ? file(input) : file(input)
  const context = createContext(more.context)
  const reader = collector.source.open(collector.options, context)
  try {
    return await readStream(reader, context, more)
  } finally {
    await reader.close?.()
  }
}

async function readStream(
  reader: Reader<FilePosition>,
  context: Context,
  more: { from?: Position; limits?: Partial<Limits>; limit?: number; stream?: string },
): Promise<ReadResult> {
  const parts: (readonly Row[] | Batch)[] = []
  const result = { batches: [] as ReadResult['batches'], rejected: [] as Rejected[] }
  let position: FilePosition | undefined
  let bytes = 0
  let chunks = 0
  const streams = await reader.discover()
  const stream = more.stream === undefined ? streams[0] : streams.find(({ name }) => name === more.stream)
  const request = {
    signal: context.signal,
    limits: { ...LIMITS, ...more.limits },
    ...(more.limit === undefined ? {} : { limit: more.limit }),
  }
  for await (const chunk of reader.read(stream as never, more.from as FilePosition | undefined, request)) {
    chunks++
    if ('restart' in chunk) {
      parts.length = result.batches.length = result.rejected.length = 0
      continue
    }
    if (position) throw new Error('a chunk follows the one with the position')
    if ('rows' in chunk) parts.push(chunk.rows)
    else {
      result.batches.push(chunk.batch)
      if ('columns' in chunk.batch) parts.push(chunk.batch)
    }
    result.rejected.push(...(chunk.rejected ?? []))
    position = chunk.position
    bytes += chunk.bytes ?? 0
  }
  return {
    ...result,
    get rows() {
      return parts.flatMap((part) => ('columns' in part ? [...rowsOf(part)].map(plain) : part))
    },
    position,
    bytes,
    chunks,
  }
}

/** The row with numbers where a double holds what the column has. */
function plain(row: Row): Row {
  const toNumber = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
  return JSON.parse(JSON.stringify(row, toNumber)) as Row
}

/** Files that a stream holds open: none, once it is read or given up. */
export const openHandles: Set<object> = new Set()

/** A local file as a {@link StoredObject}; core has the real one. */
export function openLocal(path: string): StoredObject {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      const known = classify(error)
      throw known ? fault(known) : error
    }
  }
  const head = (): Promise<ObjectInfo> =>
    guarded(async () => {
      const info = await stat(path, { bigint: true })
      return {
        url: path,
        name: basename(path),
        size: Number(info.size),
        etag: `${info.size}-${info.mtimeNs}-${info.ino}`,
        modifiedMs: Number(info.mtimeMs),
        isFolder: info.isDirectory(),
      }
    })
  return {
    head,
    async *stream({ start = 0, end = Number.POSITIVE_INFINITY, signal } = {}) {
      const handle = await guarded(() => open(path))
      openHandles.add(handle)
      try {
        for (let at = start; at < end; ) {
          signal?.throwIfAborted()
          const { bytesRead, buffer } = await handle.read(
            Buffer.allocUnsafeSlow(Math.min(256 * 1024, end - at)),
            0,
            undefined,
            at,
          )
          if (bytesRead === 0) return
          at += bytesRead
          yield buffer.subarray(0, bytesRead)
        }
      } finally {
        await handle.close()
        openHandles.delete(handle)
      }
    },
    read: ({ start, end }) =>
      guarded(async () => {
        const handle = await open(path)
        try {
          const { bytesRead, buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start)
          return buffer.subarray(0, bytesRead)
        } finally {
          await handle.close()
        }
      }),
    async *list() {
      yield { ...(await head()), url: dirname(path) }
    },
  }
}
