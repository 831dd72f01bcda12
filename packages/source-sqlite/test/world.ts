import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { normalizeBatch, readColumn, typeToString } from '@omni/arrow'
import { type Chunk, type Context, fault, type Limits, type Rejected, type StoredObject } from '@omni/spec'
import { type SqliteInput, sqlite } from '../src/index.ts'
import type { SqlitePosition } from '../src/types.ts'

/** A folder of real databases for one test file. */
export interface World {
  readonly folder: string
  /** A database with these statements run in it, open for more. */
  create(name: string, sql: string): { readonly path: string; readonly db: DatabaseSync }
  remove(): Promise<void>
}

export async function createWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'omni-sqlite-'))
  const open: DatabaseSync[] = []
  return {
    folder,
    create(name, sql) {
      const path = join(folder, name)
      const db = new DatabaseSync(path)
      open.push(db)
      db.exec(sql)
      return { path, db }
    },
    async remove() {
      for (const db of open) if (db.isOpen) db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const LIMITS: Limits = { chunkRows: 1000, chunkBytes: 4 << 20, bufferBytes: 16 << 20 }

/** What core would give, over the real disk. */
export function createContext(): Context {
  const silent = (): void => undefined
  return {
    signal: new AbortController().signal,
    log: { debug: silent, info: silent, warn: silent },
    fetch: globalThis.fetch,
    now: Date.now,
    limits: LIMITS,
    storage: openLocal,
  }
}

function openLocal(path: string): StoredObject {
  return {
    async head() {
      const info = await stat(path, { bigint: true }).catch((cause: unknown) => {
        throw fault({
          kind: 'missing',
          code: 'storage.missing',
          why: 'There is no such file.',
          fix: 'x',
          cause,
        })
      })
      return {
        url: pathToFileURL(path).href,
        name: basename(path),
        size: Number(info.size),
        etag: `${info.size}-${info.mtimeNs}-${info.ino}`,
        modifiedMs: Number(info.mtimeMs),
        isFolder: info.isDirectory(),
      }
    },
    async *stream() {},
    async read({ start, end }) {
      const handle = await open(path)
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start)
        return buffer.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    },
    async *list() {},
  }
}

/** A stream of a database as text: columns with their types, and rows as JSON. */
export interface Seen {
  readonly streams: readonly string[]
  readonly columns: readonly string[]
  readonly rows: readonly string[]
  readonly rejected: readonly Rejected[]
  readonly position: SqlitePosition | undefined
  readonly restarts: number
}

export async function readStream(
  input: SqliteInput,
  name?: string,
  more: { from?: SqlitePosition; limit?: number; limits?: Partial<Limits> } = {},
): Promise<Seen> {
  const { source, options } = sqlite(input)
  const context = createContext()
  const reader = source.open(options, context)
  try {
    const streams = await reader.discover()
    const stream = streams.find((one) => one.name === name) ?? streams[0]
    if (!stream) throw new Error('no stream')
    const request = {
      signal: context.signal,
      limits: { ...LIMITS, ...more.limits },
      ...(more.limit === undefined ? {} : { limit: more.limit }),
    }
    const seen = { columns: [] as string[], rows: [] as string[], rejected: [] as Rejected[] }
    let restarts = 0
    let position: SqlitePosition | undefined
    for await (const chunk of reader.read(stream, more.from, request)) {
      if ('restart' in chunk) {
        restarts++
        seen.rows.length = seen.rejected.length = 0
        continue
      }
      position = chunk.position
      seen.rejected.push(...(chunk.rejected ?? []))
      const rows = await rowsOf(chunk)
      seen.columns = rows.columns
      seen.rows.push(...rows.rows)
    }
    return { streams: streams.map((one) => one.name), ...seen, position, restarts }
  } finally {
    await reader.close?.()
  }
}

async function rowsOf(
  chunk: Exclude<Chunk<SqlitePosition>, { restart: unknown }>,
): Promise<{ columns: string[]; rows: string[] }> {
  if ('rows' in chunk) throw new Error('rows where columns were expected')
  const batch = await normalizeBatch(chunk.batch)
  const readers = batch.columns.map((column) => readColumn(column))
  return {
    columns: batch.schema.fields.map(({ name, type }) => `${name}: ${typeToString(type)}`),
    rows: Array.from({ length: batch.rows }, (_, i) => `[${readers.map((reader) => reader.json(i)).join()}]`),
  }
}
