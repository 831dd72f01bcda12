import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { fault, type ObjectInfo, type RangeRequest, readRanges, type StoredObject } from '@omni/spec'
import { type Address, nameOf, parseAddress, urlOf } from './address.ts'
import type { Connection } from './client.ts'
import { faultOf, statusOf } from './errors.ts'
import { infoOf, isAnythingBelow, listBelow } from './list.ts'
import { doingOf, type Place, type Session, versionOf } from './session.ts'

/** An object, or what lies below a key, to be read. */
export function storedObject(url: string, session: Session): StoredObject {
  const { options } = session
  const open = (request: RangeRequest): ReturnType<typeof openRange> =>
    session.run(url, (at, on) => openRange(at, on, request, versionOf(at.address, options)))
  const reader = {
    open,
    rangeBytes: options.rangeBytes,
    faultOf: (error: unknown) => faultOf(error, doingOf(parseAddress(url), options)),
    concurrency: options.concurrency,
    attempts: options.maxAttempts + 2,
    stallMs: options.timeoutMs,
  }
  return {
    head: () => session.run(url, (at, on) => headOf(at, on, session)),
    stream: (range = {}) => readRanges(range, reader),
    async read(range) {
      const pieces: Uint8Array[] = []
      for await (const piece of readRanges(range, reader)) pieces.push(piece)
      return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
    },
    list: () => listBelow(url, session),
  }
}

async function openRange(
  { address, base, ownKey }: Place,
  { sdk, reading }: Connection,
  { start, end, etag, signal }: RangeRequest,
  version: { readonly VersionId?: string },
): Promise<{ size: number; etag: string; bytes: AsyncIterable<Uint8Array> } | undefined> {
  const input = {
    ...base,
    ...ownKey,
    ...version,
    Key: address.key,
    Range: `bytes=${start}-${end === Number.POSITIVE_INFINITY ? '' : end - 1}`,
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

/** Bytes of the whole object; refuses an answer that begins elsewhere. https://www.rfc-editor.org/rfc/rfc9110#field.content-range */
function sizeOf({ ContentRange, ContentLength, Body }: GetObjectCommandOutput, start: number): number {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(ContentRange ?? '')
  if (match && Number(match[1]) === start) return Number(match[2])
  if (!match && start === 0 && ContentLength !== undefined) return ContentLength
  ;(Body as unknown as { destroy?: () => void } | undefined)?.destroy?.()
  throw fault({
    kind: 'unsupported',
    code: 's3.ranges',
    why: 'The store does not answer with the range of bytes that it was asked for.',
    fix: 'Use a store, or a way to it, that supports range requests.',
  })
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
        return infoOf(address, address.key, {
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
  if (await isAnythingBelow(at, on, signal)) return folderOf(address)
  if (address.key === '') return folderOf(address)
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

function folderOf(address: Address): ObjectInfo {
  return {
    url: urlOf(address, address.key),
    name: nameOf(address),
    size: null,
    etag: '',
    modifiedMs: null,
    isFolder: true,
  }
}
