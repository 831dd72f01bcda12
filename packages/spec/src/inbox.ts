import { fault, stopped } from './fault.ts'

/** A bounded queue between a system that pushes and a reader that pulls. */
export interface Inbox<Item> extends AsyncIterable<Item> {
  /**
   * Puts an item in. False when the inbox is now full: stop the system (pause the socket, stop
   * acknowledging) and go on after {@link Inbox.drained}. A push past `maxItems + slack` is refused with a
   * fault, since it would mean unbounded memory; a push after the end is ignored.
   */
  push(item: Item): boolean
  /** Resolves when the inbox is below its bound again, or has ended. */
  drained(): Promise<void>
  /** No more items; those inside are still read. */
  end(): void
  /** Items inside are still read, then the reader sees this error. */
  fail(error: unknown): void
  readonly size: number
}

export interface InboxOptions {
  /** Items at which {@link Inbox.push} says stop. */
  readonly maxItems: number
  /** Items taken beyond the bound from a system that cannot stop at once. Default: `maxItems`. */
  readonly slack?: number
  /** Ends the inbox with the fault `aborted`. */
  readonly signal?: AbortSignal
}

/** The one bounded helper for push systems: nobody writes a second queue. For one reader. */
export function createInbox<Item>(options: InboxOptions): Inbox<Item> {
  const { maxItems, slack = maxItems, signal } = options
  const items: Item[] = []
  let head = 0
  let ended = false
  let failure: { readonly error: unknown } | undefined
  let wakeReader: (() => void) | undefined
  let wakeWriters: (() => void)[] = []

  const size = (): number => items.length - head
  const finish = (): void => {
    ended = true
    wakeReader?.()
    for (const wake of wakeWriters.splice(0)) wake()
    signal?.removeEventListener('abort', abort)
  }
  const fail = (error: unknown): void => {
    if (ended) return
    failure = { error }
    finish()
  }
  const abort = (): void => fail(stopped())
  const take = (): Item => {
    const item = items[head] as Item
    items[head++] = undefined as never
    if (head > 1024 && head * 2 > items.length) {
      items.splice(0, head)
      head = 0
    }
    if (size() < maxItems && wakeWriters.length > 0) {
      const waiting = wakeWriters
      wakeWriters = []
      for (const wake of waiting) wake()
    }
    return item
  }

  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })

  return {
    push(item) {
      if (ended) return false
      if (size() >= maxItems + slack) {
        fail(
          fault({
            kind: 'unavailable',
            code: 'inbox.overrun',
            why: 'The system kept sending after it was asked to stop.',
            fix: 'Narrow the subscription, or raise the limits.',
          }),
        )
        return false
      }
      items.push(item)
      wakeReader?.()
      return size() < maxItems
    },
    drained() {
      if (ended || size() < maxItems) return Promise.resolve()
      return new Promise((resolve) => wakeWriters.push(resolve))
    },
    end: () => {
      if (!ended) finish()
    },
    fail,
    get size() {
      return size()
    },
    async *[Symbol.asyncIterator]() {
      try {
        while (true) {
          while (size() > 0) yield take()
          if (failure) throw failure.error
          if (ended) return
          await new Promise<void>((resolve) => {
            wakeReader = resolve
          })
          wakeReader = undefined
        }
      } finally {
        if (!ended) finish()
      }
    },
  }
}
