import { parentPort } from 'node:worker_threads'
import { isFault } from '@omni/spec'
import { createBatchMemory } from '../batch-memory.ts'
import { createFileCache } from '../unpack.ts'
import type { FromThread, Job, ToThread } from './messages.ts'
import { createPacker } from './pack.ts'
import { createWire } from './remote-object.ts'

// The thread in which files are taken apart: a hostile one can use it up, and it alone.

/** Chunks that may be under way to the host. */
const CHUNKS_AHEAD = 2

const port = parentPort as NonNullable<typeof parentPort>
const say = (message: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
const wire = createWire(say)
const files = createFileCache()
const memory = createBatchMemory()
// Jobs end by themselves or with the thread, so nothing ever aborts.
const { signal } = new AbortController()
let credits = CHUNKS_AHEAD
let wake: (() => void) | undefined

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'piece':
      wire.take(message)
      break
    case 'memory':
      memory.give(message.memory)
      break
    case 'next':
      credits++
      wake?.()
      break
    case 'job':
      credits = CHUNKS_AHEAD
      run(message.job).then((result) => say({ kind: 'done', result }), fail)
  }
})

say({ kind: 'ready' })

async function run(job: Job): Promise<unknown> {
  const object = wire.object(job.file.info)
  switch (job.kind) {
    case 'look':
      return (await files.open(object, job.file, signal)).parts
    case 'decode':
      return await decode(job)
    case 'digest':
      for await (const _ of object.stream());
      return wire.digestOf(job.file.info)
  }
}

async function decode({ file, part, request }: Job & { readonly kind: 'decode' }): Promise<unknown> {
  const opened = await files.open(wire.object(file.info), file, signal)
  const learned = request.learned && new Map(request.learned)
  const { learned: _, ...plain } = request
  const packer = createPacker()
  const chunks = opened.decode(part, { ...plain, signal, memory, ...(learned ? { learned } : {}) })
  if (chunks === undefined) return { sha256: null, isMissing: true }
  for await (const chunk of chunks) {
    while (credits === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    credits--
    const { chunk: sent, transfer } = packer.pack(chunk)
    say({ kind: 'chunk', chunk: sent }, transfer)
  }
  return { ...(learned ? { learned } : {}), sha256: wire.digestOf(file.info) }
}

function fail(error: unknown): void {
  if (isFault(error)) {
    const { kind, code, why, fix } = error
    say({ kind: 'failed', fault: { kind, code, why, fix }, error: '' })
  } else
    say({ kind: 'failed', error: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' })
}
