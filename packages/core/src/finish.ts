import type { CollectRun } from './collect.ts'
import { completeEvent } from './lineage/outbox.ts'
import type { ReadStream } from './manifest/build.ts'
import type { StoredSnapshot } from './snapshot/catalog.ts'

// What follows the commit. Nothing here can undo it, so a failure is a warning.

/** The data is durable: the system may forget it. A failure here loses nothing, it only comes again. */
export async function acknowledge(run: CollectRun, streams: readonly ReadStream[]): Promise<void> {
  const { reader, source } = run
  if (!source.capabilities.ack || reader.ack === undefined) return
  for (const { planned, tally } of streams) {
    for (const { split } of planned.shares) {
      const position = tally.positions.get(split?.id ?? null)
      if (position === undefined && (source.capabilities.positions || tally.isCut)) continue
      try {
        await reader.ack(planned.stream, position, split)
      } catch {
        const what = `The source did not take the acknowledgement of ${run.printable(planned.name)}; it may send it again.`
        run.emit({ type: 'warning', what })
      }
    }
  }
}

/** Puts the run into the lineage outbox. */
export async function recordLineage(run: CollectRun, stored: StoredSnapshot): Promise<void> {
  try {
    await run.home.putLineage(run.id, completeEvent(run.home.root, stored))
  } catch {
    run.emit({ type: 'warning', what: 'The lineage event could not be put into logs/lineage.' })
  }
}
