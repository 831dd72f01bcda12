import { setTimeout as sleep } from 'node:timers/promises'
import { abortedFault } from '../faults/classify.ts'

/** How long a reader may take to let go after an abort, before it is left behind. */
const GRACE_MS = 2_000

/**
 * The items of a source, ended by the signal even when the source does not react to it. The source's iterator is
 * always told to return.
 */
export async function* iterateUntilAborted<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  if (signal.aborted) throw abortedFault()
  const iterator = items[Symbol.asyncIterator]()
  let stop: ((error: unknown) => void) | undefined
  const abort = (): void => stop?.(abortedFault())
  signal.addEventListener('abort', abort, { once: true })
  let isDone = false
  try {
    while (true) {
      // No Promise.race with one long-lived promise: its reactions would keep every item alive.
      const next = await new Promise<IteratorResult<Item>>((resolve, reject) => {
        stop = reject
        if (signal.aborted) abort()
        iterator.next().then(resolve, reject)
      })
      if (next.done) {
        isDone = true
        return
      }
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', abort)
    if (!isDone) await withinGrace(iterator.return?.())
  }
}

/** Waits for a clean-up, but not for ever; its failure does not hide what came before. */
export async function withinGrace(work: PromiseLike<unknown> | undefined): Promise<void> {
  if (work === undefined) return
  const timer = new AbortController()
  try {
    await Promise.race([work, sleep(GRACE_MS, undefined, { signal: timer.signal, ref: true })])
  } catch {
    // The reader is given up in any case.
  } finally {
    timer.abort()
  }
}
