import { type Chunk, defineSource, type ReadRequest, type SourceFunction, type Stream } from '@omni/spec'
import { type Database, openDatabase, versionOf } from './database.ts'
import { discoverStreams, listRelations } from './discover.ts'
import { classify, sqliteFault, toFault } from './errors.ts'
import { fileOf, options, type SqliteInput, type SqliteOptions } from './options.ts'
import { readRelation } from './read.ts'
import { position, type SqlitePosition } from './types.ts'

/** Reads tables, views or one query of a local SQLite database, and never writes to it. */
export const sqlite: SourceFunction<SqliteInput, SqliteOptions, SqlitePosition> = defineSource<
  SqliteOptions,
  SqlitePosition,
  SqliteInput
>({
  name: 'sqlite',
  summary: 'A SQLite database: its tables and views, or one query.',
  schemes: ['sqlite', 'sqlite3'],
  locator: 'path',
  options,
  position,
  capabilities: { replay: true, positions: true, versions: true, restart: true, check: true },
  describe({ path }) {
    const file = fileOf(path).replace(/[/\\]+$/, '')
    const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
    return { label: `sqlite:${name}`, dataset: name.replace(/\.(?:db3?|sqlite3?|s3db|sl3)$/i, '') || name }
  },
  classify,
  open(opts, ctx) {
    let opening: Promise<Database> | undefined
    // One transaction for all streams, so that they are of one moment.
    const open = (): Promise<Database> => {
      opening ??= openDatabase(opts.path, ctx)
      // A failure may pass, so it is not kept.
      opening.catch(() => {
        opening = undefined
      })
      return opening
    }
    const classified = async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        return await work()
      } catch (error) {
        throw toFault(error, ctx.signal)
      }
    }
    const close = async (): Promise<void> => {
      const database = await opening?.catch(() => undefined)
      opening = undefined
      database?.db.close()
    }
    const anew = async (): Promise<Database> => {
      const before = await opening
      // A read that comes later, in the same session, is of the state of then.
      if (before && before.etag !== (await versionOf(opts.path, ctx))) await close()
      return open()
    }

    async function* read(
      stream: Stream,
      from: SqlitePosition | undefined,
      request: ReadRequest,
    ): AsyncGenerator<Chunk<SqlitePosition>, void, void> {
      try {
        request.signal.throwIfAborted()
        const database = await open()
        if (from?.etag === database.etag) return
        const relation = listRelations(database, opts).find(({ name }) => name === stream.name)
        if (!relation) throw sqliteFault('sqlite.table.missing', 'The table is not there any more.')
        yield* positioned(readRelation(database, relation, request), database.etag, request.limit)
      } catch (error) {
        throw toFault(error, request.signal)
      }
    }

    return {
      discover: () => classified(async () => discoverStreams(await anew(), opts)),
      read,
      check: () =>
        classified(async () => {
          const database = await anew()
          const streams = listRelations(database, opts)
          return { notes: [...database.notes, `${streams.length} tables, views or queries`] }
        }),
      close,
    }
  },
})

/** Holds each chunk back until the next has come, so that the last can carry the position. */
async function* positioned(
  chunks: AsyncIterable<Chunk<SqlitePosition>>,
  etag: string,
  limit: number | undefined,
): AsyncGenerator<Chunk<SqlitePosition>, void, void> {
  let held: Exclude<Chunk<SqlitePosition>, { restart: unknown }> | undefined
  let rows = 0
  for await (const chunk of chunks) {
    if ('restart' in chunk) {
      held = undefined
      rows = 0
      yield chunk
      continue
    }
    if (held) yield held
    held = chunk
    if ('batch' in chunk && 'rows' in chunk.batch) rows += chunk.batch.rows
  }
  // Cut short by the limit, rows may be left: no position after which there are none.
  if (held) yield limit !== undefined && rows >= limit ? held : { ...held, position: { etag } }
}
