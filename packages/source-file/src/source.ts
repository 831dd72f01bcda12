import { defineSource, type SourceFunction } from '@omni/spec'
import { unpackedName } from './compress/index.ts'
import { classify, toFault } from './errors.ts'
import { patternOf } from './glob.ts'
import { type FileInput, type FileOptions, options } from './options.ts'
import { read } from './read.ts'
import { createFileSession, describeStreams, type FileSession } from './session.ts'
import { type FilePosition, position } from './types.ts'
import { withTypes } from './types-file.ts'

/** Suffixes that say how a file is written, not what it holds. */
const SUFFIX =
  /\.(?:csv|tsv|tab|psv|txt|dat|json|geojson|ndjson|jsonl|jsonlines|ldjson|parquet|pq|parq|arrow|arrows|feather|xml|rss|atom|html|htm|db|sqlite|sqlite3|log|orc|avro|xlsx|xlsm|xlsb|xls|ods|fods|zip|tar)$/i

/** Reads files: one, those of a folder, or those that fit a pattern; plain, compressed or in an archive. */
export const file: SourceFunction<FileInput, FileOptions, FilePosition> = defineSource<
  FileOptions,
  FilePosition,
  FileInput
>({
  name: 'file',
  summary:
    'Files, folders and patterns, local or in a store: CSV, Excel, JSON, Parquet, ORC, Avro, Arrow, XML, HTML, logs, SQLite; compressed, in archives.',
  schemes: ['file'],
  locator: 'path',
  options,
  position,
  capabilities: {
    replay: true,
    positions: true,
    versions: true,
    splits: true,
    restart: true,
    check: true,
  },
  describe: ({ path }) => ({ label: `flat:${labelOf(path)}`, dataset: datasetOf(path) }),
  classify,
  open(opts, ctx) {
    const name = datasetOf(opts.path)
    let made: Promise<FileSession> | undefined
    const sessionOf = (): Promise<FileSession> => {
      made ??= withTypes(opts, ctx).then((all) => createFileSession(all, name, ctx))
      made.catch(() => {
        made = undefined
      })
      return made
    }
    const classified = <T>(work: Promise<T>): Promise<T> =>
      work.catch((error: unknown) => {
        throw toFault(error, ctx.signal)
      })
    return {
      discover: () =>
        classified(
          sessionOf().then(async (session) =>
            describeStreams(await session.refresh(), await session.streams()),
          ),
        ),
      splits: () =>
        classified(
          sessionOf().then(async (session) =>
            (await session.set()).files.map(({ id, info }) => ({
              id,
              ...(info.size === null ? {} : { estimate: { bytes: info.size } }),
            })),
          ),
        ),
      async *read(stream, from, request) {
        const session = await classified(sessionOf())
        yield* read(session, stream, from, request)
      },
      check: () =>
        classified(
          sessionOf().then(async (session) => {
            await session.refresh()
            const streams = await session.streams()
            return { notes: streams.flatMap(({ first }) => first.notes) }
          }),
        ),
      close: async () => {
        const session = await made?.catch(() => undefined)
        await session?.close()
      },
    }
  },
})

/** As in `events.parquet`; of a pattern with the folder that it is in, as in `events/*.parquet`. */
function labelOf(path: string): string {
  const pattern = patternOf(path)
  if (pattern === undefined) return baseName(path)
  const { base, rest } = pattern
  return base === '' ? rest : `${baseName(base)}/${rest}`
}

/** The file's name without its suffixes; of a pattern that of the folder it is in. */
function datasetOf(path: string): string {
  const pattern = patternOf(path)
  return pattern === undefined ? datasetName(baseName(path)) : baseName(pattern.base) || 'files'
}

/** Name without folder; of a URL also without query and fragment, which may hold a signature. */
function baseName(path: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(path)
  const plain = (isUrl ? path.replace(/[?#].*$/s, '') : path).replace(/[/\\]+$/, '')
  return plain.slice(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\')) + 1) || plain
}

function datasetName(name: string): string {
  let short = name
  for (;;) {
    const next = unpackedName(short).replace(SUFFIX, '')
    if (next === short || next === '') return short
    short = next
  }
}
