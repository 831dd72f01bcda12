import { Worker } from 'node:worker_threads'
import { type Fault, fault } from '@omni/spec'
import type { EncodedGroup } from './format.ts'
import type { EncodeReply, EncodeRequest, WorkerSetup } from './message.ts'
import type { BlockLayout } from './slab.ts'

/** A group from a worker; its memory goes round, so `release` it when the bytes are used. */
export interface PooledGroup extends EncodedGroup {
  release(): void
}

/** Threads that encode groups. */
export interface EncodePool {
  encode(blocks: readonly BlockLayout[]): Promise<PooledGroup>
  close(): Promise<void>
}

interface Pending {
  resolve(group: PooledGroup): void
  reject(error: unknown): void
}

const OUT_BYTES = 4 << 20

/** Starts `threads` workers; they live until `close`. */
export function createEncodePool(setup: WorkerSetup, threads: number): EncodePool {
  const freeOuts: SharedArrayBuffer[] = []
  const members = Array.from({ length: Math.max(1, threads) }, () => startMember(setup, freeOuts))
  return {
    encode(blocks) {
      const member = members.reduce((least, other) =>
        other.pending.length < least.pending.length ? other : least,
      )
      if (member.ended) return Promise.reject(ended())
      const request: EncodeRequest = { blocks, out: freeOuts.pop() ?? new SharedArrayBuffer(OUT_BYTES) }
      return new Promise((resolve, reject) => {
        member.pending.push({ resolve, reject })
        member.worker.postMessage(request)
      })
    },
    async close() {
      await Promise.all(members.map(({ worker }) => worker.terminate()))
    },
  }
}

interface Member {
  readonly worker: Worker
  readonly pending: Pending[]
  /** It answers no more. */
  ended: boolean
}

function ended(cause?: unknown): Fault {
  const why = 'The thread that encodes has ended.'
  return fault({ kind: 'bug', code: 'encode.worker', why, fix: 'Report this.', cause })
}

function startMember(setup: WorkerSetup, freeOuts: SharedArrayBuffer[]): Member {
  // Compiled even where this file is not: threads that strip types at once meet a race of V8 13.6, in which the code of a
  // WebAssembly import is freed twice.
  const isSource = import.meta.url.endsWith('.ts')
  const script = new URL(isSource ? '../../dist/encode/worker.js' : './worker.js', import.meta.url)
  const worker = new Worker(script, {
    workerData: setup,
    // Compressed pages are short-lived and outside the heap: a small nursery gives them back soon. Peak memory of
    // a 0.6 GB run was 180 MB with it and 270 MB without, at the same speed.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  })
  const pending: Pending[] = []
  const member: Member = { worker, pending, ended: false }
  const end = (cause?: unknown): void => {
    member.ended = true
    for (const { reject } of pending.splice(0)) reject(ended(cause))
  }
  worker.on('message', (reply: EncodeReply) => {
    const next = pending.shift()
    if ('out' in reply) {
      next?.resolve({
        bytes: new Uint8Array(reply.out, 0, reply.bytes),
        rows: reply.rows,
        facts: reply.facts,
        release: () => freeOuts.push(reply.out),
      })
    } else {
      next?.reject(
        fault(
          reply.fault ?? {
            kind: 'bug',
            code: 'encode.worker',
            why: 'A block could not be encoded.',
            fix: 'Report this.',
            cause: reply.message,
          },
        ),
      )
    }
  })
  worker.on('error', end)
  worker.on('exit', () => end())
  return member
}
