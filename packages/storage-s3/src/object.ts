import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { ObjectInfo, StoredObject } from '@omni/spec'
import {
  createStoredObject,
  folderInfo,
  infoOf,
  isAnythingBelow,
  type OpenedRange,
  type RangeRequest,
  rangeHeader,
  rangesFault,
  wholeSize,
} from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import type { Connection } from './client.ts'
import { faultOf, statusOf } from './errors.ts'
import { listBelow, pageOf } from './list.ts'
import { doingOf, type Place, type Session, versionOf } from './session.ts'

/** An object, or what lies below a key, to be read. */
export function storedObject(url: string, session: Session): StoredObject {
  const { options } = session
  return createStoredObject(
    {
      head: () => session.run(url, (at, on) => headOf(at, on, session)),
      list: () => listBelow(url, session),
      open: (request) =>
        session.run(url, (at, on) => openRange(at, on, request, versionOf(at.address, options))),
      faultOf: (error) => faultOf(error, doingOf(parseAddress(url), options)),
    },
    options,
  )
}

async function openRange(
  { address, base, ownKey }: Place,
  { sdk, reading }: Connection,
  { start, end, etag, signal }: RangeRequest,
  version: { readonly VersionId?: string },
): Promise<OpenedRange | undefined> {
  const input = {
    ...base,
    ...ownKey,
    ...version,
    Key: address.key,
    Range: rangeHeader({ start, end }),
    ...(etag === undefined ? {} : { IfMatch: etag }),
  }
  try {
    const answer = await reading.send(new sdk.GetObjectCommand(input), { abortSignal: signal })
    const size = sizeOf(answer, start)
    return { size, etag: answer.ETag ?? '', bytes: answer.Body as unknown as AsyncIterable<Uint8Array> }
  } catch (error) {
    // InvalidRange: `start` is behind the end, as byte 0 of an empty object is.
    if (statusOf(error) !== 416) throw error
    return undefined
  }
}

/** Bytes of the whole object; refuses an answer that begins elsewhere. */
function sizeOf({ ContentRange, ContentLength, Body }: GetObjectCommandOutput, start: number): number {
  const size = wholeSize(ContentRange, ContentLength, start)
  if (size !== undefined) return size
  ;(Body as unknown as { destroy?: () => void } | undefined)?.destroy?.()
  throw rangesFault('s3')
}

async function headOf(at: Place, on: Connection, session: Session): Promise<ObjectInfo> {
  const { address, base, ownKey } = at
  const { sdk, client } = on
  const signal = { abortSignal: session.ctx.signal }
  if (address.key !== '') {
    const input = { ...base, ...ownKey, ...versionOf(address, session.options), Key: address.key }
    try {
      const answer = await client.send(new sdk.HeadObjectCommand(input), signal)
      const size = answer.ContentLength ?? null
      const isMarker = address.key.endsWith('/') && size === 0
      if (!isMarker) {
        return infoOf(address, {
          key: address.key,
          size,
          etag: answer.ETag ?? '',
          modifiedMs: answer.LastModified?.getTime() ?? null,
        })
      }
    } catch (error) {
      // An answer to HEAD has no body, so that only GET says why it was refused.
      if (statusOf(error) !== 404) {
        await explain(on, input, signal)
        throw error
      }
    }
  }
  // Of a bucket without objects too, so that a missing one is found out.
  const isFolder = await isAnythingBelow(address, (...page) => pageOf(at, on, signal, ...page))
  if (isFolder || address.key === '') return folderInfo(address)
  throw faultOf({ name: 'NoSuchKey' }, { bucket: address.bucket, key: address.key })
}

async function explain(
  { sdk, client }: Connection,
  input: { readonly Bucket: string; readonly Key: string },
  signal: { readonly abortSignal: AbortSignal },
): Promise<void> {
  const answer = await client.send(new sdk.GetObjectCommand({ ...input, Range: 'bytes=0-0' }), signal)
  ;(answer.Body as unknown as { destroy?: () => void } | undefined)?.destroy?.()
}
