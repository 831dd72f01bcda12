import type { CollectEvent } from '../events.ts'
import type { PlannedStream } from '../plan.ts'
import type { Tally } from './read-stream.ts'

/** How far the reading of a stream is. */
export function progressOf(
  stream: string,
  planned: PlannedStream,
  tally: Tally,
  masked: number,
): CollectEvent {
  const { rows, bytes } = planned.stream.estimate ?? {}
  return {
    type: 'progress',
    stream,
    rows: tally.rows,
    bytes: tally.bytes,
    ...(rows === undefined ? {} : { totalRows: rows }),
    ...(bytes === undefined ? {} : { totalBytes: bytes }),
    masked,
    quarantined: tally.rejected,
  }
}
