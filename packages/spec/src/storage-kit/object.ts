import type { StoredObject } from '../storage.ts'
import { type RangedReader, readRanges } from './ranges.ts'

/** Options that every store of large objects has, under the same names. */
export interface TransferOptions {
  /** Attempts at one request. */
  readonly maxAttempts?: number
  /** Requests in flight for one object. */
  readonly concurrency?: number
  /** Bytes of one request of a read. */
  readonly rangeBytes?: number
  /** Bytes of one part of an upload. */
  readonly partBytes?: number
  /** A request that brings nothing for so long is given up and tried again. */
  readonly timeoutMs?: number
}

/** The same with what is used where nothing is said. */
export type TransferConfig = Required<TransferOptions>

/** What a storage knows how to do with one address. */
export interface ObjectMethods
  extends Pick<StoredObject, 'head' | 'list'>,
    Pick<RangedReader, 'open' | 'faultOf'> {}

/** Attempts at a range beyond those at a request: a body may break off where the request itself went well. */
const MORE_ATTEMPTS = 2

/** An object that is read by parallel ranges, which go on where they broke off. */
export function createStoredObject(
  { head, list, open, faultOf }: ObjectMethods,
  { rangeBytes, concurrency, maxAttempts, timeoutMs }: TransferConfig,
): StoredObject {
  const reader: RangedReader = {
    open,
    faultOf,
    rangeBytes,
    concurrency,
    attempts: maxAttempts + MORE_ATTEMPTS,
    stallMs: timeoutMs,
  }
  return {
    head,
    list,
    stream: (range = {}) => readRanges(range, reader),
    async read(range) {
      const pieces: Uint8Array[] = []
      for await (const piece of readRanges(range, reader)) pieces.push(piece)
      const [only] = pieces
      return pieces.length === 1 && only ? only : Buffer.concat(pieces)
    },
  }
}

/**
 * Bytes of the whole object, by the headers of an answer to a range that begins at `start`; undefined where it begins
 * elsewhere. https://www.rfc-editor.org/rfc/rfc9110#field.content-range
 */
export function wholeSize(
  contentRange: string | null | undefined,
  contentLength: number | undefined,
  start: number,
): number | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(contentRange ?? '')
  if (match) return Number(match[1]) === start ? Number(match[2]) : undefined
  return start === 0 ? contentLength : undefined
}

/** The value of the header Range for bytes `start` to `end` (exclusive, may be infinite). */
export function rangeHeader({ start, end }: { readonly start: number; readonly end: number }): string {
  return `bytes=${start}-${end === Number.POSITIVE_INFINITY ? '' : end - 1}`
}

/** Does `work` with a signal that is also given after `ms`, which is then an error with the code ETIMEDOUT. */
export async function withDeadline<Result>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), ms)
  try {
    return await work(AbortSignal.any([signal, deadline.signal]))
  } catch (error) {
    if (deadline.signal.aborted && !signal.aborted)
      throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT', cause: error })
    throw error
  } finally {
    clearTimeout(timer)
  }
}
