import { getCompileCacheDir } from 'node:module'
import { Worker } from 'node:worker_threads'
import { type Column, fault, type StoredObject } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { FromThread, Job, SentChunk, ToThread } from './messages.ts'
import { createServer, type Server } from './serve.ts'
import { type Caps, watch } from './watch.ts'

/** A thread that does one job after another, and is killed when one of them goes wrong. */
export interface Thread {
  /** False once it was killed. */
  readonly isAlive: boolean
  /**
   * Does a job; `onBytes` counts what is taken from the storage. Chunks come in order, then the result is returned.
   * Leaving the loop early, a failure and the signal kill the thread.
   */
  run(job: Job, object: StoredObject, more: RunOptions): AsyncGenerator<LentChunk, unknown, void>
  kill(): Promise<void>
}

/** A chunk in memory that the thread would like to have back. */
export interface LentChunk {
  readonly chunk: SentChunk
  /** Gives it back; nothing of the chunk may be used afterwards. */
  release(): void
}

export interface RunOptions {
  readonly signal: AbortSignal
  readonly caps: Caps
  readonly onBytes: (bytes: number) => void
}

/**
 * The script of the thread, compiled even where this file is not: two threads that strip types at once meet a race of V8
 * 13.6, in which the code of a WebAssembly import is freed twice.
 */
function workerScript(): URL {
  const isSource = import.meta.url.endsWith('.ts')
  return new URL(isSource ? '../../dist/sandbox/worker.js' : './worker.js', import.meta.url)
}

/** Of its two halves and what was just moved, one third is live at most. */
const NURSERY_MEGABYTES = 16

/** Starts a thread; `script` is another one in tests. */
export function createThread(heapMegabytes: number, script: URL = workerScript()): Thread {
  // Compiled code is shared with the program where that keeps it.
  const cacheDir = getCompileCacheDir()
  const worker = new Worker(script, {
    // What it throws is reported here, as faults.
    stderr: true,
    stdout: true,
    env: cacheDir === undefined ? {} : { NODE_COMPILE_CACHE: cacheDir },
    // At its limit V8 gives a thread 16 MB more in which to end. What one collection moves out of the nursery has to fit
    // in there, or the whole process is aborted: seen in one of four processes that filled twelve threads each.
    resourceLimits: {
      maxOldGenerationSizeMb: heapMegabytes,
      maxYoungGenerationSizeMb: NURSERY_MEGABYTES,
      stackSizeMb: 4,
    },
  })
  let isAlive = true
  let job: Running | undefined
  let isReady = false
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'ready') isReady = true
    job?.take(message)
  })
  worker.on('error', (error) => job?.fail(explainCrash(error)))
  worker.on('exit', () => {
    isAlive = false
    job?.fail(fileFault('file.decode.crash', 'The decoder stopped in the middle of the file.'))
  })
  // An idle thread does not keep a program alive that forgot to close its reader.
  worker.unref()
  const tell = (message: ToThread, transfer: ArrayBuffer[] = []): void =>
    worker.postMessage(message, transfer)
  const giveBack = (chunk: SentChunk): void => {
    if (!isAlive || !('columns' in chunk)) return
    const memory = memoryOf(chunk.columns)
    tell({ kind: 'memory', memory }, memory)
  }
  const kill = async (): Promise<void> => {
    isAlive = false
    await worker.terminate()
  }

  return {
    get isAlive() {
      return isAlive
    },
    async *run(task, object, { signal, caps, onBytes }) {
      const running = createRunning(
        createServer(object, task.file.info, { signal, onBytes, tell }),
        () => isReady,
      )
      job = running
      worker.ref()
      const stopWatching = watch(worker, caps, running)
      const abort = (): void => running.fail(stopped())
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort, { once: true })
      let isDone = false
      try {
        tell({ kind: 'job', job: task })
        for (let step = await running.next(); ; step = await running.next()) {
          if ('result' in step) {
            isDone = true
            return step.result
          }
          tell({ kind: 'next' })
          running.lent--
          const { chunk } = step
          yield { chunk, release: () => giveBack(chunk) }
        }
      } finally {
        signal.removeEventListener('abort', abort)
        stopWatching()
        job = undefined
        await running.close()
        if (isDone && isAlive) worker.unref()
        else await kill()
      }
    },
    kill,
  }
}

function memoryOf(columns: readonly Column[]): ArrayBuffer[] {
  const all = new Set<ArrayBuffer>()
  const visit = ({ validity, offsets, values, children }: Column): void => {
    for (const view of [validity, offsets, values]) {
      if (view?.buffer instanceof ArrayBuffer && view.buffer.byteLength > 0) all.add(view.buffer)
    }
    children.forEach(visit)
  }
  columns.forEach(visit)
  return [...all]
}

type Step = { readonly chunk: SentChunk } | { readonly result: unknown }

/** A job under way, from the host's side. */
interface Running {
  take(message: FromThread): void
  fail(error: unknown): void
  next(): Promise<Step>
  close(): Promise<void>
  /** Chunks that the thread sent and the reader has not taken. */
  lent: number
  /** True while it is the thread's turn: it waits neither for bytes nor for the reader. */
  readonly isBusy: boolean
  /** Milliseconds since the thread last said something or was given something. */
  readonly silentMs: number
}

function createRunning(server: Server, isReady: () => boolean): Running {
  const steps: Step[] = []
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined
  let lastMs = performance.now()
  const running: Running = {
    lent: 0,
    get isBusy() {
      return isReady() && failure === undefined && running.lent < 2 && !server.isOwing
    },
    get silentMs() {
      return performance.now() - Math.max(lastMs, server.lastMs)
    },
    take(message) {
      lastMs = performance.now()
      switch (message.kind) {
        case 'ready':
          return
        case 'chunk':
          running.lent++
          steps.push({ chunk: message.chunk })
          break
        case 'done':
          steps.push({ result: message.result })
          break
        case 'failed':
          running.fail(message.fault ? fault(message.fault) : explainError(message.error))
          return
        default:
          server.take(message).catch((error: unknown) => running.fail(error))
          return
      }
      wake?.()
    },
    fail(error) {
      failure ??= { error }
      wake?.()
    },
    async next() {
      while (steps.length === 0) {
        if (failure) throw failure.error
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      lastMs = performance.now()
      return steps.shift() as Step
    },
    close: () => server.close(),
  }
  return running
}

function stopped(): Error {
  return fault({ kind: 'aborted', code: 'run.aborted', why: 'The run was stopped.', fix: 'Run it again.' })
}

/** What ended the thread itself. */
function explainCrash(error: unknown): Error {
  const code = String((error as { code?: unknown }).code)
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return outOfMemory(error)
  return fileFault('file.decode.crash', 'The decoder stopped in the middle of the file.', error)
}

/** What escaped from a decoder without being classified. */
function explainError(text: string): Error {
  if (
    /Maximum call stack|allocation failed|Invalid (?:typed )?array length|Invalid string length|out of memory|too large/i.test(
      text,
    )
  )
    return outOfMemory(text)
  return fault({
    kind: 'bug',
    code: 'file.decode.unforeseen',
    why: 'The decoder failed in a way that nobody foresaw.',
    fix: 'Report it, with a file that shows it if you may.',
    cause: text,
  })
}

function outOfMemory(cause: unknown): Error {
  return fileFault('file.decode.memory', 'The file asks for more memory than its decoder may use.', cause)
}
