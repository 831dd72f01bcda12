import { fault, stopped } from '../fault.ts'
import type { Upload } from '../storage.ts'

/** How {@link createPartUpload} sends one object to one kind of store. */
export interface PartWriter {
  /** Sends an object of at most one part whole. */
  whole(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Sends part `index` (from 0) of a large object. Parts of one object are sent in parallel. */
  part(index: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Makes the object appear from its parts. */
  finish(parts: number, signal: AbortSignal): Promise<void>
  /** Takes away what was sent; called at most once, after every `part` has settled. */
  discard(): Promise<void>
}

export interface PartUploadOptions {
  /** Bytes of every part but the last. */
  readonly partBytes: number
  /** Parts in flight; memory is at most `partBytes * (concurrency + 1)`. */
  readonly concurrency: number
  /** Parts that the store takes for one object. */
  readonly maxParts: number
  readonly signal?: AbortSignal
}

/** A large object in equal parts, several in flight; a small one in a single request. */
export function createPartUpload(writer: PartWriter, options: PartUploadOptions): Upload {
  const { partBytes, concurrency, maxParts } = options
  const ended = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal
  const flying = new Set<Promise<void>>()
  let buffer: Uint8Array | undefined
  let filled = 0
  let parts = 0
  let failure: { readonly error: unknown } | undefined
  let over = false

  const check = (): void => {
    if (failure) throw failure.error
    if (options.signal?.aborted) throw stopped()
    if (over)
      throw fault({
        kind: 'bug',
        code: 'storage.upload.over',
        why: 'The upload has ended already.',
        fix: 'Begin another one.',
      })
  }
  const send = async (bytes: Uint8Array): Promise<void> => {
    if (parts >= maxParts)
      throw fault({
        kind: 'unsupported',
        code: 'storage.upload.parts',
        why: `The object is larger than ${maxParts} parts of ${partBytes} bytes.`,
        fix: 'Raise partBytes.',
      })
    const index = parts++
    const flight: Promise<void> = writer.part(index, bytes, signal).then(
      () => void flying.delete(flight),
      (error: unknown) => {
        failure ??= { error }
        flying.delete(flight)
      },
    )
    flying.add(flight)
    while (flying.size >= concurrency) await Promise.race(flying)
    check()
  }

  return {
    async write(bytes) {
      check()
      for (let at = 0; at < bytes.length; ) {
        // A full part waits for the next byte, so that an object of exactly one part is sent whole.
        if (buffer !== undefined && filled === partBytes) {
          const full = buffer
          buffer = undefined
          await send(full)
        }
        if (buffer === undefined) {
          buffer = new Uint8Array(Math.min(partBytes, Math.max(bytes.length - at, 1 << 16)))
          filled = 0
        }
        const room = Math.min(partBytes, filled + bytes.length - at)
        if (room > buffer.length) {
          const larger: Uint8Array = new Uint8Array(Math.min(partBytes, Math.max(room, buffer.length * 2)))
          larger.set(buffer.subarray(0, filled))
          buffer = larger
        }
        const more = Math.min(bytes.length - at, partBytes - filled)
        buffer.set(bytes.subarray(at, at + more), filled)
        filled += more
        at += more
      }
    },
    async finish() {
      check()
      over = true
      const rest = buffer?.subarray(0, filled) ?? new Uint8Array(0)
      buffer = undefined
      if (parts === 0) return writer.whole(rest, signal)
      over = false
      await send(rest)
      over = true
      await Promise.all(flying)
      if (failure) throw failure.error
      await writer.finish(parts, signal)
      // From here on the object is there, and `abort` has nothing to take away.
      parts = 0
    },
    async abort() {
      over = true
      buffer = undefined
      ended.abort()
      await Promise.all(flying)
      const begun = parts > 0
      parts = 0
      if (begun) await writer.discard().catch(() => {})
    },
  }
}
