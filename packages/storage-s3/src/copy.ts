import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import { fault } from '@omni/spec'
import { type Address, parseAddress } from './address.ts'
import type { Connection } from './client.ts'
import { type Session, versionOf } from './session.ts'
import { writeOptions } from './write.ts'

/** Largest object that one request copies, and the parts of a larger one. */
export interface CopySizes {
  readonly wholeBytes: number
  readonly partBytes: number
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: 5 GiB in one request, 10,000 parts. */
export const COPY_SIZES: CopySizes = { wholeBytes: 5 * 2 ** 30, partBytes: 512 * 2 ** 20 }

/** Copies inside the store, whatever the size; an object that is replaced meanwhile is noticed. */
export function copy(
  from: string,
  to: string,
  session: Session,
  sizes: CopySizes = COPY_SIZES,
): Promise<void> {
  const source = parseAddress(from)
  return session.run(to, async (at, on) => {
    if (at.address.key === '') {
      throw fault({
        kind: 'config',
        code: 's3.key',
        why: 'The address to copy to names no key.',
        fix: 'Write s3://bucket/key.',
      })
    }
    const head = await session.run(source, (place, { sdk, client }) => {
      const input = {
        ...place.base,
        ...place.ownKey,
        ...versionOf(source, session.options),
        Key: source.key,
      }
      return client.send(new sdk.HeadObjectCommand(input), { abortSignal: session.ctx.signal })
    })
    const request = {
      ...at.base,
      Key: at.address.key,
      CopySource: copySource(source, versionOf(source, session.options)),
      ...(head.ETag === undefined ? {} : { CopySourceIfMatch: head.ETag }),
      ...(at.ownKey.SSECustomerKey === undefined
        ? {}
        : {
            CopySourceSSECustomerAlgorithm: 'AES256',
            CopySourceSSECustomerKey: at.ownKey.SSECustomerKey,
          }),
    }
    const extra = writeOptions(at, session.options)
    if ((head.ContentLength ?? 0) <= sizes.wholeBytes) {
      const input = { ...request, ...extra }
      await on.client.send(new on.sdk.CopyObjectCommand(input), { abortSignal: session.ctx.signal })
    } else {
      await copyParts(on, head, request, { ...extra, ...at.ownKey }, at.ownKey, sizes.partBytes, session)
    }
  })
}

type CopyRequest = { readonly Bucket: string; readonly Key: string; readonly CopySource: string }

async function copyParts(
  { sdk, client }: Connection,
  head: HeadObjectCommandOutput,
  request: CopyRequest,
  extra: ReturnType<typeof writeOptions>,
  ownKey: { readonly SSECustomerAlgorithm?: string; readonly SSECustomerKey?: string },
  partBytes: number,
  { options, ctx }: Session,
): Promise<void> {
  const { Bucket, Key } = request
  const abort = { abortSignal: ctx.signal }
  const payer = options.requesterPays ? ({ RequestPayer: 'requester' } as const) : {}
  const begin = { ...payer, ...extra, Bucket, Key, ...factsOf(head) }
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(begin), abort)
  const size = head.ContentLength ?? 0
  const count = Math.ceil(size / partBytes)
  const etags: string[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let part = next++; part < count; part = next++) {
      const range = `bytes=${part * partBytes}-${Math.min(size, (part + 1) * partBytes) - 1}`
      const input = { ...request, ...ownKey, UploadId, PartNumber: part + 1, CopySourceRange: range }
      const answer = await client.send(new sdk.UploadPartCopyCommand(input), abort)
      etags[part] = answer.CopyPartResult?.ETag ?? ''
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: options.concurrency }, work))
  const failed = workers.find((worker) => worker.status === 'rejected')
  try {
    if (failed) throw failed.reason
    const Parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }))
    const input = { ...payer, ...ownKey, Bucket, Key, UploadId, MultipartUpload: { Parts } }
    await client.send(new sdk.CompleteMultipartUploadCommand(input), abort)
  } catch (error) {
    const input = { ...payer, Bucket, Key, UploadId }
    await client.send(new sdk.AbortMultipartUploadCommand(input)).catch(() => undefined)
    throw error
  }
}

/** What CopyObject takes along by itself, and a multipart copy does not. */
function factsOf(
  head: HeadObjectCommandOutput,
): Partial<HeadObjectCommandOutput> & { Metadata?: Record<string, string> } {
  const { ContentType, ContentEncoding, ContentDisposition, ContentLanguage, CacheControl, Metadata } = head
  return {
    ...(ContentType === undefined ? {} : { ContentType }),
    ...(ContentEncoding === undefined ? {} : { ContentEncoding }),
    ...(ContentDisposition === undefined ? {} : { ContentDisposition }),
    ...(ContentLanguage === undefined ? {} : { ContentLanguage }),
    ...(CacheControl === undefined ? {} : { CacheControl }),
    ...(Metadata === undefined ? {} : { Metadata }),
  }
}

/** A header, so that everything but the slashes of the key is percent-coded. */
function copySource({ bucket, key }: Address, { VersionId }: { readonly VersionId?: string }): string {
  const path = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
  return VersionId === undefined ? path : `${path}?versionId=${encodeURIComponent(VersionId)}`
}
