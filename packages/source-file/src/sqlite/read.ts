import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { normalizeBatch } from '@omni/arrow'
import { type Context, fault, type Limits, type Reader, type StoredObject } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { FormatChunk, FormatInput, FormatRequest, Table } from '../format.ts'
import type { FileOptions } from '../options.ts'
import { chooseTables } from '../table-choice.ts'

const LIMITS: Limits = { chunkRows: 1024, chunkBytes: 1 << 20, bufferBytes: 1 << 20 }

/** The tables and views of the database that the options ask for. */
export async function sqliteTables(input: FormatInput, options: FileOptions): Promise<readonly Table[]> {
  const reader = await openReader(input, LIMITS, new AbortController().signal)
  try {
    const tables = (await reader.discover()).map(({ name, notes }) => ({ name, ...(notes ? { notes } : {}) }))
    return chooseTables(tables, options.table)
  } finally {
    await reader.close?.()
  }
}

/** The rows of the table that the input names. */
export async function* readTable(
  input: FormatInput,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const reader = await openReader(input, request.limits, request.signal)
  try {
    const stream = (await reader.discover()).find(({ name }) => name === input.table)
    if (!stream) throw fileFault('file.changed', 'The database holds other tables than it did.')
    const { limits, signal, limit } = request
    const wanted = { limits, signal, ...(limit === undefined ? {} : { limit }) }
    for await (const chunk of reader.read(stream, undefined, wanted)) {
      if ('restart' in chunk) yield chunk
      else {
        // The file has its own position and count of bytes.
        const { position: _, bytes: __, op: ___, ...rest } = chunk
        yield 'rows' in rest ? rest : { ...rest, batch: await normalizeBatch(rest.batch) }
      }
    }
  } finally {
    await reader.close?.()
  }
}

async function openReader({ object }: FormatInput, limits: Limits, signal: AbortSignal): Promise<Reader> {
  const url = object ? (await object.head()).url : 'memory:'
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  if (!object || /^[a-z][a-z0-9+.-]+:/i.test(path)) {
    throw fileFault(
      'file.sqlite.remote',
      'The database is packed, or not on a local disk, where SQLite could read it.',
    )
  }
  await refuseLogs(path)
  const { sqlite } = await importSource()
  const { source, options } = sqlite(path)
  const silent = (): void => undefined
  const ctx: Context = {
    signal,
    log: { debug: silent, info: silent, warn: silent },
    fetch: globalThis.fetch,
    now: Date.now,
    limits,
    storage: (locator) => (locator === path ? object : nothing()),
  }
  return source.open(options, ctx)
}

/** A version of the file says nothing of what is beside it, so changes there would go unseen. */
async function refuseLogs(path: string): Promise<void> {
  for (const suffix of ['-wal', '-journal']) {
    const size = await stat(path + suffix).then(
      (info) => info.size,
      () => 0,
    )
    if (size > 0) {
      throw fileFault('file.sqlite.log', 'The database is in use: a part of it is in a log beside the file.')
    }
  }
}

/** What there is not: the log was looked for already. */
function nothing(): StoredObject {
  const missing = (): Promise<never> =>
    Promise.reject(
      fault({ kind: 'missing', code: 'file.missing', why: 'There is no such file.', fix: 'Check the path.' }),
    )
  return { head: missing, read: missing, async *stream() {}, async *list() {} }
}

async function importSource(): Promise<typeof import('@omni/source-sqlite')> {
  try {
    return await import('@omni/source-sqlite')
  } catch (error) {
    throw fileFault(
      'file.sqlite.package',
      'The file is a SQLite database, and the package that reads it is not installed.',
      error,
    )
  }
}
