import { Worker } from 'node:worker_threads'
import { emptyBatch, fromIpc, normalizeBatch } from '@omni/arrow'
import { type Batch, createInbox, fault, type Inbox, type StoredObject } from '@omni/spec'
import { chooseColumns, columnNodes, projectBatch } from '../column-choice.ts'
import type { ColumnarOptions } from '../columnar-options.ts'
import { fileFault } from '../errors.ts'
import type { FormatChunk, FormatRequest } from '../format.ts'
import { type ColumnChunk, type Footer, readFooter, rewriteFooter } from './footer.ts'
import { convertInt96, type Int96Unit, NeedsMicroseconds } from './int96.ts'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'
import { checkPages } from './pages.ts'

/** Compressed bytes of one row group, at most: the decoder holds one in its memory. */
const MAX_ROW_GROUP_BYTES = 1024 ** 3

/** Restarts after which every INT96 column is read as microseconds. */
const ALL_ALIKE = 6

/** Batches of a Parquet file in order; INT96 columns that need it are read again as microseconds. */
export async function* decodeParquet(
  object: StoredObject,
  size: number,
  { columns }: ColumnarOptions,
  request: FormatRequest,
): AsyncGenerator<FormatChunk, void, void> {
  const footer = await readFooter(object, size)
  expectFits(footer)
  const inMicroseconds = new Set<number>()
  for (let restarts = 0; ; restarts++) {
    // A read may restart eight times; a file with that many such columns has them all alike.
    const unitOf = (leaf: number): Int96Unit =>
      restarts >= ALL_ALIKE || inMicroseconds.has(leaf) ? 'us' : 'ns'
    try {
      for await (const message of decodeFitting(object, footer, request)) {
        const batch =
          message.kind === 'end' ? await noRows(message.schema) : await normalizeBatch(message.ipc)
        const exact = convertInt96(batch, footer.leaves, unitOf)
        yield { batch: projectBatch(exact, chooseColumns(columnNodes(exact.schema.fields), columns)) }
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

function expectFits(footer: Footer): void {
  for (const [i, group] of footer.rowGroups.entries()) {
    const bytes = group.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)
    if (bytes > MAX_ROW_GROUP_BYTES) {
      throw fileFault('file.parquet.size', `Row group ${i + 1} of the Parquet file has ${bytes} bytes.`)
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
  object: StoredObject,
  footer: Footer,
  request: FormatRequest,
): AsyncGenerator<Decoded, void, void> {
  const { limits, limit = footer.rows } = request
  let part: Part = {
    groupRows: footer.rowGroups.map((group) => group.rows),
    from: 0,
    to: Math.min(footer.rows, limit),
    batchRows: limits.chunkRows,
    batchBytes: limits.chunkBytes,
    firstRows: Math.min(FIRST_ROWS, limits.chunkRows),
  }
  while (true) {
    try {
      for await (const message of decodeIpc(object, footer, request, part)) {
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
  object: StoredObject,
  footer: Footer,
  request: FormatRequest,
  part: Part,
): AsyncGenerator<Decoded, void, void> {
  const view = createView(object, footer, request.signal)
  const data: WorkerStart = { ...part, size: view.size }
  const isSource = import.meta.url.endsWith('.ts')
  const worker = new Worker(new URL(isSource ? './worker.ts' : './worker.js', import.meta.url), {
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

/** The file as the decoder sees it: its own bytes up to the metadata, then the rewritten metadata. */
interface View {
  readonly size: number
  read(start: number, end: number): Promise<Uint8Array>
}

function createView(object: StoredObject, footer: Footer, signal: AbortSignal): View {
  const tail = rewriteFooter(footer)
  const chunks = new Map<number, { readonly chunk: ColumnChunk; readonly column: number }>()
  for (const group of footer.rowGroups) {
    for (const [column, chunk] of group.chunks.entries()) chunks.set(chunk.start, { chunk, column })
  }
  return {
    size: footer.start + tail.length,
    async read(start, end) {
      const parts: Uint8Array[] = []
      if (start < footer.start) {
        const bytes = await object.read({ start, end: Math.min(end, footer.start), signal })
        const known = chunks.get(start)
        if (known && known.chunk.bytes <= bytes.length) {
          checkPages(bytes.subarray(0, known.chunk.bytes), known.column)
        }
        parts.push(bytes)
      }
      if (end > footer.start) parts.push(tail.subarray(Math.max(0, start - footer.start), end - footer.start))
      return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
    },
  }
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
