import { createHash } from 'node:crypto'
import type { ObjectInfo, ReadRange, StoredObject } from '@omni/spec'
import type { FromThread, ToThread } from './messages.ts'

/** The thread's end of the wire to the storage. */
export interface Wire {
  object(info: ObjectInfo): StoredObject
  /** SHA-256 of the object, hex, where it is the last one of which every byte went through, in order. */
  digestOf(info: ObjectInfo): string | null
  /** Takes a message of kind `piece`. */
  take(message: ToThread & { readonly kind: 'piece' }): void
}

interface Call {
  readonly pieces: Uint8Array[]
  isDone: boolean
  wake: (() => void) | undefined
}

/** Objects whose bytes are asked for by message. */
export function createWire(say: (message: FromThread, transfer?: ArrayBuffer[]) => void): Wire {
  const calls = new Map<number, Call>()
  let last = 0
  const begin = (
    start: number,
    end: number | undefined,
    { whole, reuse }: { readonly whole: boolean; readonly reuse: boolean },
  ): [number, Call] => {
    const call: Call = { pieces: [], isDone: false, wake: undefined }
    calls.set(++last, call)
    say({ kind: 'open', call: last, start, ...(end === undefined ? {} : { end }), whole, reuse })
    return [last, call]
  }
  const nextOf = async (call: Call): Promise<Uint8Array | undefined> => {
    while (call.pieces.length === 0 && !call.isDone) {
      await new Promise<void>((resolve) => {
        call.wake = resolve
      })
    }
    return call.pieces.shift()
  }
  let digested: { readonly key: string; readonly sha256: string } | undefined
  async function* stream(
    info: ObjectInfo,
    { start = 0, end, signal, reuse = false }: ReadRange = {},
  ): AsyncGenerator<Uint8Array, void, void> {
    if (end !== undefined && end <= start) return
    const [id, call] = begin(start, end, { whole: false, reuse })
    const isKnown = digested?.key === keyOf(info)
    const hash = start === 0 && end === undefined && !isKnown ? createHash('sha256') : undefined
    try {
      for (let piece = await nextOf(call); piece; piece = await nextOf(call)) {
        signal?.throwIfAborted()
        hash?.update(piece)
        yield piece
        if (reuse) {
          const memory = piece.buffer as ArrayBuffer
          say({ kind: 'used', call: id, memory }, [memory])
        } else say({ kind: 'used', call: id })
      }
      if (hash) digested = { key: keyOf(info), sha256: hash.digest('hex') }
    } finally {
      calls.delete(id)
      if (!call.isDone) say({ kind: 'close', call: id })
    }
  }
  return {
    object: (info) => ({
      head: () => Promise.resolve(info),
      stream: (range) => stream(info, range),
      async read({ start, end }) {
        if (end <= start) return new Uint8Array(0)
        const [id, call] = begin(start, end, { whole: true, reuse: false })
        const bytes = await nextOf(call)
        calls.delete(id)
        return bytes ?? new Uint8Array(0)
      },
      async *list() {},
    }),
    digestOf: (info) => (digested?.key === keyOf(info) ? digested.sha256 : null),
    take({ call: id, bytes }) {
      const call = calls.get(id)
      if (!call) return
      if (bytes) call.pieces.push(bytes)
      else call.isDone = true
      call.wake?.()
    },
  }
}

function keyOf({ url, etag }: ObjectInfo): string {
  return `${etag} ${url}`
}
