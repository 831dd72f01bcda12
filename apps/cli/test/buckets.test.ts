// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these marks are what a person writes
import { randomUUID } from 'node:crypto'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { releaseAll } from '@omni/testkit'
import { serverFor } from '@omni/testkit/vitest'
import { afterAll, expect, it, type TestContext } from 'vitest'
import { createWorld, type Run } from './world.ts'

// A root in each of the other stores; S3 has a file of its own.
afterAll(() => releaseAll())

interface Bucket {
  readonly root: string
  readonly options: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

async function gcsBucket(ctx: TestContext): Promise<Bucket> {
  const server = await serverFor(ctx, 'gcs')
  const name = `omni-cli-${randomUUID()}`
  const made = await fetch(`${server.url}/storage/v1/b?project=test`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  expect(made.status).toBe(200)
  return {
    root: `gs://${name}/lake`,
    options: [`endpoint=${server.url}`, 'projectId=test', 'anonymous=true'],
    env: {},
  }
}

async function azureContainer(ctx: TestContext): Promise<Bucket> {
  const server = await serverFor(ctx, 'azure')
  const { username, password, origin, pathname } = new URL(server.url)
  const [account, key] = [decodeURIComponent(username), decodeURIComponent(password)]
  const endpoint = `${origin}${pathname}`
  const name = `omni-cli-${randomUUID()}`
  await new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, key)).createContainer(name)
  return {
    root: `az://${name}/lake`,
    options: [`endpoint=${endpoint}`, `account=${account}`, 'accountKey=${env:AZURE_KEY}'],
    env: { AZURE_KEY: key },
  }
}

for (const [scheme, makeBucket] of [
  ['gs://', gcsBucket],
  ['az://', azureContainer],
] as const) {
  it(`keeps a root in ${scheme}`, { timeout: 180_000 }, async (ctx) => {
    const world = createWorld()
    try {
      const { root, options, env } = await makeBucket(ctx)
      const flags = ['--root', root, ...options.flatMap((option) => ['--root-options', option])]
      const run = (...words: readonly string[]): Promise<Run> => world.run([...words, ...flags], { env })
      world.write('a.csv', 'id,email\n1,ada@example.com\n')
      const { stdout, stderr } = await run('file', 'a.csv', '--output', 'json')
      expect(stderr + stdout).toContain(`"snapshot": "${root}/data/raw/a/`)
      const local = JSON.parse((await world.run(['file', 'a.csv', '--output', 'json'])).stdout) as {
        digest: string
      }
      expect((JSON.parse(stdout) as { digest: string }).digest).toBe(local.digest)
      world.write('a.csv', 'id,email,more\n1,ada@example.com,x\n')
      expect((await run('file', 'a.csv')).exitCode).toBe(0)
      expect((await run('diff', 'a')).stdout).toContain('more')
      expect((await run('doctor')).stdout).toContain('put if absent, and copy, work')
      const verified = await run('verify')
      expect([verified.exitCode, verified.stdout]).toEqual([
        0,
        expect.stringContaining('2 snapshots and the log'),
      ])
    } finally {
      world.remove()
    }
  })
}
