import type { ObjectInfo, StoredObject } from '@omni/spec'
import type { FormatChunk } from '../format.ts'
import type { FileOptions } from '../options.ts'
import type { Part, PartId } from '../parts.ts'
import type { Job, JobFile, JobRequest } from './messages.ts'
import { createThread, type LentChunk, type Thread } from './thread.ts'
import { createUnpacker } from './unpack-chunk.ts'

/** A file as the storage has it. */
export interface Target {
  readonly object: StoredObject
  readonly info: ObjectInfo
}

/** Takes files apart in threads that are killed when a file is too much for them. */
export interface Decoders {
  /** Starts a thread ahead of its first job. */
  warm(): void
  /** The tables in a file. */
  look(target: Target, signal: AbortSignal): Promise<readonly Part[]>
  /** Chunks of one of them. */
  decode(target: Target, part: PartId, options: DecodeOptions): AsyncGenerator<FormatChunk, Decoded, void>
  /** SHA-256 of a file, hex. */
  digest(target: Target, signal: AbortSignal): Promise<string>
  close(): Promise<void>
}

/** What is known of a file once it was read. */
export interface Decoded {
  /** What its format found out about columns; see `FormatRequest.learned`. */
  readonly learned?: ReadonlyMap<string, unknown>
  /** SHA-256 of the file, hex, where its bytes went through from the first to the last. */
  readonly sha256: string | null
  /** The file has no such table. */
  readonly isMissing?: boolean
}

export interface DecodeOptions {
  readonly request: JobRequest
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
}

/** Threads start when there is a job for them, and wait for the next one after it. */
export function createDecoders(options: FileOptions): Decoders {
  const idle: Thread[] = []
  const all = new Set<Thread>()
  const caps = { silenceMs: options.decodeTimeoutMs, memoryBytes: options.maxMemoryBytes }

  const start = (): Thread => {
    const thread = createThread(Math.ceil(caps.memoryBytes / 2 ** 20))
    all.add(thread)
    return thread
  }

  async function* run(
    job: Job,
    { object }: Target,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): AsyncGenerator<LentChunk, unknown, void> {
    const thread = idle.pop() ?? start()
    try {
      return yield* thread.run(job, object, { signal, caps, onBytes })
    } finally {
      if (thread.isAlive) idle.push(thread)
      else all.delete(thread)
    }
  }
  const result = async (job: Job, target: Target, signal: AbortSignal): Promise<unknown> => {
    const chunks = run(job, target, signal, () => undefined)
    const step = await chunks.next()
    return step.value
  }
  // A decoder has no use for the keys of a storage.
  const { storageOptions: _, ...forThread } = options
  const fileOf = ({ info }: Target): JobFile => ({ info, options: forThread })

  return {
    warm() {
      if (all.size === 0) idle.push(start())
    },
    async look(target, signal) {
      return (await result({ kind: 'look', file: fileOf(target) }, target, signal)) as readonly Part[]
    },
    async *decode(target, part, { request, signal, onBytes }) {
      const unpack = createUnpacker()
      const chunks = run({ kind: 'decode', file: fileOf(target), part, request }, target, signal, onBytes)
      while (true) {
        const step = await chunks.next()
        if (step.done) return step.value as Decoded
        let wasTaken = false
        try {
          const { chunk, release } = step.value
          const unpacked = unpack(chunk)
          yield 'batch' in unpacked ? { ...unpacked, release } : unpacked
          wasTaken = true
        } finally {
          if (!wasTaken) await chunks.return(undefined)
        }
      }
    },
    async digest(target, signal) {
      return (await result({ kind: 'digest', file: fileOf(target) }, target, signal)) as string
    },
    async close() {
      await Promise.all([...all].map((thread) => thread.kill()))
      all.clear()
      idle.length = 0
    },
  }
}
