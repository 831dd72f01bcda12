import { type Fault, fault, isFault, stopped } from '../fault.ts'
import type { ReadRange } from '../storage.ts'

/** What a store answered when bytes were asked for. */
export interface OpenedRange {
  /** Bytes of the whole object. */
  readonly size: number
  readonly etag: string
  /** The bytes asked for, from the first on; it may break off. */
  readonly bytes: AsyncIterable<Uint8Array>
}

/** One request for bytes `start` to `end` (exclusive). */
export interface RangeRequest {
  readonly start: number
  readonly end: number
  /** The version that it must be; undefined in the first request of a read without one. */
  readonly etag: string | undefined
  readonly signal: AbortSignal
}

/** How {@link readRanges} asks one kind of store. */
export interface RangedReader {
  /** Undefined where `start` is at or behind the end of the object. It minds its own deadline. */
  open(request: RangeRequest): Promise<OpenedRange | undefined>
  /** Classifies an error of `open` or of the bytes. */
  faultOf(error: unknown): Fault
  /** Bytes of one request. */
  readonly rangeBytes: number
  /** Requests in flight; memory is at most `rangeBytes * concurrency`. */
  readonly concurrency: number
  /** Failures in a row, without a byte in between, after which a request is given up. */
  readonly attempts: number
  /** An answer of which nothing comes for so long is broken off, and asked for again from there. */
  readonly stallMs: number
}

/** A range of a remote object by parallel requests with read-ahead, its bytes in order. */
export async function* readRanges(
  range: ReadRange,
  reader: RangedReader,
): AsyncGenerator<Uint8Array, void, void> {
  const { start = 0, end = Number.POSITIVE_INFINITY } = range
  if (end <= start) return
  const ended = new AbortController()
  const signal = range.signal ? AbortSignal.any([range.signal, ended.signal]) : ended.signal
  const ask = (from: number, etag: string | undefined, last: number): RangeFetch =>
    fetchRange(reader, { start: from, end: Math.min(last, from + reader.rangeBytes), etag, signal })
  const first = ask(start, range.etag, end)
  const flying: RangeFetch[] = [first]
  try {
    const facts = await first.opened
    if (facts === undefined) return
    const last = Math.min(end, facts.size)
    let next = start + reader.rangeBytes
    while (true) {
      // Filled before it is looked at, so that one request at a time goes on too.
      while (flying.length < reader.concurrency && next < last) {
        flying.push(ask(next, facts.etag, last))
        next += reader.rangeBytes
      }
      const [current] = flying
      if (current === undefined) return
      yield* current.pieces()
      flying.shift()
    }
  } finally {
    ended.abort()
    await Promise.all(flying.map(({ done }) => done))
  }
}

/** One range on its way: its bytes gather here until the reader comes to them. */
interface RangeFetch {
  readonly opened: Promise<{ readonly size: number; readonly etag: string } | undefined>
  /** Never rejects. */
  readonly done: Promise<void>
  pieces(): AsyncGenerator<Uint8Array, void, void>
}

function fetchRange(reader: RangedReader, request: RangeRequest): RangeFetch {
  const pieces: Uint8Array[] = []
  const opened = Promise.withResolvers<{ size: number; etag: string } | undefined>()
  let wake = (): void => {}
  let outcome: { readonly failure?: Fault } | undefined
  const take = (piece: Uint8Array): void => {
    pieces.push(piece)
    wake()
  }
  const done = fetchAll(reader, request, take, opened.resolve).then(
    () => {
      opened.resolve(undefined)
      outcome = {}
      wake()
    },
    (failure: Fault) => {
      opened.reject(failure)
      outcome = { failure }
      wake()
    },
  )
  // Only the first range's is awaited.
  opened.promise.catch(() => {})
  return {
    opened: opened.promise,
    done,
    async *pieces() {
      for (;;) {
        for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) yield piece
        if (outcome?.failure) throw outcome.failure
        if (outcome) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

/** Hands over every byte of one range, in as many requests as it takes; rejects with a fault. */
async function fetchAll(
  reader: RangedReader,
  { start, end, etag, signal }: RangeRequest,
  take: (piece: Uint8Array) => void,
  onOpen: (facts: { size: number; etag: string }) => void,
): Promise<void> {
  let at = start
  let last = end
  let version = etag
  for (let failures = 0; ; ) {
    if (signal.aborted) throw stopped()
    const watch = watchStall(reader.stallMs, signal)
    try {
      const answer = await reader.open({ start: at, end: last, etag: version, signal: watch.signal })
      if (answer === undefined) {
        // Behind the end at once is an answer; in the middle it says that the object has become shorter.
        if (at === start && etag === undefined) return
        throw changed()
      }
      if (version !== undefined && answer.etag !== version) throw changed()
      version = answer.etag
      last = Math.min(last, answer.size)
      onOpen({ size: answer.size, etag: version })
      watch.begin()
      for await (const piece of answer.bytes) {
        watch.alive()
        const more = Math.min(piece.length, last - at)
        if (more > 0) take(more === piece.length ? piece : piece.subarray(0, more))
        at += more
        failures = 0
        if (more < piece.length) break
        if (signal.aborted) throw stopped()
      }
      if (at < last) throw brokenOff()
      return
    } catch (error) {
      if (signal.aborted) throw stopped()
      if (at >= last && at > start) return
      const failure = watch.stalled()
        ? silent(reader.stallMs)
        : isFault(error)
          ? error
          : reader.faultOf(error)
      failures++
      if (!failure.retryable || failure.code === CHANGED || failures >= reader.attempts) throw failure
      await pause(Math.max(failure.retryAfterMs ?? 0, backoffMs(failures)), signal)
    } finally {
      watch.end()
    }
  }
}

/** A signal that is given when the run ends or nothing has come for too long. */
function watchStall(
  stallMs: number,
  signal: AbortSignal,
): { signal: AbortSignal; begin(): void; alive(): void; stalled(): boolean; end(): void } {
  const stall = new AbortController()
  const stop = (): void => stall.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  let late = false
  let timer: NodeJS.Timeout | undefined
  return {
    signal: stall.signal,
    begin() {
      timer = setTimeout(() => {
        late = true
        stall.abort()
      }, stallMs)
    },
    alive: () => void timer?.refresh(),
    stalled: () => late,
    end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    },
  }
}

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5000

/** Twice as long each time, and not the same for all who were cut off at once. */
function backoffMs(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.5 + Math.random() / 2)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(stopped())
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}

const CHANGED = 'storage.changed'

/** The fault for an object that is another one than when its reading began. */
export function changed(): Fault {
  return fault({
    kind: 'unavailable',
    code: CHANGED,
    why: 'The object was replaced while it was being read.',
    fix: 'Read it again from its beginning.',
  })
}

function brokenOff(): Fault {
  return fault({
    kind: 'unavailable',
    code: 'storage.short',
    why: 'The store ended its answer before it was complete.',
    fix: 'Check the network and the store, then run it again.',
  })
}

function silent(stallMs: number): Fault {
  return fault({
    kind: 'unavailable',
    code: 'storage.silent',
    why: `The store sent nothing for ${stallMs} ms.`,
    fix: 'Check the network and the store, or raise timeoutMs, then run it again.',
  })
}
