import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { failureOf, openStore, startFaultProxy, storageContext } from '@omni/testkit'
import { describeStorage, serverFor } from '@omni/testkit/vitest'
import { describe, expect, it } from 'vitest'
import { copy } from '../src/copy.ts'
import { openSession } from '../src/session.ts'
import { s3 } from '../src/storage.ts'
import { bytesOf, gather, loginOf, makeBucket, settingsOf, worldOf } from './world.ts'

describeStorage('s3 on moto', async (ctx) => worldOf(await serverFor(ctx, 's3', ['quick'])))

describe('s3 on moto, what only S3 has', () => {
  it('assumes a role through STS, with the credentials given', async (ctx) => {
    const server = await serverFor(ctx, 's3', ['sts'])
    const login = loginOf(server)
    await using proxy = await startFaultProxy(login.endpoint)
    const bucket = await makeBucket(login)
    const store = openStore(s3, {
      ...login.options,
      stsEndpoint: proxy.url,
      roleArn: 'arn:aws:iam::123456789012:role/reader',
      externalId: 'omni',
      roleSessionName: 'test',
      durationSeconds: 900,
    })
    await store.put(`s3://${bucket}/a`, bytesOf(10))
    expect(await gather(store.object(`s3://${bucket}/a`).stream())).toEqual(bytesOf(10))
    expect(proxy.requests.map(({ method }) => method)).toEqual(['POST'])
  })

  it('assumes a role with a web identity', async (ctx) => {
    const server = await serverFor(ctx, 's3', ['sts'])
    const login = loginOf(server)
    await using proxy = await startFaultProxy(login.endpoint)
    const bucket = await makeBucket(login)
    const folder = mkdtempSync(join(tmpdir(), 'omni-token-'))
    writeFileSync(join(folder, 'token'), 'a-token')
    const { accessKeyId: _, secretAccessKey: __, ...rest } = login.options
    const store = openStore(s3, {
      ...rest,
      stsEndpoint: proxy.url,
      roleArn: 'arn:aws:iam::123456789012:role/reader',
      webIdentityTokenFile: join(folder, 'token'),
    })
    await store.put(`s3://${bucket}/a`, bytesOf(10))
    rmSync(folder, { recursive: true })
    expect(proxy.requests.length).toBe(1)
  })

  it('says that a role was refused, and by whom', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['sts']))
    await using proxy = await startFaultProxy(login.endpoint)
    proxy.decide = () => ({
      answer: {
        status: 403,
        headers: { 'content-type': 'text/xml' },
        body: '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User SECRETNAME is not authorized</Message></Error><RequestId>1</RequestId></ErrorResponse>',
      },
    })
    const store = openStore(s3, {
      ...login.options,
      stsEndpoint: proxy.url,
      roleArn: 'arn:aws:iam::123456789012:role/reader',
    })
    const error = await failureOf(store.object('s3://bucket/key').head())
    expect(error).toMatchObject({ kind: 'auth', code: 's3.role' })
    expect(error.message).toMatch(/AccessDenied.*the option accessKeyId, to assume the role.*externalId/)
    expect(error.message).not.toContain('SECRETNAME')
  })

  it('encrypts with a key of KMS, in one request and in parts', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['quick']))
    const bucket = await makeBucket(login)
    const kmsKeyId = 'arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000'
    const store = openStore(s3, {
      ...login.options,
      kmsKeyId,
      storageClass: 'STANDARD_IA',
      partBytes: 5 << 20,
    })
    await store.put(`s3://${bucket}/small`, bytesOf(10))
    const upload = store.upload(`s3://${bucket}/large`)
    await upload.write(bytesOf(6 << 20))
    await upload.finish()
    await store.copy(`s3://${bucket}/small`, `s3://${bucket}/copy`)
    const sdk = new S3Client(login.client)
    for (const Key of ['small', 'large', 'copy']) {
      const head = await sdk.send(new HeadObjectCommand({ Bucket: bucket, Key }))
      expect(head).toMatchObject({
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: kmsKeyId,
        StorageClass: 'STANDARD_IA',
      })
    }
  })

  it('copies what is too large for one request in parts, with its facts', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['quick']))
    const bucket = await makeBucket(login)
    const session = openSession(settingsOf(login.options), storageContext())
    const store = openStore(s3, login.options)
    const bytes = bytesOf(12_000_000)
    await store.putIfAbsent(`s3://${bucket}/a ?b`.replace('?', '%3F'), bytes)
    await copy(`s3://${bucket}/a %3Fb`, `s3://${bucket}/b`, session, { wholeBytes: 1, partBytes: 5 << 20 })
    expect(Buffer.compare(await gather(store.object(`s3://${bucket}/b`).stream()), bytes)).toBe(0)
    const sdk = new S3Client(login.client)
    const head = await sdk.send(new HeadObjectCommand({ Bucket: bucket, Key: 'b' }))
    expect(head.ETag).toMatch(/-3"$/)
    expect(head.Metadata).toHaveProperty('omni-write')
  })

  it('leaves no parts of an upload that was aborted or failed', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['quick']))
    const bucket = await makeBucket(login)
    const store = openStore(s3, { ...login.options, partBytes: 5 << 20 })
    const upload = store.upload(`s3://${bucket}/gone`)
    await upload.write(bytesOf(11 << 20))
    await upload.abort()
    const sdk = new S3Client(login.client)
    const { Uploads = [] } = await sdk.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    expect(Uploads).toEqual([])
  })

  it('reads the version that is named', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['versioning']))
    const bucket = await makeBucket(login)
    const sdk = new S3Client(login.client)
    await sdk.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )
    const store = openStore(s3, login.options)
    await store.put(`s3://${bucket}/v`, bytesOf(10))
    const { VersionId = '' } = await sdk.send(new GetObjectCommand({ Bucket: bucket, Key: 'v' }))
    await store.put(`s3://${bucket}/v`, bytesOf(20, 2))
    const old = store.object(`s3://${bucket}/v?versionId=${encodeURIComponent(VersionId)}`)
    expect(await gather(old.stream())).toEqual(bytesOf(10))
    expect((await old.head()).size).toBe(10)
    const byOption = openStore(s3, { ...login.options, versionId: VersionId })
    expect(await gather(byOption.object(`s3://${bucket}/v`).stream())).toEqual(bytesOf(10))
    expect((await store.notes?.(`s3://${bucket}/v`))?.join()).toContain('versioning is on')
    const none = openStore(s3, login.options).object(
      `s3://${bucket}/v?versionId=00000000-0000-4000-8000-000000000000`,
    )
    expect((await failureOf(none.head())).kind).toBe('missing')
  })

  it('says of a bucket that it locks objects and encrypts', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['objectLock']))
    const bucket = await makeBucket(login, { ObjectLockEnabledForBucket: true })
    const sdk = new S3Client(login.client)
    await sdk.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } },
        },
      }),
    )
    await sdk.send(
      new PutBucketEncryptionCommand({
        Bucket: bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
        },
      }),
    )
    const notes = (await openStore(s3, login.options).notes?.(`s3://${bucket}/key`))?.join('\n')
    expect(notes).toMatch(/object lock keeps every new object for 30 days \(governance\)/)
    expect(notes).toMatch(/key of KMS by default/)
  })

  it('keeps silent where the notes may not be asked', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['quick']))
    await using proxy = await startFaultProxy(login.endpoint)
    proxy.decide = () => ({ answer: { status: 403 } })
    expect(await openStore(s3, { ...login.options, endpoint: proxy.url }).notes?.('s3://bucket/key')).toEqual(
      [],
    )
  })

  it('says which region a bucket is in', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['quick']))
    await using proxy = await startFaultProxy(login.endpoint)
    // As Amazon answers; moto takes any region.
    const answers = [
      {
        status: 301,
        headers: { 'content-type': 'application/xml', 'x-amz-bucket-region': 'eu-west-3' },
        body: '<Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to access must be addressed using the specified endpoint.</Message><Endpoint>b.s3.eu-west-3.amazonaws.com</Endpoint></Error>',
      },
      {
        status: 400,
        headers: { 'content-type': 'application/xml' },
        body: "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-3'</Message><Region>eu-west-3</Region></Error>",
      },
    ]
    for (const answer of answers) {
      proxy.decide = () => ({ answer })
      const object = openStore(s3, { ...login.options, endpoint: proxy.url }).object('s3://b/key')
      for (const work of [() => object.head(), () => gather(object.stream()), () => gather(object.list())])
        expect(await failureOf(work())).toMatchObject({
          kind: 'config',
          code: 's3.region',
          fix: 'Set region to eu-west-3.',
        })
    }
  })

  it('tells codes of the store apart that it cannot be made to say', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['quick']))
    await using proxy = await startFaultProxy(login.endpoint)
    const table = {
      'KMS.DisabledException': [400, 'auth', 's3.kms'],
      'KMS.NotFoundException': [400, 'auth', 's3.kms'],
      AccessDenied: [403, 'auth', 's3.denied'],
      ExpiredToken: [400, 'auth', 's3.token'],
      InvalidObjectState: [403, 'unsupported', 's3.archived'],
      NotImplemented: [501, 'unsupported', 's3.not-implemented'],
      InternalError: [500, 'unavailable', 's3.unavailable'],
      RequestTimeTooSkewed: [403, 'auth', 's3.clock'],
      Surprise: [400, 'config', 's3.refused-request'],
    } as const
    for (const [name, [status, kind, code]] of Object.entries(table)) {
      const body = `<Error><Code>${name}</Code><Message>about PLANTED</Message></Error>`
      proxy.decide = () => ({ answer: { status, headers: { 'content-type': 'application/xml' }, body } })
      const store = openStore(s3, { ...login.options, endpoint: proxy.url, maxAttempts: 1 })
      for (const work of [
        () => store.object('s3://b/key').head(),
        () => store.put('s3://b/key', bytesOf(1)),
      ]) {
        const error = await failureOf(work())
        expect([name, error.kind, error.code]).toEqual([name, kind, code])
        expect(error.message).not.toContain('PLANTED')
      }
    }
    const denied =
      '<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/u is not authorized to perform: kms:Decrypt on resource x</Message></Error>'
    proxy.decide = () => ({
      answer: { status: 403, headers: { 'content-type': 'application/xml' }, body: denied },
    })
    const store = openStore(s3, { ...login.options, endpoint: proxy.url, maxAttempts: 1 })
    expect(await failureOf(gather(store.object('s3://b/key').stream()))).toMatchObject({
      kind: 'auth',
      code: 's3.kms',
    })
  })

  it('reads a public bucket without a signature, and pays where it is asked to', async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['quick']))
    const bucket = await makeBucket(login)
    await openStore(s3, login.options).put(`s3://${bucket}/public`, bytesOf(10))
    await using proxy = await startFaultProxy(login.endpoint)
    const { accessKeyId: _, secretAccessKey: __, ...rest } = login.options
    const store = openStore(s3, { ...rest, endpoint: proxy.url, anonymous: true, requesterPays: true })
    await gather(store.object(`s3://${bucket}/public`).stream()).catch(() => undefined)
    const [request] = proxy.requests
    expect(request?.headers.authorization).toBeUndefined()
    expect(request?.headers['x-amz-request-payer']).toBe('requester')
  })
})
