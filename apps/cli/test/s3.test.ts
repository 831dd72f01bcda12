import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { acquire, releaseAll } from '@omni/testkit'
import { serverFor } from '@omni/testkit/vitest'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type TestContext } from 'vitest'
import { createWorld, type Run, type World } from './world.ts'

// A real server that speaks S3, through the vendor's SDK on both sides.
const server = await acquire('s3', { needs: ['versioning'] })
const why = 'why' in server ? server.why : undefined
const login = new URL('url' in server ? server.url : 'http://none:none@none')
const credentials = {
  accessKeyId: decodeURIComponent(login.username),
  secretAccessKey: decodeURIComponent(login.password),
}
const env = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: 'us-east-1',
}
const Bucket = `omni-cli-${randomUUID()}`
const sdk = new S3Client({ endpoint: login.origin, region: 'us-east-1', forcePathStyle: true, credentials })

interface Result {
  readonly snapshot: string
  readonly digest: string
  readonly unchanged: boolean
  readonly rows: { readonly kept: number }
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[]
}

let world: World
beforeAll(async () => {
  if (why !== undefined) return
  await sdk.send(new CreateBucketCommand({ Bucket }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await sdk.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
})
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.remove())
afterAll(async () => {
  sdk.destroy()
  await releaseAll()
})

/** Skips, or fails where the server is required. */
const needServer = async (ctx: TestContext): Promise<void> => {
  await serverFor(ctx, 's3', ['versioning'])
}
const run = (root: string, ...words: readonly string[]): Promise<Run> =>
  world.run([...words, '--root', root, '--root-options', `endpoint=${login.origin}`], { env })
const json = async <Value>(root: string, ...words: readonly string[]): Promise<Value> => {
  const { exitCode, stdout, stderr } = await run(root, ...words, '--output', 'json')
  expect([exitCode, stderr.match(/"error".*/)?.[0]]).toEqual([0, undefined])
  return JSON.parse(stdout) as Value
}

async function keysBelow(prefix: string): Promise<string[]> {
  const { Contents = [] } = await sdk.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }))
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length)).sort()
}

it('keeps a root in S3: same digest and same bytes as in a folder', { timeout: 120_000 }, async (ctx) => {
  await needServer(ctx)
  const root = `s3://${Bucket}/lake`
  const noise = (i: number): string => createHash('sha512').update(String(i)).digest('base64')
  const lines = Array.from({ length: 120_000 }, (_, i) => `${i},user${i}@example.com,${noise(i)}`)
  world.write('users.csv', `id,email,noise\n${lines.join('\n')}\n`)
  const there = await json<Result>(root, 'file', 'users.csv')
  const here = JSON.parse((await world.run(['file', 'users.csv', '--output', 'json'])).stdout) as Result
  expect(there.rows.kept).toBe(120_000)
  expect(there.digest).toBe(here.digest)
  expect(there.files).toEqual(here.files)
  for (const file of there.files) {
    const Key = `${there.snapshot.slice(`s3://${Bucket}/`.length)}/${file.path}`
    const { Body } = await sdk.send(new GetObjectCommand({ Bucket, Key }))
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? [])
    expect(bytes.equals(readFileSync(join(world.folder, here.snapshot, file.path)))).toBe(true)
  }
  const again = await run(root, 'file', 'users.csv')
  expect(again.stderr).toContain('versioning is on')
  expect(again.stdout).toContain('unchanged')
  world.write('users.csv', `id,email,noise,more\n${lines.slice(0, 9).join(',x\n')},x\n`)
  expect((await json<Result>(root, 'file', 'users.csv')).unchanged).toBe(false)
  expect((await json<unknown[]>(root, 'ls')).length).toBe(2)
  const shown = (await run(root, 'show', 'users')).stdout
  expect(shown).toContain(`${root}/data/raw/users/`)
  expect(shown).toContain('versioning is on')
  expect((await run(root, 'diff', 'users')).stdout).toContain('more')
  expect((await json<unknown[]>(root, 'state', 'users')).length).toBe(1)
  expect((await run(root, 'doctor')).stdout).toContain('put if absent, and copy, work')
  const verified = await run(root, 'verify')
  expect([verified.exitCode, verified.stdout]).toEqual([
    0,
    expect.stringContaining('2 snapshots and the log'),
  ])
  const left = (await keysBelow('lake/')).filter((key) => /staging|\.lock|probe/.test(key))
  expect(left).toEqual([])
  const bytes = there.files.reduce((sum, file) => sum + file.bytes, 0)
  // More than is held here: it went up in parts, and was copied.
  expect(bytes).toBeGreaterThan(6 << 20)
  console.log(`s3 root: ${there.files.length} part(s), ${bytes} bytes, the same as in a folder`)
})

it('reads an object and writes to another bucket folder in one call', { timeout: 60_000 }, async (ctx) => {
  await needServer(ctx)
  await sdk.send(new PutObjectCommand({ Bucket, Key: 'inbox/a.csv', Body: 'id,email\n1,ada@example.com\n' }))
  const words = [`s3://${Bucket}/inbox/a.csv`, '--storage-options', `endpoint=${login.origin}`]
  const result = await json<Result>(`s3://${Bucket}/second`, ...words)
  expect(result.rows.kept).toBe(1)
  expect((await run(`s3://${Bucket}/second`, 'verify')).exitCode).toBe(0)
})

it('names a part in S3 that was changed', { timeout: 60_000 }, async (ctx) => {
  await needServer(ctx)
  const root = `s3://${Bucket}/third`
  world.write('a.csv', 'id\n1\n2\n')
  const { snapshot } = await json<Result>(root, 'file', 'a.csv')
  const Key = `${snapshot.slice(`s3://${Bucket}/`.length)}/part-00000.parquet`
  await sdk.send(new PutObjectCommand({ Bucket, Key, Body: 'PAR1' }))
  const { exitCode, stdout } = await run(root, 'verify')
  expect(exitCode).toBe(2)
  expect(stdout).toContain('part-00000.parquet')
})

it('loses nothing when it is killed at random moments', { timeout: 240_000 }, async (ctx) => {
  await needServer(ctx)
  const root = `s3://${Bucket}/killed`
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i},user${i}@example.com`)
  let killed = 0
  for (let round = 1; round <= 6; round++) {
    world.write('a.csv', `id,email\n${rows.slice(0, round * 10_000).join('\n')}\n`)
    const words = ['file', 'a.csv', '--root', root, '--root-options', `endpoint=${login.origin}`]
    const interrupt = new Promise((resolve) => setTimeout(resolve, 600 + round * 250))
    const { exitCode } = await world.run(words, { env, interrupt, signal: 'SIGKILL' })
    if (exitCode === null) killed++
    expect((await run(root, 'file', 'a.csv')).exitCode).toBe(0)
    expect((await run(root, 'verify')).exitCode).toBe(0)
  }
  const left = (await keysBelow('killed/')).filter((key) => /staging|\.lock/.test(key))
  expect(left).toEqual([])
  console.log(`s3 root: killed ${killed} of 6 runs, each put right by the next`)
})

it('says what is wrong with a bucket that is not there', { timeout: 60_000 }, async (ctx) => {
  await needServer(ctx)
  world.write('a.csv', 'id\n1\n')
  const root = `s3://omni-none-${randomUUID()}/x`
  for (const words of [['file', 'a.csv'], ['ls'], ['doctor']]) {
    const { exitCode, stderr, stdout } = await run(root, ...words)
    expect([exitCode, stderr + stdout]).toEqual([2, expect.stringContaining('no bucket of that name')])
  }
})
