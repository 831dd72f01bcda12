import {
  fault,
  type ObjectInfo,
  type OpenedRange,
  type RangeRequest,
  readRanges,
  type StoredObject,
} from '@omni/spec'
import { nameOf, parseAddress, urlOf } from './address.ts'
import { codeOf, faultOf, noObject, statusOf } from './errors.ts'
import { etagOf, infoOf, isAnythingBelow, isFolderMetadata, listBelow } from './list.ts'
import type { Place, Session } from './session.ts'

/** A blob, or what lies below a name, to be read. */
export function storedObject(url: string, session: Session): StoredObject {
  const { options, ctx } = session
  const reader = {
    open: (request: RangeRequest) => session.run(url, (at) => openRange(at, request, options.timeoutMs)),
    faultOf: (error: unknown) => bodyFault(error, url),
    rangeBytes: options.rangeBytes,
    concurrency: options.concurrency,
    attempts: options.maxAttempts + 2,
    stallMs: options.timeoutMs,
  }
  return {
    head: () => session.run(url, (at) => headOf(at, ctx.signal)),
    stream: (range = {}) => readRanges(range, reader),
    async read(range) {
      const pieces: Uint8Array[] = []
      for await (const piece of readRanges(range, reader)) pieces.push(piece)
      return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
    },
    list: () => listBelow(url, session),
  }
}

/** A body that breaks off: the SDK's stream has words for it, and no code. */
function bodyFault(error: unknown, url: string): ReturnType<typeof faultOf> {
  const plain = statusOf(error) === undefined && codeOf(error) === ''
  return faultOf(plain ? { code: 'ECONNRESET' } : error, parseAddress(url))
}

async function openRange(
  { reading, address }: Place,
  { start, end, etag, signal }: RangeRequest,
  timeoutMs: number,
): Promise<OpenedRange | undefined> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), timeoutMs)
  try {
    if (address.key === '') throw noObject(address)
    const count = end === Number.POSITIVE_INFINITY ? undefined : end - start
    const answer = await reading.download(start, count, {
      abortSignal: AbortSignal.any([signal, deadline.signal]),
      maxRetryRequests: 0,
      ...(etag === undefined ? {} : { conditions: { ifMatch: `"${etag}"` } }),
    })
    const size = sizeOf(answer.contentRange, answer.contentLength, start)
    const body = answer.readableStreamBody
    if (size === undefined || body === undefined) {
      throw fault({
        kind: 'unsupported',
        code: 'azure.ranges',
        why: 'The store does not answer with the range of bytes that it was asked for.',
        fix: 'Use a store, or a way to it, that supports range requests.',
      })
    }
    return { size, etag: etagOf(answer.etag), bytes: body as unknown as AsyncIterable<Uint8Array> }
  } catch (error) {
    // InvalidRange: `start` is behind the end, as byte 0 of an empty blob is.
    if (statusOf(error) === 416) return undefined
    if (deadline.signal.aborted && !signal.aborted)
      throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT', cause: error })
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Bytes of the whole blob; undefined where the answer begins elsewhere. */
function sizeOf(range: string | undefined, length: number | undefined, start: number): number | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(range ?? '')
  if (match) return Number(match[1]) === start ? Number(match[2]) : undefined
  return start === 0 ? length : undefined
}

async function headOf(at: Place, signal: AbortSignal): Promise<ObjectInfo> {
  const { address, blob } = at
  if (address.key !== '') {
    const info = await propertiesOf(at, signal)
    if (info) return info
  }
  if ((await isAnythingBelow(at, signal)) || address.key === '' || (await isFolder(blob, signal))) {
    return {
      url: urlOf(address, address.key),
      name: nameOf(address),
      size: null,
      etag: '',
      modifiedMs: null,
      isFolder: true,
    }
  }
  throw noObject(address)
}

/** Undefined where there is no blob, or a marker that stands for a folder. */
async function propertiesOf(
  { address, blob }: Place,
  abortSignal: AbortSignal,
): Promise<ObjectInfo | undefined> {
  try {
    const answer = await blob.getProperties({ abortSignal })
    const size = answer.contentLength ?? null
    if (isFolderMetadata(answer.metadata) || (address.key.endsWith('/') && size === 0)) return undefined
    return infoOf(address, address.key, {
      size,
      etag: etagOf(answer.etag),
      modifiedMs: answer.lastModified?.getTime() ?? null,
    })
  } catch (error) {
    if (statusOf(error) === 404 && codeOf(error) !== 'ContainerNotFound') return undefined
    throw error
  }
}

/** An empty folder of an account with a hierarchical namespace. */
async function isFolder(blob: Place['blob'], abortSignal: AbortSignal): Promise<boolean> {
  return blob.getProperties({ abortSignal }).then(
    ({ metadata }) => isFolderMetadata(metadata),
    () => false,
  )
}
