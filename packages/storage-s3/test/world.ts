import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { validate } from '@omni/spec'
import type { Server, StorageWorld } from '@omni/testkit'
import type { S3Config } from '../src/options.ts'
import { s3 } from '../src/storage.ts'

/** Logins and address of a server as the options and the SDK take them. */
export interface Login {
  readonly endpoint: string
  readonly options: {
    readonly endpoint: string
    readonly region: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
  readonly client: S3ClientConfig
}

export function loginOf(server: Server): Login {
  const { username, password, origin } = new URL(server.url)
  const [accessKeyId, secretAccessKey] = [decodeURIComponent(username), decodeURIComponent(password)]
  const region = 'us-east-1'
  return {
    endpoint: origin,
    options: { endpoint: origin, region, accessKeyId, secretAccessKey },
    client: { endpoint: origin, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } },
  }
}

/** A new bucket, made by the SDK itself. */
export async function makeBucket(
  { client }: Login,
  more: { readonly ObjectLockEnabledForBucket?: boolean } = {},
): Promise<string> {
  const Bucket = `omni-${randomUUID()}`
  const sdk = new S3Client(client)
  await sdk.send(new CreateBucketCommand({ Bucket, ...more }))
  sdk.destroy()
  return Bucket
}

/** The storage's options, checked. */
export function settingsOf(input: Readonly<Record<string, unknown>>): S3Config {
  return validate(s3.options, input, 's3.options', 'Options')
}

export async function gather(items: AsyncIterable<unknown>): Promise<Buffer> {
  const all: unknown[] = []
  for await (const item of items) all.push(item)
  return Buffer.concat(all.filter((item) => item instanceof Uint8Array))
}

export function bytesOf(size: number, seed = 1): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >>> 8) + seed * 101) & 255))
}

/** A world in a bucket of its own. */
export async function worldOf(server: Server): Promise<StorageWorld> {
  const login = loginOf(server)
  const bucket = await makeBucket(login)
  const { options } = login
  const root = `s3://${bucket}/check/`
  const secret = options.secretAccessKey
  const strict = server.has.includes('sigv4')
  const { strangerKey = '', strangerSecret = '' } = server.more ?? {}
  return {
    storage: s3 as unknown as StorageWorld['storage'],
    options,
    root,
    wire: { endpoint: login.endpoint, through: (endpoint) => ({ ...options, endpoint, maxAttempts: 4 }) },
    heavy: strict,
    ...(server.process && { process: server.process }),
    broken: [
      {
        title: 'a missing bucket',
        url: `s3://omni-${randomUUID()}/key`,
        kind: 'missing',
        code: 's3.bucket',
        by: ['read', 'list', 'put'],
      },
      { title: 'a missing bucket', url: `s3://omni-${randomUUID()}/key`, kind: 'missing', by: ['head'] },
      ...(strict
        ? ([
            {
              title: 'a wrong secret',
              options: { ...options, secretAccessKey: 'WRONGSECRETWRONGSECRET' },
              url: `${root}key`,
              kind: 'auth',
              code: 's3.signature',
              secrets: ['WRONGSECRETWRONGSECRET', secret],
            },
            {
              title: 'an unknown access key',
              options: { ...options, accessKeyId: 'NOBODY' },
              url: `${root}key`,
              kind: 'auth',
              code: 's3.access-key',
              secrets: [secret],
            },
            {
              title: 'a login without rights',
              options: { ...options, accessKeyId: strangerKey, secretAccessKey: strangerSecret },
              url: `${root}key`,
              kind: 'auth',
              code: 's3.denied',
              secrets: [strangerSecret],
            },
          ] as const)
        : []),
    ],
  }
}
