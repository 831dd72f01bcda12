import type { Worker } from 'node:worker_threads'
import { fileFault } from '../errors.ts'

/** What a decoder may use. */
export interface Caps {
  /** Milliseconds in which it must ask for, or give, something. */
  readonly silenceMs: number
  /** Bytes of memory beyond what the program used when the job began. */
  readonly memoryBytes: number
}

interface Watched {
  readonly isBusy: boolean
  readonly silentMs: number
  fail(error: unknown): void
}

const EVERY_MS = 100
/** How long a thread may take to say how much it holds; one inside a long loop of native code does not answer. */
const ANSWER_MS = 1000

/**
 * Looks after a thread that decodes: ends it when it is silent for too long, or when the program has grown by more
 * than the cap and the thread is what grew. Returns the function that stops looking.
 */
export function watch(worker: Worker, caps: Caps, job: Watched): () => void {
  const before = process.memoryUsage.rss()
  let isAsking = false
  const look = async (): Promise<void> => {
    if (job.isBusy && job.silentMs > caps.silenceMs) {
      const seconds = Math.round(caps.silenceMs / 1000)
      job.fail(fileFault('file.decode.timeout', `The decoder gave no sign of life for ${seconds} seconds.`))
      return
    }
    if (isAsking || process.memoryUsage.rss() - before <= caps.memoryBytes) return
    isAsking = true
    const held = await withTimeout(heldBy(worker))
    isAsking = false
    // Others in this program may have grown: half of the cap in the thread is what makes it the cause.
    if (held !== undefined && held < caps.memoryBytes / 2) return
    const megabytes = Math.round(caps.memoryBytes / 2 ** 20)
    job.fail(fileFault('file.decode.memory', `The decoder used more than ${megabytes} MB of memory.`))
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) => job.fail(error))
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

async function heldBy(worker: Worker): Promise<number> {
  const facts = await worker.getHeapStatistics()
  return facts.used_heap_size + facts.external_memory
}

async function withTimeout(work: Promise<number>): Promise<number | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
