import { type Fault, fault, isFault } from '@omni/spec'

/** A part whose bytes are not what we write. */
export function damaged(cause?: unknown): Fault {
  return fault({
    kind: 'data',
    code: 'part.damaged',
    why: 'A part of the snapshot is damaged, or was not written by this program.',
    fix: 'Run `omni-collect verify` to see which; restore it from a copy, or collect again.',
    cause,
  })
}

/** Whatever a decoder trips over, as a fault; faults as they are. */
export function damagedBy(error: unknown): Fault {
  return isFault(error) ? error : damaged(error)
}
