import { randomUUID } from 'node:crypto'
import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import { fault, type Upload } from '@omni/spec'
import { createPartUpload } from '@omni/spec/storage-kit'
import { parseAddress } from './address.ts'
import type { Connection } from './client.ts'
import { statusOf, wasRetried } from './errors.ts'
import type { S3Config } from './options.ts'
import type { Place, Session } from './session.ts'

type Extra = Pick<
  PutObjectCommandInput,
  'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass' | 'SSECustomerAlgorithm' | 'SSECustomerKey'
>

/** Encryption and storage class of what is written. */
export function writeOptions({ ownKey }: Pick<Place, 'ownKey'>, options: S3Config): Extra {
  const sse = options.sse ?? (options.kmsKeyId === undefined ? undefined : 'aws:kms')
  return {
    ...ownKey,
    ...(sse === undefined ? {} : { ServerSideEncryption: sse }),
    ...(options.kmsKeyId === undefined ? {} : { SSEKMSKeyId: options.kmsKeyId }),
    ...(options.storageClass === undefined
      ? {}
      : { StorageClass: options.storageClass as NonNullable<Extra['StorageClass']> }),
  }
}

/** Name of the metadata by which a write recognises its own object. */
const OWN = 'omni-write'

/** Writes an object whole, over what may be there. */
export function put(url: string, bytes: Uint8Array, session: Session, signal?: AbortSignal): Promise<void> {
  return session.run(url, async (at, { sdk, client }) => {
    const input = { ...at.base, ...writeOptions(at, session.options), Key: keyToWrite(at), Body: bytes }
    await client.send(new sdk.PutObjectCommand(input), { abortSignal: signal ?? session.ctx.signal })
  })
}

/** Attempts while somebody else is writing the same key at the same time. */
const CONFLICTS = 5

/** Writes an object whole if there is none; false where there is one. */
export function putIfAbsent(url: string, bytes: Uint8Array, session: Session): Promise<boolean> {
  return session.run(url, async (at, on) => {
    const nonce = randomUUID()
    const input = {
      ...at.base,
      ...writeOptions(at, session.options),
      Key: keyToWrite(at),
      Body: bytes,
      IfNoneMatch: '*',
      Metadata: { [OWN]: nonce },
    }
    for (let tries = 1; ; tries++) {
      try {
        await on.client.send(new on.sdk.PutObjectCommand(input), { abortSignal: session.ctx.signal })
        return true
      } catch (error) {
        // An earlier attempt whose answer was lost may have been this very write.
        if (statusOf(error) === 412)
          return (tries > 1 || wasRetried(error)) && (await isOwn(at, on, nonce, session))
        if (statusOf(error) !== 409 || tries >= CONFLICTS) throw error
      }
    }
  })
}

async function isOwn(
  at: Place,
  { sdk, client }: Connection,
  nonce: string,
  session: Session,
): Promise<boolean> {
  const input = { ...at.base, ...at.ownKey, Key: at.address.key }
  const answer = await client.send(new sdk.HeadObjectCommand(input), { abortSignal: session.ctx.signal })
  return answer.Metadata?.[OWN] === nonce
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PARTS = 10_000

/** Begins a large object; the multipart upload itself begins with its first part. */
export function upload(url: string, session: Session, signal: AbortSignal | undefined): Upload {
  const { options } = session
  const nonce = randomUUID()
  const etags: string[] = []
  let id: Promise<string> | undefined
  const begin = (abortSignal: AbortSignal): Promise<string> =>
    session.run(url, async (at, { sdk, client }) => {
      const input = {
        ...at.base,
        ...writeOptions(at, options),
        Key: keyToWrite(at),
        Metadata: { [OWN]: nonce },
        // The parts carry the SDK's default checksum; the whole is told by their list.
        ...(options.requestChecksumCalculation === 'WHEN_REQUIRED'
          ? {}
          : { ChecksumAlgorithm: 'CRC32' as const }),
      }
      const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(input), { abortSignal })
      return UploadId ?? ''
    })
  const checksums: (string | undefined)[] = []
  parseAddress(url)
  return createPartUpload(
    {
      whole: (bytes, abortSignal) => put(url, bytes, session, abortSignal),
      part: async (index, bytes, abortSignal) => {
        id ??= begin(abortSignal)
        const UploadId = await id
        await session.run(url, async (at, { sdk, client }) => {
          const input = {
            ...at.base,
            ...at.ownKey,
            Key: at.address.key,
            UploadId,
            PartNumber: index + 1,
            Body: bytes,
            ...(options.requestChecksumCalculation === 'WHEN_REQUIRED'
              ? {}
              : { ChecksumAlgorithm: 'CRC32' as const }),
          }
          const answer = await client.send(new sdk.UploadPartCommand(input), { abortSignal })
          etags[index] = answer.ETag ?? ''
          checksums[index] = answer.ChecksumCRC32
        })
      },
      finish: async (_parts, abortSignal) => {
        const UploadId = await id
        await session.run(url, async (at, on) => {
          const input = {
            ...at.base,
            ...at.ownKey,
            Key: at.address.key,
            UploadId,
            MultipartUpload: {
              Parts: etags.map((ETag, index) => ({
                ETag,
                PartNumber: index + 1,
                ...(checksums[index] === undefined ? {} : { ChecksumCRC32: checksums[index] }),
              })),
            },
          }
          try {
            await on.client.send(new on.sdk.CompleteMultipartUploadCommand(input), { abortSignal })
          } catch (error) {
            const { name } = error as { name?: string }
            // Completed by an attempt whose answer was lost.
            if (name !== 'NoSuchUpload' || !(await isOwn(at, on, nonce, session).catch(() => false)))
              throw error
          }
        })
      },
      discard: async () => {
        const UploadId = await id
        await session.run(url, async (at, { sdk, client }) => {
          await client.send(
            new sdk.AbortMultipartUploadCommand({ ...at.base, Key: at.address.key, UploadId }),
          )
        })
      },
    },
    {
      partBytes: options.partBytes,
      concurrency: options.concurrency,
      maxParts: MAX_PARTS,
      signal: signal ? AbortSignal.any([signal, session.ctx.signal]) : session.ctx.signal,
    },
  )
}

function keyToWrite({ address }: Place): string {
  if (address.key !== '' && address.versionId === undefined) return address.key
  throw fault({
    kind: 'config',
    code: 's3.key',
    why: 'The address to write to names no key, or one version of it.',
    fix: 'Write s3://bucket/key.',
  })
}
