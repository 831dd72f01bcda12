import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Context, isFault } from '@omni/spec'
import { sqliteFault } from './errors.ts'
import { fileOf } from './options.ts'

/** The open database, and which version of it. */
export interface Database {
  readonly db: DatabaseSync
  readonly etag: string
  /** Text is stored as `utf-8`, `utf-16le` or `utf-16be`. */
  readonly encoding: string
  readonly notes: readonly string[]
}

/** Milliseconds to wait for a writer. */
const BUSY_MS = 5000
/** Byte of the header that is 2 for write-ahead logging; https://www.sqlite.org/fileformat.html#the_database_header */
const READ_VERSION = 19

/** Opens the database read-only, and holds its present state until it is closed. */
export async function openDatabase(path: string, ctx: Context): Promise<Database> {
  const file = fileOf(path)
  const info = await ctx.storage(file).head()
  if (info.isFolder) throw sqliteFault('sqlite.folder', 'The path is a folder.')
  const local = info.url.startsWith('file:') ? fileURLToPath(info.url) : info.url
  if (/^[a-z][a-z0-9+.-]+:/i.test(local)) {
    throw sqliteFault('sqlite.remote', 'The database is not on a local disk, where SQLite could read it.')
  }
  const header = await ctx.storage(file).read({ start: 0, end: 100 })
  const log = await logOf(file, ctx)
  const url = pathToFileURL(local)
  const hasLog = log !== undefined && log.size !== 0
  // SQLite would make the two files of a write-ahead log beside the database, and leave them there.
  if (header[READ_VERSION] === 2 && !hasLog) url.searchParams.set('immutable', '1')
  const db = new DatabaseSync(url, { readOnly: true, timeout: BUSY_MS, allowExtension: false })
  try {
    // A database from elsewhere may hold views that call what they should not, and cells that lie about their size.
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON; BEGIN')
    const name = db.prepare('PRAGMA encoding').get()?.['encoding']
    // The first read takes the lock that BEGIN only promises.
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    const counter = Buffer.from(header.subarray(24, 28)).toString('hex')
    return {
      db,
      etag: [info.etag, log?.etag ?? '-', counter].join(' '),
      encoding: String(name).toLowerCase(),
      notes: [`SQLite, ${info.size ?? 0} bytes${hasLog ? `, and ${log.size} in its write-ahead log` : ''}`],
    }
  } catch (error) {
    db.close()
    throw error
  }
}

/** Only that the file is another one: nothing is opened. */
export async function versionOf(path: string, ctx: Context): Promise<string> {
  const file = fileOf(path)
  const info = await ctx.storage(file).head()
  const header = await ctx.storage(file).read({ start: 24, end: 28 })
  const log = await logOf(file, ctx)
  return [info.etag, log?.etag ?? '-', Buffer.from(header).toString('hex')].join(' ')
}

async function logOf(
  file: string,
  ctx: Context,
): Promise<{ readonly etag: string; readonly size: number | null } | undefined> {
  try {
    return await ctx.storage(`${file}-wal`).head()
  } catch (error) {
    if (isFault(error) && error.kind === 'missing') return undefined
    throw error
  }
}
