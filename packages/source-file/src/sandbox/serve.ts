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
/** Memory of a piece that comes back, at least: pieces of a storage differ a little in size. */
const PIECE_BYTES = 1 << 20

interface Range {
  readonly iterator: AsyncIterator<Uint8Array>
  /** Bytes that have yet to come; 0 where the size is not known. */
  left: number
  credits: number
  /** Memory of pieces that came back; undefined where none does. */
  readonly spare: ArrayBuffer[] | undefined
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
  const give = (call: number, bytes: Uint8Array, spare?: ArrayBuffer[]): void => {
    onBytes(bytes.length)
    const own = spare ? copyInto(spare, bytes) : ownMemory(bytes)
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
        give(call, next.value, range.spare)
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
          const bounds = { start, ...(end === undefined ? {} : { end }), signal, etag, reuse: message.reuse }
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
          const range: Range = {
            iterator,
            left,
            credits: PIECES_AHEAD,
            spare: message.reuse ? [] : undefined,
            isPumping: false,
            isClosed: false,
          }
          ranges.set(call, range)
          await pump(call, range)
          return
        }
        case 'used': {
          const range = ranges.get(message.call)
          if (!range) return
          range.credits++
          if (message.memory) range.spare?.push(message.memory)
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

/** The bytes in memory that can be given away: as they are where they fill theirs. */
function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const isWhole = buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes)
}

/** The bytes in memory that came back, or in new memory. */
function copyInto(spare: ArrayBuffer[], bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = bytes
  const memory = spare.pop()
  const fits = memory !== undefined && memory.byteLength >= length
  const own = new Uint8Array(fits ? memory : new ArrayBuffer(Math.max(length, PIECE_BYTES)), 0, length)
  own.set(bytes)
  return own
}

/** Promise 2: an end that comes too early is no end. */
function short(): Error {
  return fileFault('file.short', 'The storage gave fewer bytes than the file has.')
}

async function end(range: Range): Promise<void> {
  range.isClosed = true
  await range.iterator.return?.()
}
