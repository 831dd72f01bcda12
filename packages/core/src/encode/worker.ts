import { parentPort, workerData } from 'node:worker_threads'
import { isFault } from '@omni/spec'
import { createGroupEncoder } from './format.ts'
import type { EncodeReply, EncodeRequest, WorkerSetup } from './message.ts'
import { blockAt } from './slab.ts'

// The thread that encodes: one group a message, answered in order.

const { format, schema } = workerData as WorkerSetup
const encoder = createGroupEncoder(format, schema)

parentPort?.on('message', (request: EncodeRequest) => {
  parentPort?.postMessage(encodeGroup(request))
})

function encodeGroup(request: EncodeRequest): EncodeReply {
  try {
    const { bytes, rows, facts } = encoder.encode(request.blocks.map((layout) => blockAt(layout, schema)))
    const room = request.out.byteLength
    const out = bytes.length <= room ? request.out : new SharedArrayBuffer(Math.max(bytes.length, room * 2))
    new Uint8Array(out).set(bytes)
    return { out, bytes: bytes.length, rows, facts }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (!isFault(error)) return { fault: null, message }
    const { kind, code, why, fix } = error
    return { fault: { kind, code, why, fix }, message }
  }
}
