import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { OmniCollector, type Snapshot } from '@omni/core'
import { file } from '@omni/source-file'
import type { Fault } from '@omni/spec'
import { s3 } from '@omni/storage-s3'
import { acquire, type FaultProxy, releaseAll, startFaultProxy } from '@omni/testkit'
import { serverFor } from '@omni/testkit/vitest'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest'

// Folders, large files and broken connections of a real S3 server, through the vendor's SDK and a proxy that can break.
const server = await acquire('s3')
const why = 'why' in server ? server.why : undefined
const login = new URL('url' in server ? server.url : 'http://none:none@none')
const credentials = {
  accessKeyId: decodeURIComponent(login.username),
  secretAccessKey: decodeURIComponent(login.password),
}
const Bucket = `omni-files-${randomUUID()}`
const sdk = new S3Client({
  endpoint: login.origin,
  region: 'us-east-1',
  forcePathStyle: true,
  // The SDK writes into what it is given.
  credentials: { ...credentials },
})
/** Objects of the folder: all ten thousand only where `OMNI_TEST_LARGE=1`. */
const MANY = process.env['OMNI_TEST_LARGE'] === '1' ? 10_000 : 1_000

let root = ''
let proxy: FaultProxy
beforeAll(async () => {
  if (why !== undefined) return
  await sdk.send(new CreateBucketCommand({ Bucket }))
  proxy = await startFaultProxy(login.origin)
})
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omni-s3-'))
})
afterEach(async () => {
  if (why === undefined) proxy.decide = null
  await rm(root, { recursive: true, force: true })
})
afterAll(async () => {
  if (why === undefined) await proxy[Symbol.asyncDispose]()
  sdk.destroy()
  await releaseAll()
})

/** Skips, or fails where the server is required. */
const needServer = async (ctx: TestContext): Promise<void> => {
  await serverFor(ctx, 's3')
}
const put = (Key: string, Body: string | Buffer): Promise<unknown> =>
  sdk.send(new PutObjectCommand({ Bucket, Key, Body }))
const collect = (path: string, more: Readonly<Record<string, unknown>> = {}): Promise<Snapshot> =>
  new OmniCollector({ root, storages: [s3] }).collect(
    file({
      path: `s3://${Bucket}/${path}`,
      storageOptions: { endpoint: proxy.url, region: 'us-east-1', ...credentials, ...more },
    }),
    { dataset: 'd' },
  )
const csv = (rows: number): Buffer =>
  Buffer.from(
    `id,text\n${Array.from({ length: rows }, (_, i) => `${i},text ${(i * 7919) % 1000}`).join('\n')}\n`,
  )

describe('files in S3', () => {
  it('many small ones are one stream, and only new ones are read the next time', {
    timeout: 300_000,
  }, async (ctx) => {
    await needServer(ctx)
    const name = (i: number): string => `many/dt=2025-05-${String(1 + (i % 30)).padStart(2, '0')}/${i}.csv`
    let next = 0
    const lane = async (): Promise<void> => {
      for (let i = next++; i < MANY; i = next++) await put(name(i), `id\n${i}\n`)
    }
    await Promise.all(Array.from({ length: 16 }, lane))
    const started = performance.now()
    const snapshot = await collect('many/')
    const seconds = (performance.now() - started) / 1000
    console.log(`s3: ${MANY} small objects collected in ${seconds.toFixed(1)} s`)
    expect(snapshot.rows).toBe(MANY)
    expect(snapshot.manifest.position).toHaveLength(MANY)
    expect(snapshot.manifest.streams[0]?.schema.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'int64'],
      ['dt', 'date'],
    ])
    await put('many/dt=2025-06-01/new.csv', 'id\n-1\n')
    const requests = proxy.requests.length
    const more = await collect('many/')
    expect(await more.rowsAsObjects()).toMatchObject([{ id: -1n, dt: '2025-06-01' }])
    // Files that are known are not asked for again.
    expect(proxy.requests.length - requests).toBeLessThan(20 + MANY / 500)
    expect((await collect('many/')).unchanged).toBe(true)
    expect((await collect('many/dt=2025-05-0[12]/*.csv')).rows).toBeGreaterThan(1)
  })

  it('a server that goes away and comes back in mid-read loses no row', { timeout: 120_000 }, async (ctx) => {
    await needServer(ctx)
    const body = csv(1_500_000)
    await put('large/a.csv', body)
    let gets = 0
    let wasDown = false
    proxy.decide = ({ method }) => {
      if (method !== 'GET') return undefined
      gets++
      if (gets === 6 && !wasDown) {
        wasDown = true
        void proxy.down().then(() => setTimeout(() => void proxy.up(), 1500))
      }
      return gets % 3 === 1 && gets > 3 ? { cutAfter: 300_000 } : undefined
    }
    const snapshot = await collect('large/a.csv', { rangeBytes: 1 << 20 })
    expect(wasDown).toBe(true)
    expect(snapshot.rows).toBe(1_500_000)
    expect((await snapshot.rowsAsObjects({ limit: 3 })).map(({ id }) => id)).toEqual([0n, 1n, 2n])
  })

  it('an object that is replaced in mid-read is read again, as the new one', {
    timeout: 120_000,
  }, async (ctx) => {
    await needServer(ctx)
    await put('moving.csv', csv(600_000))
    let isReplaced = false
    let gets = 0
    proxy.decide = ({ method }) => {
      if (method === 'GET' && ++gets === 5 && !isReplaced) {
        isReplaced = true
        void put('moving.csv', csv(700_000))
        return { delayMs: 1500 }
      }
      return undefined
    }
    const snapshot = await collect('moving.csv', { rangeBytes: 1 << 20, concurrency: 1 })
    expect(isReplaced).toBe(true)
    expect(snapshot.rows).toBe(700_000)
  })

  it('no such object is a clear fault', async (ctx) => {
    await needServer(ctx)
    const error = (await collect('nothing.csv').catch((reason: unknown) => reason)) as Fault
    expect([error.kind, error.message]).toEqual(['missing', expect.stringContaining('nothing.csv')])
  })
})
