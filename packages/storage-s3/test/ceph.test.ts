import { failureOf, openStore } from '@omni/testkit'
import { describeStorage, serverFor } from '@omni/testkit/vitest'
import { describe, expect, it } from 'vitest'
import { s3 } from '../src/storage.ts'
import { bytesOf, gather, loginOf, makeBucket, worldOf } from './world.ts'

describeStorage('s3 on Ceph', async (ctx) => worldOf(await serverFor(ctx, 's3', ['sigv4'])), {
  timeoutMs: 90_000,
})

describe('s3 on Ceph, keys', () => {
  it('reads with the customer key that it wrote with, and with no other', {
    timeout: 90_000,
  }, async (ctx) => {
    const login = loginOf(await serverFor(ctx, 's3', ['sigv4']))
    const bucket = await makeBucket(login)
    const keyOf = (seed: number): string => Buffer.from(bytesOf(32, seed)).toString('base64')
    const own = openStore(s3, {
      ...login.options,
      sseCustomerKey: keyOf(1),
      partBytes: 5 << 20,
      rangeBytes: 1 << 20,
    })
    const bytes = bytesOf((6 << 20) + 3)
    const upload = own.upload(`s3://${bucket}/own`)
    await upload.write(bytes)
    await upload.finish()
    await own.put(`s3://${bucket}/small`, bytesOf(100))
    expect(Buffer.compare(await gather(own.object(`s3://${bucket}/own`).stream()), bytes)).toBe(0)
    expect((await own.object(`s3://${bucket}/own`).head()).size).toBe(bytes.length)
    for (const options of [{ ...login.options, sseCustomerKey: keyOf(2) }, login.options]) {
      for (const name of ['own', 'small']) {
        const object = openStore(s3, options).object(`s3://${bucket}/${name}`)
        for (const work of [() => object.head(), () => gather(object.stream())]) {
          const error = await failureOf(work())
          expect([name, error.kind, error.code]).toEqual([name, 'auth', 's3.customer-key'])
          expect(error.message).not.toContain(keyOf(2))
        }
      }
    }
  })

  it('writes with a key of KMS, and says when there is none', { timeout: 90_000 }, async (ctx) => {
    const server = await serverFor(ctx, 's3', ['sigv4', 'sse-kms'])
    const login = loginOf(server)
    const bucket = await makeBucket(login)
    const kmsKeyId = server.more?.['kmsKey'] ?? ''
    const store = openStore(s3, { ...login.options, sse: 'aws:kms', kmsKeyId })
    await store.put(`s3://${bucket}/a`, bytesOf(100))
    expect(await gather(store.object(`s3://${bucket}/a`).stream())).toEqual(bytesOf(100))
    const other = openStore(s3, { ...login.options, sse: 'aws:kms', kmsKeyId: 'nobodys' })
    for (const work of [
      () => other.put(`s3://${bucket}/b`, bytesOf(1)),
      () => other.putIfAbsent(`s3://${bucket}/b`, bytesOf(1)),
    ])
      expect(await failureOf(work())).toMatchObject({ kind: 'auth', code: 's3.kms' })
  })
})
