import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { initSync, ParquetFile, type RecordBatch } from 'parquet-wasm/esm/parquet_wasm.js'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'
import { limitMemory } from './wasm-memory.ts'

// In a thread of its own because a broken file makes the decoder trap, which ends whoever runs it, and because
// the memory of WebAssembly never shrinks: it goes with the thread.

const port = parentPort as NonNullable<typeof parentPort>
const start = workerData as WorkerStart
const waiting = new Map<number, (bytes: ArrayBuffer) => void>()
let credits = 2
let wake: (() => void) | undefined
let lastId = 0

port.on('message', (message: ToWorker) => {
  if (message.kind === 'range') {
    waiting.get(message.id)?.(message.bytes)
    waiting.delete(message.id)
  } else {
    credits++
    wake?.()
  }
})

const say = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

const readRange = (from: number, to: number): Promise<ArrayBuffer> =>
  new Promise((resolve) => {
    const id = ++lastId
    waiting.set(id, resolve)
    say({ kind: 'read', id, start: from, end: to })
  })

/** As much of a Blob as the decoder uses. */
const blob = {
  size: start.size,
  slice: (from: number, to: number) => ({ arrayBuffer: () => readRange(from, to) }),
}

async function decode(): Promise<void> {
  const wasm = fileURLToPath(import.meta.resolve('parquet-wasm/esm/parquet_wasm_bg.wasm'))
  initSync({ module: limitMemory(await readFile(wasm)) })
  const file = await ParquetFile.fromFile(blob as unknown as Blob)
  const schema = file.schema().intoIPCStream()
  const columns = start.columns ? { columns: [...start.columns] } : {}
  let rows = start.firstRows
  let isFirst = true
  let groupStart = 0
  // One group at a time: over several, the decoder's offset and limit count in each of them.
  for (const { index, rows: groupRows } of start.groups) {
    const end = Math.min(groupRows, start.to - groupStart)
    let at = Math.max(0, start.from - groupStart)
    groupStart += groupRows
    while (at < end) {
      const before = at
      const limit = isFirst ? Math.min(rows, end - at) : end - at
      const stream = await file.stream({ rowGroups: [index], batchSize: rows, offset: at, limit, ...columns })
      for await (const batch of stream) {
        const length = await send(batch as RecordBatch)
        at += length.rows
        const fitting = Math.floor(start.batchBytes / Math.max(1, length.bytes / length.rows))
        const next = Math.max(1, Math.min(start.batchRows, fitting))
        const isFarOff = !isFirst && next * 4 < rows
        if (isFirst || isFarOff) rows = next
        // A stream keeps the size it began with.
        if (isFarOff) break
      }
      isFirst = false
      if (at === before) throw new RangeError('EOF: a row group has fewer rows than it says')
    }
  }
  say({ kind: 'end', schema })
}

/** Sends a batch when there is room for it, as an Arrow IPC stream. */
async function send(batch: RecordBatch): Promise<{ readonly rows: number; readonly bytes: number }> {
  while (credits === 0) {
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  credits--
  const rows = batch.numRows
  const ipc = batch.intoIPCStream() as Uint8Array<ArrayBuffer>
  const bytes = ipc.length
  say({ kind: 'batch', ipc, rows }, [ipc.buffer])
  return { rows, bytes }
}

decode().then(
  () => port.close(),
  (error: unknown) => {
    say({ kind: 'failed', message: String(error) })
    port.close()
  },
)
