import { defineSource, type SourceFunction } from '@omni/spec'
import { check, createOpenFile, discover } from './discover.ts'
import { classify, toFault } from './errors.ts'
import { type FileInput, type FileOptions, options } from './options.ts'
import { read } from './read.ts'
import { type FilePosition, position } from './types.ts'

/** Suffixes that say how a file is written, not what it holds. */
const SUFFIX =
  /\.(?:csv|tsv|tab|psv|txt|dat|json|geojson|ndjson|jsonl|jsonlines|ldjson|parquet|pq|parq|orc|avro|gz|gzip|zst|zstd|zip|tar|tgz)$/i

/** Reads one file: CSV, TSV, JSON, NDJSON or Parquet, plain, compressed or in an archive. */
export const file: SourceFunction<FileInput, FileOptions, FilePosition> = defineSource<
  FileOptions,
  FilePosition,
  FileInput
>({
  name: 'file',
  summary: 'A file: CSV, TSV, JSON, NDJSON or Parquet; gzip and zstd; one file of a zip or tar.',
  schemes: ['file'],
  locator: 'path',
  options,
  position,
  capabilities: { replay: true, positions: true, versions: true, restart: true, check: true },
  describe: ({ path }) => ({ label: `flat:${baseName(path)}`, dataset: datasetName(baseName(path)) }),
  classify,
  open(opts, ctx) {
    const opened = createOpenFile(opts, ctx)
    const classified = <T>(work: Promise<T>): Promise<T> =>
      work.catch((error: unknown) => {
        throw toFault(error, ctx.signal)
      })
    return {
      discover: () => classified(discover(opened, datasetName(baseName(opts.path)))),
      read: (_stream, from, request) => read(opened, opts, from, request),
      check: () => classified(check(opened)),
    }
  },
})

/** Name without folder; of a URL also without query and fragment, which may hold a signature. */
function baseName(path: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(path)
  const plain = (isUrl ? path.replace(/[?#].*$/s, '') : path).replace(/[/\\]+$/, '')
  return plain.slice(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\')) + 1) || plain
}

function datasetName(name: string): string {
  let short = name
  while (SUFFIX.test(short) && short.replace(SUFFIX, '') !== '') short = short.replace(SUFFIX, '')
  return short
}
