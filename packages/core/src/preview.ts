import { rowAt } from '@omni/arrow'
import type { Row, Schema } from '@omni/spec'
import { createTally, readStream } from './intake/read-stream.ts'
import type { Masker } from './mask/index.ts'
import { type CollectOptions, makePlan, printable } from './plan.ts'
import { discoverStreams, type Engine, type Session } from './session.ts'
import { createStreamRules } from './stream-rules.ts'

/** The first rows of a stream, masked. */
export interface Preview {
  readonly stream: string
  /** After masking. */
  readonly schema: Schema
  readonly rows: readonly Row[]
  readonly notes: readonly string[]
}

/** Rows shown of each stream unless told otherwise. */
export const PREVIEW_ROWS = 10

/** Reads the first rows of each stream from its start, through the same intake and masks as a collect. */
export async function previewSession(
  engine: Engine,
  session: Session,
  options: CollectOptions,
): Promise<Preview[]> {
  const { collector, redactor, reader, context, signal } = session
  const streams = await discoverStreams(session, options.streams)
  const limit = options.limit ?? PREVIEW_ROWS
  const plan = makePlan({ root: engine.root, collector, options, streams, latest: undefined, redactor })
  const rules = createStreamRules(plan.policy, plan.streams.length)
  const previews: Preview[] = []
  for (const planned of plan.streams) {
    const { source } = collector
    const reading = { source, reader, planned, limit, limits: context.limits, signal }
    let masker: Masker | undefined
    let rows: Row[] = []
    const tally = createTally()
    for await (const item of readStream(reading, tally)) {
      if (item.kind === 'begin') masker = rules.maskerFor(item.schema)
      if (item.kind === 'forget') rows = []
      if (item.kind !== 'block' || masker === undefined) continue
      const block = masker.mask(item.block)
      masker.scan(block)
      for (let i = 0; i < block.rows; i++) rows.push(rowAt(block, i))
    }
    const rejected = tally.rejected === 0 ? [] : [`${tally.rejected} record(s) could not be decoded.`]
    previews.push({
      stream: printable(redactor, planned.name),
      schema: masker?.schema ?? { fields: [] },
      rows,
      notes: [...(planned.stream.notes ?? []), ...rejected].map((note) => printable(redactor, note)),
    })
  }
  return previews
}
