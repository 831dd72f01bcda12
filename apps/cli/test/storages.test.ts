import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWorld, installBucketStorage, type World } from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  installBucketStorage(world)
  world.write('buckets/b/in/users.csv', 'id,email\n1,ada@example.com\n')
})
afterEach(() => world.remove())

const folder = (): string => `folder=${world.folder}/buckets`

it('reads a URL of an installed storage with the source `file`', async () => {
  const url = 'bucket://b/in/users.csv'
  const { exitCode, stdout, stderr } = await world.run([
    url,
    '--storage-options',
    folder(),
    '--output',
    'json',
  ])
  expect(stderr + stdout).toContain('"kept": 1')
  expect(exitCode).toBe(0)
  const named = await world.run([
    'file',
    url,
    '--storage-options',
    folder(),
    '--storage-options',
    'delayMs=0',
  ])
  expect(named.stdout).toContain('unchanged')
})

it('says what is wrong with an option of the storage, and keeps its secrets', async () => {
  const words = ['bucket://b/in/users.csv', '--storage-options', folder(), '--storage-options']
  const wrong = await world.run([...words, 'region=x'])
  expect(wrong.exitCode).toBe(2)
  expect(wrong.stderr).toContain('storageOptions.region: is not known')
  // A number by its looks, text by the schema.
  const secret = await world.run([...words, 'secretKey=48151623'])
  expect(secret.exitCode).toBe(0)
  expect(secret.stderr).toContain('`storageOptions.secretKey` was given on the command line')
  const written = world.everything('data') + world.everything('logs')
  expect(written).toContain('flat:users.csv')
  expect(written).not.toContain('48151623')
})

it('names the install command of a storage that is missing', async () => {
  world.write('pnpm-lock.yaml', '')
  for (const words of [['s3://b/x.csv'], ['file', 's3://b/x.csv'], ['ls', '--root', 's3://b/x']]) {
    const { exitCode, stderr } = await world.run(words)
    expect(stderr).toContain('pnpm add @omni/storage-s3')
    expect(exitCode).toBe(2)
  }
  expect((await world.run(['ls', '--root', 'nope://b/x'])).stderr).toContain('nope: addresses')
})

it('lists storages beside the sources, with their options', async () => {
  const list = await world.run(['sources', '--output', 'json'])
  expect(JSON.parse(list.stdout)).toMatchObject([
    { kind: 'source', name: 'file' },
    { kind: 'storage', name: 'bucket', package: 'omni-storage-bucket' },
  ])
  const { stdout } = await world.run(['sources', 'bucket'])
  expect(stdout).toContain('schemes  bucket: tub:')
  expect(stdout).toContain('delayMs=<n>')
  expect(stdout).toMatch(/secretKey=<text>.*secret/)
})

it('loads no storage for what names none', async () => {
  world.write('node_modules/omni-storage-bucket/index.js', 'throw new Error("loaded")')
  world.write('a.csv', 'id\n1\n')
  expect((await world.run(['file', 'a.csv'])).exitCode).toBe(0)
  expect((await world.run(['sources'])).stdout).toContain('bucket (storage)')
  expect((await world.run(['bucket://b/x.csv'])).stderr).toContain(
    'omni-storage-bucket 1.0.0 cannot be imported',
  )
})
