import type { Context, Log, Stream } from '@omni/spec'
import { type Alike, createAlike } from './alike.ts'
import { fileFault } from './errors.ts'
import type { FileOptions } from './options.ts'
import { type Part, type PartId, partName } from './parts.ts'
import { createDecoders, type Decoders } from './sandbox/decoders.ts'
import { type FileRef, type FileSet, findFiles } from './set/file-set.ts'
import { createSmallFiles, type SmallFiles } from './small-files.ts'

/** A table that one or several files hold. */
export interface FileStream {
  readonly name: string
  /** Which part of a file it is; every file of a set is asked for the same. */
  readonly part: PartId
  /** Of the file where it was first seen. */
  readonly first: Part
}

/** What one open reader knows. */
export interface FileSession {
  readonly options: FileOptions
  readonly decoders: Decoders
  readonly log: Log
  /** The files as they are now; found anew by {@link FileSession.refresh}. */
  set(): Promise<FileSet>
  refresh(): Promise<FileSet>
  /** The streams in those files. */
  streams(): Promise<readonly FileStream[]>
  small(): Promise<SmallFiles>
  /** What watches over the columns of a stream. */
  alike(stream: string): Alike
  close(): Promise<void>
}

/** Nothing is opened before it is asked for. `name` is that of a file's one stream. */
export function createFileSession(options: FileOptions, name: string, ctx: Context): FileSession {
  const decoders = createDecoders(options)
  const watched = new Map<string, Alike>()
  let files: Promise<FileSet> | undefined
  let streams: Promise<readonly FileStream[]> | undefined
  let small: SmallFiles | undefined
  const session: FileSession = {
    options,
    decoders,
    log: ctx.log,
    set: () => files ?? session.refresh(),
    refresh() {
      decoders.warm()
      const found = findFiles(options, ctx)
      files = found
      streams = undefined
      small = undefined
      // A failure may pass, so it is not kept.
      found.catch(() => {
        files = undefined
      })
      return found
    },
    streams() {
      streams ??= session.set().then((set) => findStreams(set, decoders, name, ctx.signal))
      streams.catch(() => {
        streams = undefined
      })
      return streams
    },
    async small() {
      const set = await session.set()
      small ??= createSmallFiles(set.files, ctx.limits.bufferBytes / 2, ctx.signal)
      return small
    },
    alike(stream) {
      const known = watched.get(stream) ?? createAlike()
      watched.set(stream, known)
      return known
    },
    close: () => decoders.close(),
  }
  return session
}

/** The streams of all files. Where the first file is one table, so are the others; else each is looked into. */
async function findStreams(
  { files, isMany }: FileSet,
  decoders: Decoders,
  name: string,
  signal: AbortSignal,
): Promise<readonly FileStream[]> {
  const [first, ...others] = files as [FileRef, ...FileRef[]]
  const parts = await decoders.look(first, signal)
  const isPlain = parts.length === 1 && parts[0]?.id.members.length === 0 && parts[0].id.table === undefined
  const found = new Map<string, FileStream>()
  const add = (part: Part): void => {
    const known = partName(part.id) ?? name
    if (!found.has(known)) found.set(known, { name: known, part: part.id, first: part })
  }
  parts.forEach(add)
  if (isMany && !isPlain) {
    for (const file of others) (await decoders.look(file, signal)).forEach(add)
  }
  if (found.size === 0) throw fileFault('file.empty', 'The file holds no table.')
  return [...found.values()]
}

/** The streams for core, with what a person may want to know. */
export function describeStreams(set: FileSet, streams: readonly FileStream[]): readonly Stream[] {
  const { files, isMany, notes, partitions } = set
  const bytes = files.reduce((sum, { info }) => sum + (info.size ?? 0), 0)
  const isKnown = files.every(({ info }) => info.size !== null)
  return streams.map(({ name, first }) => ({
    name,
    notes: [...first.notes, ...notes, ...(isKnown ? [`size: ${bytes} bytes`] : [])],
    estimate: {
      // Several tables share the bytes, and nobody knows how.
      ...(isKnown && streams.length === 1 ? { bytes } : {}),
      ...(isMany || first.rows === undefined ? {} : { rows: first.rows }),
    },
    ...(first.schema && !isMany && partitions.length === 0 ? { schema: first.schema } : {}),
  }))
}
