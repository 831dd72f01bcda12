import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { initSync, ParquetFile } from 'parquet-wasm/esm/parquet_wasm.js'
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
  const options = { batchSize: start.batchRows, ...(start.limit === undefined ? {} : { limit: start.limit }) }
  for await (const batch of await file.stream(options)) {
    while (credits === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    credits--
    const ipc = batch.intoIPCStream() as Uint8Array<ArrayBuffer>
    say({ kind: 'batch', ipc }, [ipc.buffer])
  }
  say({ kind: 'end', schema })
}

decode().then(
  () => port.close(),
  (error: unknown) => {
    say({ kind: 'failed', message: String(error) })
    port.close()
  },
)
