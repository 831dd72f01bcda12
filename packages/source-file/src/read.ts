import type { Chunk, ObjectInfo, ReadRequest } from '@omni/spec'
import type { OpenFile } from './discover.ts'
import { fileFault, toFault } from './errors.ts'
import type { FormatChunk } from './format.ts'
import type { FileOptions } from './options.ts'
import type { FilePosition } from './types.ts'

type FileChunk = Chunk<FilePosition>

/** The file in chunks, in full; nothing when it is the one that `from` names. The last chunk has the position. */
export async function* read(
  file: OpenFile,
  options: FileOptions,
  from: FilePosition | undefined,
  request: ReadRequest,
): AsyncGenerator<FileChunk, void, void> {
  try {
    request.signal.throwIfAborted()
    const info = await file.head()
    const position = positionOf(info)
    if (from && from.etag === position.etag && from.size === position.size) return
    const { format, input } = await file.unpacked(info)
    file.takeBytes()
    yield* positioned(format.decode(input, options, request), file, info, request)
  } catch (error) {
    throw toFault(error, request.signal)
  }
}

/** Holds each chunk back until the next has come, so that the last can carry the position. */
async function* positioned(
  chunks: AsyncIterable<FormatChunk>,
  file: OpenFile,
  info: ObjectInfo,
  request: ReadRequest,
): AsyncGenerator<FileChunk, void, void> {
  const limit = request.limit ?? Number.POSITIVE_INFINITY
  let held: FileChunk | undefined
  let rows = 0
  for await (const chunk of chunks) {
    request.signal.throwIfAborted()
    if ('restart' in chunk) {
      rows = 0
      held = undefined
      yield chunk
      continue
    }
    if (held) yield held
    const fitting = await atMost(chunk, limit - rows)
    held = { ...fitting, bytes: file.takeBytes() }
    rows += countRows(fitting)
    if (rows >= limit) {
      // Rows may be left, so this is no position after which there are none.
      yield held
      return
    }
  }
  await expectSame(file, info)
  yield { ...(held ?? { rows: [], bytes: file.takeBytes() }), position: positionOf(info) }
}

type DataChunk = Exclude<FormatChunk, { restart: unknown }>

/** The chunk, without the rows that go over the limit. */
async function atMost(chunk: DataChunk, rows: number): Promise<DataChunk> {
  if (countRows(chunk) <= rows) return chunk
  if ('rows' in chunk) return { ...chunk, rows: chunk.rows.slice(0, rows) }
  const { normalizeBatch, sliceBatch } = await import('@omni/arrow')
  return { ...chunk, batch: sliceBatch(await normalizeBatch(chunk.batch), 0, rows) }
}

function countRows(chunk: DataChunk): number {
  if ('rows' in chunk) return chunk.rows.length
  if ('rows' in chunk.batch) return chunk.batch.rows
  return 'numRows' in chunk.batch ? chunk.batch.numRows : 0
}

/** The bytes that were read are of one version only if nothing wrote meanwhile. */
async function expectSame(file: OpenFile, info: ObjectInfo): Promise<void> {
  const now = await file.head()
  if (now.etag !== info.etag) throw fileFault('file.changed', 'The file changed while it was read.')
}

function positionOf(info: ObjectInfo): FilePosition {
  return {
    etag: info.etag,
    size: info.size === null ? null : String(info.size),
    modified: info.modifiedMs,
  }
}
