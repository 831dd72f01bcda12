import { Worker } from 'node:worker_threads'
import { emptyBatch, fromIpc, normalizeBatch } from '@omni/arrow'
import { type Batch, createInbox, fault, type Inbox, type StoredObject } from '@omni/spec'
import { chooseColumns, columnNodes, projectBatch } from '../column-choice.ts'
import type { ColumnarOptions } from '../columnar-options.ts'
import { fileFault } from '../errors.ts'
import type { FormatChunk, FormatRequest } from '../format.ts'
import { readFooter } from './footer.ts'
import { convertLeaves, type Int96Unit, NeedsMicroseconds } from './leaves.ts'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'
import type { ParquetOptions } from './options.ts'
import { type Selection, selectParts } from './selection.ts'
import { createView, type View } from './view.ts'

/** Compressed bytes of one row group, at most: the decoder holds one in its memory. */
const MAX_ROW_GROUP_BYTES = 1024 ** 3

/** Restarts after which every INT96 column is read as microseconds. */
const ALL_ALIKE = 6

/** Batches of a Parquet file in order; INT96 columns that need it are read again as microseconds. */
export async function* decodeParquet(
  object: StoredObject,
  size: number,
  options: ColumnarOptions & ParquetOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const footer = await readFooter(object, size, request.signal)
  const selection = selectParts(footer, options)
  expectFits(selection)
  const view = createView(object, footer, selection, request.limits.bufferBytes, request.signal)
  const inMicroseconds = new Set<number>()
  for (let restarts = 0; ; restarts++) {
    // A read may restart eight times; a file with that many such columns has them all alike.
    const unitOf = (leaf: number): Int96Unit =>
      restarts >= ALL_ALIKE || inMicroseconds.has(leaf) ? 'us' : 'ns'
    try {
      for await (const message of decodeFitting(view, selection, request)) {
        const batch =
          message.kind === 'end' ? await noRows(message.schema) : await normalizeBatch(message.ipc)
        const exact = convertLeaves(batch, selection.leaves, unitOf)
        yield { batch: projectBatch(exact, chooseColumns(columnNodes(exact.schema.fields), options.columns)) }
      }
      return
    } catch (error) {
      if (!(error instanceof NeedsMicroseconds)) throw error
      for (const leaf of error.leaves) inMicroseconds.add(leaf)
      const columns = error.leaves.map((leaf) => leaf + 1).join(', ')
      yield { restart: { why: `Timestamps of column ${columns} are past the year 2262.` } }
    }
  }
}

function expectFits({ groups, leaves }: Selection): void {
  for (const { index, chunks } of groups) {
    const bytes = leaves.reduce((sum, leaf) => sum + (chunks[leaf.index]?.bytes ?? 0), 0)
    if (bytes > MAX_ROW_GROUP_BYTES) {
      throw fileFault('file.parquet.size', `Row group ${index} of the Parquet file has ${bytes} bytes.`)
    }
  }
}

/** A file without rows still has columns. */
async function noRows(schema: Uint8Array): Promise<Batch> {
  const [batch] = await fromIpc(schema)
  return emptyBatch(batch ? batch.schema : { fields: [] })
}

/** Rows of a first batch, at most. */
const FIRST_ROWS = 32

/** Decodes in smaller batches where the decoder ran out of memory; gives up where one row is too much. */
async function* decodeFitting(
  view: View,
  { groups, rows, paths }: Selection,
  request: FormatRequest,
): AsyncGenerator<Decoded, void, void> {
  const { limits, limit = rows } = request
  let part: Part = {
    groups: groups.map((group) => ({ index: group.index, rows: group.rows })),
    columns: paths,
    from: 0,
    to: Math.min(rows, limit),
    batchRows: limits.chunkRows,
    batchBytes: limits.chunkBytes,
    firstRows: Math.min(FIRST_ROWS, limits.chunkRows),
  }
  while (true) {
    try {
      for await (const message of decodeIpc(view, request, part)) {
        yield message
        if (message.kind === 'batch') part = { ...part, from: part.from + message.rows }
      }
      return
    } catch (error) {
      if (!(error instanceof Trap)) throw error
      if (part.firstRows === 1) throw trapped(error.reason)
      const firstRows = Math.max(1, part.firstRows >> 4)
      part = { ...part, firstRows, batchRows: Math.max(1, part.batchRows >> 4) }
    }
  }
}

/** The decoder stopped at once, as it does on broken data and when memory runs out. */
class Trap {
  readonly reason: unknown

  constructor(reason?: unknown) {
    this.reason = reason
  }
}

type Part = Omit<WorkerStart, 'size'>

type Decoded = FromWorker & { readonly kind: 'batch' | 'end' }

/** Arrow IPC streams of a batch each, decoded in a worker; of a file without rows, its schema. */
async function* decodeIpc(
  view: View,
  request: FormatRequest,
  part: Part,
): AsyncGenerator<Decoded, void, void> {
  const data: WorkerStart = { ...part, size: view.size }
  // Compiled even where this file is not, as in `sandbox/thread.ts`.
  const isSource = import.meta.url.endsWith('.ts')
  const script = new URL(isSource ? '../../dist/parquet/worker.js' : './worker.js', import.meta.url)
  const worker = new Worker(script, {
    workerData: data,
    // Its traps are reported here, as faults.
    stderr: true,
  })
  const inbox = createInbox<Decoded>({ maxItems: 8, signal: request.signal })
  listen(worker, inbox, view)
  let count = 0
  try {
    for await (const message of inbox) {
      if (message.kind === 'end') {
        if (count === 0 && part.from === 0) yield message
        return
      }
      count++
      yield message
      tell(worker, { kind: 'next' })
    }
    throw new Trap()
  } finally {
    await worker.terminate()
  }
}

function listen(worker: Worker, inbox: Inbox<Decoded>, view: View): void {
  const answer = async (id: number, start: number, end: number): Promise<void> => {
    const bytes = await view.read(start, end)
    const copy = Uint8Array.from(bytes).buffer
    tell(worker, { kind: 'range', id, bytes: copy }, [copy])
  }
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'read') {
      answer(message.id, message.start, message.end).catch((error: unknown) => inbox.fail(error))
    } else if (message.kind === 'failed') inbox.fail(explain(message.message))
    else inbox.push(message)
  })
  worker.on('error', (error) => inbox.fail(new Trap(error)))
  worker.on('exit', () => inbox.end())
}

function tell(worker: Worker, message: ToWorker, transfer: ArrayBuffer[] = []): void {
  worker.postMessage(message, transfer)
}

/** What the decoder says, to a code. Its text may name columns, and no values, but is not shown. */
function explain(message: string): Error {
  if (/not yet (?:implemented|supported)|NYI|unsupported|not supported/i.test(message)) {
    return fileFault('file.parquet.unsupported', 'The Parquet file uses something that is not read.', message)
  }
  if (/EOF|too short|out of bounds/i.test(message)) {
    return fileFault('file.parquet.truncated', 'The Parquet file ends too early.', message)
  }
  return fileFault('file.parquet.corrupt', 'The Parquet file cannot be decoded.', message)
}

function trapped(cause: unknown): Error {
  return fault({
    kind: 'data',
    code: 'file.parquet.corrupt',
    why: 'The Parquet file is damaged, or needs too much memory to decode.',
    fix: 'Copy or download the file again; if it stays so, write it again with smaller row groups.',
    cause,
  })
}
