import { type Batch, fault, type Schema } from '@omni/spec'
import { createArena } from '../digest/arena.ts'
import { createStreamDigest } from '../digest/index.ts'
import { createPartWriter, type PartReceipt } from '../encode/index.ts'
import type { DraftFolder } from '../home/home.ts'
import type { MaskReport } from '../mask/index.ts'
import type { Plan } from '../plan.ts'
import type { OnStep } from '../steps.ts'
import type { StreamRules } from '../stream-rules.ts'

/** What a stream became. */
export interface WrittenStream {
  /** After masking. */
  readonly schema: Schema
  /** Merkle root of the stream, 32 bytes. */
  readonly root: Uint8Array
  readonly files: readonly PartReceipt[]
  readonly mask: MaskReport
}

/** Takes the blocks of one stream through mask, scan, digest and encoder. */
export interface StreamWriter {
  /** Resolves when there is room for the next block. */
  write(block: Batch): Promise<void>
  close(): Promise<WrittenStream>
  /** Removes what was written. */
  abort(): Promise<void>
  /** Values masked so far. */
  masked(): number
}

/** A writer into a folder of a staging. */
export function createStreamWriter(options: {
  readonly folder: DraftFolder
  readonly schema: Schema
  readonly plan: Plan
  readonly rules: StreamRules
  readonly threads: number | undefined
  readonly signal: AbortSignal
  readonly onStep: OnStep
}): StreamWriter {
  const { folder, plan, threads, signal, onStep } = options
  const masker = options.rules.maskerFor(options.schema, createArena())
  const { schema } = masker
  const digest = createStreamDigest(schema)
  // Without a column there is nothing that a file could hold.
  const parts =
    schema.fields.length === 0
      ? undefined
      : createPartWriter({ folder, format: plan.format, schema, signal, ...(threads ? { threads } : {}) })
  return {
    async write(block) {
      if (parts === undefined) throw noColumns()
      const masked = masker.mask(block)
      onStep('masked')
      masker.scan(masked)
      onStep('scanned')
      digest.add(masked)
      onStep('digested')
      await parts.write(masked)
      onStep('encoded')
    },
    async close() {
      const mask = masker.report()
      const files = (await parts?.close()) ?? []
      return { schema, root: digest.root(), files, mask }
    },
    async abort() {
      await parts?.abort()
    },
    masked() {
      let sum = 0
      for (const { hits } of Object.values(masker.report().columns)) {
        for (const count of Object.values(hits)) sum += count
      }
      return sum
    },
  }
}

function noColumns(): Error {
  return fault({
    kind: 'data',
    code: 'stream.columns',
    why: 'The stream has rows without a column that could be kept.',
    fix: 'Drop fewer columns, or look at the source with `omni-collect preview`.',
  })
}
