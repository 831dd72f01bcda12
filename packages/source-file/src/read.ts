import { type Chunk, isFault, type Log, type ObjectInfo, type ReadRequest, type Stream } from '@omni/spec'
import type { Alike } from './alike.ts'
import { cutChunk, dropFirst, rowsOf } from './chunk.ts'
import { fileFault, toFault } from './errors.ts'
import type { FormatChunk, Repaired } from './format.ts'
import { isCovered, mayBeSame, positionOf } from './position.ts'
import type { FileSession, FileStream } from './session.ts'
import type { FileRef, FileSet } from './set/file-set.ts'
import { withPartitions } from './set/partitions.ts'
import type { FilePosition } from './types.ts'

type DataChunk = Exclude<FormatChunk, { restart: unknown }>
type FileChunk =
  | (DataChunk & { readonly position?: FilePosition; readonly bytes?: number })
  | Extract<Chunk, { restart: unknown }>

/** How often a file that changes is begun again. */
const MAX_CHANGES = 3

/** What one read works with. */
interface Reading {
  readonly session: FileSession
  readonly set: FileSet
  readonly stream: FileStream
  readonly alike: Alike
  readonly request: ReadRequest
}

/** A stream, or the share of it that is in one file; nothing of a file that is the one that `from` names. */
export async function* read(
  session: FileSession,
  { name }: Stream,
  from: FilePosition | undefined,
  request: ReadRequest,
): AsyncGenerator<FileChunk, void, void> {
  try {
    request.signal.throwIfAborted()
    const stream = (await session.streams()).find((one) => one.name === name)
    if (stream === undefined) throw fileFault('file.changed', 'The file holds other tables than it did.')
    const set = await session.set()
    const reading = { session, set, stream, alike: session.alike(name), request }
    if (!set.isMany) yield* readOnly(reading, from)
    else if (request.split) yield* readShare(reading, indexOf(set, request.split.id), from)
    else yield* readWhole(reading)
  } catch (error) {
    throw toFault(error, request.signal)
  }
}

function indexOf({ places }: FileSet, id: string): number {
  const index = places.get(id)
  if (index === undefined) throw fileFault('file.set.empty', 'A file of the set is no longer there.')
  return index
}

/** A file that is all there is: when it changes, it is begun again here. */
async function* readOnly(
  reading: Reading,
  from: FilePosition | undefined,
): AsyncGenerator<FileChunk, void, void> {
  const [file] = reading.set.files as readonly [FileRef]
  for (let changes = 0; ; changes++) {
    try {
      const info = await file.object.head()
      yield* readVersion(reading, { ...file, info }, from)
      return
    } catch (error) {
      if (!isChange(error) || changes >= MAX_CHANGES) throw error
      yield { restart: { why: 'The file changed while it was read.' } }
    }
  }
}

/** One file of several. When it changes, or its columns are not like those before, all are read again. */
async function* readShare(
  reading: Reading,
  index: number,
  from: FilePosition | undefined,
): AsyncGenerator<FileChunk, void, void> {
  const { session, set, alike, request } = reading
  const file = set.files[index] as FileRef
  if (index === 0) alike.begin()
  try {
    const small = await session.small()
    if (from && isCovered(from, file.info)) small.pass(index)
    else yield* readVersion(reading, { ...file, object: small.object(index) }, from)
  } catch (error) {
    if (!isChange(error)) throw error
    await session.refresh()
    yield { restart: { why: 'A file changed while it was read.', once: true } }
    return
  }
  // With a limit, nobody knows which file is the last.
  const isLast = index === set.files.length - 1 || request.limit !== undefined
  if (isLast && alike.isTorn) {
    yield { restart: { why: 'The files hold values of several types in one column.', once: true } }
  }
}

/** All files in their order, as one. No position says where one is in them, so none is given. */
async function* readWhole(reading: Reading): AsyncGenerator<FileChunk, void, void> {
  for (let again = true; again; ) {
    again = false
    let left = reading.request.limit ?? Number.POSITIVE_INFINITY
    for (let index = 0; index < reading.set.files.length && left > 0 && !again; index++) {
      const request = Number.isFinite(left) ? { ...reading.request, limit: left } : reading.request
      for await (const chunk of readShare({ ...reading, request }, index, undefined)) {
        if ('restart' in chunk) {
          again = true
          yield { restart: { why: chunk.restart.why } }
          break
        }
        left -= rowsOf(chunk)
        const { position: _, ...plain } = chunk
        yield plain
      }
    }
  }
}

