import type { ObjectInfo, StoredObject } from '@omni/spec'
import { fileFault } from '../errors.ts'
import type { FromThread, ToThread } from './messages.ts'

/** The host's end of the wire: gives a thread the bytes that it asks for, of one version of one object. */
export interface Server {
  take(message: FromThread): Promise<void>
  /** Bytes are on their way that the thread waits for. */
  readonly isOwing: boolean
  /** When bytes were last given, on the clock of `performance.now`. */
  readonly lastMs: number
  close(): Promise<void>
}

/** Pieces that may lie unused in the thread; a piece has up to a megabyte. */
const PIECES_AHEAD = 4

interface Range {
  readonly iterator: AsyncIterator<Uint8Array>
  /** Bytes that have yet to come; 0 where the size is not known. */
  left: number
  credits: number
  isPumping: boolean
  isClosed: boolean
}

export function createServer(
  object: StoredObject,
  { etag, size }: ObjectInfo,
  options: {
    readonly signal: AbortSignal
    readonly onBytes: (bytes: number) => void
    readonly tell: (message: ToThread, transfer?: ArrayBuffer[]) => void
  },
): Server {
  const { signal, onBytes, tell } = options
  const ranges = new Map<number, Range>()
  let owed = 0
  let lastMs = 0
  const give = (call: number, bytes: Uint8Array): void => {
    onBytes(bytes.length)
    // A piece that fills its memory goes over as it is.
    const isWhole = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    const own = isWhole ? bytes : new Uint8Array(bytes)
    lastMs = performance.now()
    tell({ kind: 'piece', call, bytes: own }, [own.buffer as ArrayBuffer])
  }
  const pump = async (call: number, range: Range): Promise<void> => {
    if (range.isPumping) return
    range.isPumping = true
    while (range.credits > 0 && !range.isClosed) {
      if (range.credits === PIECES_AHEAD) owed++
      const isOwed = range.credits === PIECES_AHEAD
      try {
        const next = await range.iterator.next()
        if (range.isClosed) break
        if (next.done) {
          if (range.left > 0) throw short()
          lastMs = performance.now()
          tell({ kind: 'piece', call })
          ranges.delete(call)
          break
        }
        range.credits--
        range.left -= next.value.length
        give(call, next.value)
      } finally {
        if (isOwed) owed--
      }
    }
    range.isPumping = false
  }
  return {
    get isOwing() {
      return owed > 0
    },
    get lastMs() {
      return lastMs
    },
    async take(message) {
      switch (message.kind) {
        case 'open': {
          const { call, start, end } = message
          const bounds = { start, ...(end === undefined ? {} : { end }), signal, etag }
          if (message.whole) {
            owed++
            try {
              give(call, await object.read({ ...bounds, end: end as number }))
            } finally {
              owed--
            }
            return
          }
          const iterator = object.stream(bounds)[Symbol.asyncIterator]()
          const left = size === null ? 0 : Math.max(0, Math.min(end ?? size, size) - start)
          const range: Range = { iterator, left, credits: PIECES_AHEAD, isPumping: false, isClosed: false }
          ranges.set(call, range)
          await pump(call, range)
          return
        }
        case 'used': {
          const range = ranges.get(message.call)
          if (!range) return
          range.credits++
          await pump(message.call, range)
          return
        }
        case 'close': {
          const range = ranges.get(message.call)
          ranges.delete(message.call)
          if (range) await end(range)
        }
      }
    },
    async close() {
      const open = [...ranges.values()]
      ranges.clear()
      for (const range of open) await end(range)
    },
  }
}

/** Promise 2: an end that comes too early is no end. */
function short(): Error {
  return fileFault('file.short', 'The storage gave fewer bytes than the file has.')
}

async function end(range: Range): Promise<void> {
  range.isClosed = true
  await range.iterator.return?.()
}
