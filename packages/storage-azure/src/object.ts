import type { ObjectInfo, StoredObject } from '@omni/spec'
import {
  type AskPage,
  createStoredObject,
  folderInfo,
  infoOf,
  isAnythingBelow,
  type OpenedRange,
  type RangeRequest,
  rangesFault,
  wholeSize,
  withDeadline,
} from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import { codeOf, faultOf, noObject, statusOf } from './errors.ts'
import { etagOf, isFolderMetadata, listBelow, pageOf } from './list.ts'
import type { Place, Session } from './session.ts'

/** A blob, or what lies below a name, to be read. */
export function storedObject(url: string, session: Session): StoredObject {
  const { options, ctx } = session
  return createStoredObject(
    {
      head: () => session.run(url, (at) => headOf(at, ctx.signal)),
      list: () => listBelow(url, session),
      open: (request) => session.run(url, (at) => openRange(at, request, options.timeoutMs)),
      faultOf: (error) => bodyFault(error, url),
    },
    options,
  )
}

/** A body that breaks off: the SDK's stream has words for it, and no code. */
function bodyFault(error: unknown, url: string): ReturnType<typeof faultOf> {
  const plain = statusOf(error) === undefined && codeOf(error) === ''
  return faultOf(plain ? { code: 'ECONNRESET' } : error, parseAddress(url))
}

function openRange(
  { reading, address }: Place,
  { start, end, etag, signal }: RangeRequest,
  timeoutMs: number,
): Promise<OpenedRange | undefined> {
  if (address.key === '') throw noObject(address)
  const count = end === Number.POSITIVE_INFINITY ? undefined : end - start
  return withDeadline(signal, timeoutMs, async (abortSignal) => {
    try {
      const answer = await reading.download(start, count, {
        abortSignal,
        maxRetryRequests: 0,
        ...(etag === undefined ? {} : { conditions: { ifMatch: `"${etag}"` } }),
      })
      const size = wholeSize(answer.contentRange, answer.contentLength, start)
      const body = answer.readableStreamBody
      if (size === undefined || body === undefined) throw rangesFault('azure')
      return { size, etag: etagOf(answer.etag), bytes: body as unknown as AsyncIterable<Uint8Array> }
    } catch (error) {
      // InvalidRange: `start` is behind the end, as byte 0 of an empty blob is.
      if (statusOf(error) === 416) return undefined
      throw error
    }
  })
}

async function headOf(at: Place, signal: AbortSignal): Promise<ObjectInfo> {
  const { address, blob } = at
  if (address.key !== '') {
    const info = await propertiesOf(at, signal)
    if (info) return info
  }
  const ask: AskPage = (...page) => pageOf(at, signal, ...page)
  if ((await isAnythingBelow(address, ask)) || address.key === '' || (await isFolder(blob, signal)))
    return folderInfo(address)
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
    return infoOf(address, {
      key: address.key,
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