/** One version of a file, unless it is the one that `from` names. Its last chunk has the position. */
async function* readVersion(
  reading: Reading,
  file: FileRef,
  from: FilePosition | undefined,
): AsyncGenerator<FileChunk, void, void> {
  const { session, request } = reading
  const { info } = file
  if (from && isCovered(from, info)) return
  if (from && mayBeSame(from, info)) {
    // Touched, and not changed: it stays the version that was read.
    if ((await session.decoders.digest(file, request.signal)) === from.sha256) return
  }
  let bytes = 0
  let total = 0
  const takeBytes = (): number => {
    const taken = bytes
    bytes = 0
    return taken
  }
  const onBytes = (count: number): void => {
    bytes += count
    total += count
  }
  const limit = request.limit ?? Number.POSITIVE_INFINITY
  const chunks = session.decoders.decode(file, reading.stream.part, optionsOf(reading, onBytes))
  let held: Exclude<FileChunk, { restart: unknown }> | undefined
  let rows = 0
  let sha256: string | null = null
  for await (const chunk of withoutRestarts(reading, chunks, (digest) => {
    sha256 = digest
  })) {
    request.signal.throwIfAborted()
    if ('restart' in chunk) {
      rows = 0
      held = undefined
      yield chunk
      continue
    }
    if (held) yield held
    const { repaired, ...data } = chunk
    if (repaired) report(repaired, session.log)
    const fitting = cutChunk(data, limit - rows)
    held = { ...withPartitions(fitting, reading.set.partitions, file.partitions), bytes: takeBytes() }
    rows += rowsOf(fitting)
    if (rows >= limit) {
      // Rows may be left, so this is no position after which there are none.
      yield held
      return
    }
  }
  if (reading.alike.isTorn) return
  await expectSame(file)
  // A small file was taken when it was looked into.
  if (total === 0) bytes = info.size ?? 0
  if (held) held = { ...held, bytes: (held.bytes ?? 0) + takeBytes() }
  yield { ...(held ?? { rows: [], bytes: takeBytes() }), position: positionOf(info, sha256) }
}

/** Repaired records that are named one by one in a chunk; of more, the log says how many. */
const NAMED = 5

function report(repaired: readonly Repaired[], log: Log): void {
  for (const { locator, code, reason } of repaired.slice(0, NAMED)) {
    log.warn(`Repaired ${locator}, which ${reason} (${code}).`)
  }
  const more = repaired.length - NAMED
  if (more > 0) log.warn(`Repaired ${more} more records, up to ${repaired[repaired.length - 1]?.locator}.`)
}

function optionsOf(
  { set, alike, request }: Reading,
  onBytes: (bytes: number) => void,
): Parameters<FileSession['decoders']['decode']>[2] {
  const { limits, limit, signal } = request
  return {
    request: {
      limits,
      ...(limit === undefined ? {} : { limit }),
      ...(set.isMany ? { learned: alike.learned } : {}),
    },
    signal,
    onBytes,
  }
}

/**
 * Of several files, one cannot begin again by itself, for the rows of those before it stay: what it gave already is
 * passed over instead, and its wider types are noticed at the end. Keeps what was learned.
 */
async function* withoutRestarts(
  { set, alike }: Reading,
  chunks: ReturnType<FileSession['decoders']['decode']>,
  onDigest: (sha256: string | null) => void,
): AsyncGenerator<FormatChunk, void, void> {
  let given = { rows: 0, rejected: 0 }
  let toDrop = { rows: 0, rejected: 0 }
  while (true) {
    const step = await chunks.next()
    if (step.done) {
      for (const [key, value] of step.value.learned ?? []) alike.learned.set(key, value)
      onDigest(step.value.sha256)
      if (step.value.isMissing && !set.isMany) {
        throw fileFault('file.changed', 'The file holds other tables than it did.')
      }
      return
    }
    let isTaken = false
    try {
      if (!set.isMany) yield step.value
      else if ('restart' in step.value) toDrop = given
      else {
        const before = toDrop
        const chunk: DataChunk = dropFirst(step.value, before)
        const dropped = {
          rows: rowsOf(step.value) - rowsOf(chunk),
          rejected: (step.value.rejected?.length ?? 0) - (chunk.rejected?.length ?? 0),
        }
        toDrop = { rows: before.rows - dropped.rows, rejected: before.rejected - dropped.rejected }
        given = {
          rows: given.rows + rowsOf(chunk),
          rejected: given.rejected + (chunk.rejected?.length ?? 0),
        }
        alike.see(step.value)
        // From here on it is only learned from.
        if (!alike.isTorn) yield chunk
      }
      isTaken = true
    } finally {
      if (!isTaken) await chunks.return(undefined as never)
    }
  }
}

/** True for the fault that says that the bytes are those of another version now. */
function isChange(error: unknown): boolean {
  return isFault(error) && (error.code === 'file.changed' || error.code === 'storage.changed')
}

/** A local file has no version that can be asked for: it is the one that was read only if nothing wrote meanwhile. */
async function expectSame({ object, info }: { object: FileRef['object']; info: ObjectInfo }): Promise<void> {
  if (/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(info.url)) return
  const now = await object.head()
  if (now.etag !== info.etag) throw fileFault('file.changed', 'The file changed while it was read.')
}
