import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWorld, installBucketStorage, type Run, type World } from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  installBucketStorage(world)
  world.write('users.csv', 'id,email\n1,ada@example.com\n2,bob@example.com\n')
})
afterEach(() => world.remove())

const ROOT = 'bucket://lake/omni'
const run = (...words: readonly string[]): Promise<Run> =>
  world.run([...words, '--root', ROOT, '--root-options', `folder=${world.folder}/buckets`])
const json = async <Value>(...words: readonly string[]): Promise<Value> => {
  const { stdout, stderr, exitCode } = await run(...words, '--output', 'json')
  expect([exitCode, stderr]).toEqual([0, expect.any(String)])
  return JSON.parse(stdout) as Value
}

it('collects, lists, shows, compares and verifies in a bucket as in a folder', async () => {
  type Result = {
    snapshot: string
    digest: string
    unchanged: boolean
    files: { path: string; sha256: string }[]
  }
  const first = await json<Result>('file', 'users.csv')
  expect(first.snapshot).toMatch(/^bucket:\/\/lake\/omni\/data\/raw\/users\/[^/]+$/)
  const local = await world.run(['file', 'users.csv', '--output', 'json'])
  const here = JSON.parse(local.stdout) as Result
  expect(first.digest).toBe(here.digest)
  expect(first.files).toEqual(here.files)
  expect(
    existsSync(
      join(world.folder, 'buckets/lake/omni/data/raw/users', first.snapshot.split('/').at(-1) ?? ''),
    ),
  ).toBe(true)
  expect((await json<Result>('file', 'users.csv')).unchanged).toBe(true)

  world.write('users.csv', 'id,email,age\n1,ada@example.com,36\n')
  const second = await run('file', 'users.csv')
  expect(second.stderr).toContain('the bucket has no versioning')
  expect(second.stdout).toContain(`omni-collect show users --root ${ROOT}`)

  expect((await json<unknown[]>('ls')).length).toBe(2)
  expect((await run('ls')).stdout).toMatch(/users .*flat:users\.csv/)
  const shown = (await run('show', 'users')).stdout
  expect(shown).toContain(`folder    ${ROOT}/data/raw/users/`)
  expect(shown).toContain('store     the bucket has no versioning')
  expect((await run('show', first.snapshot)).stdout).toContain(first.digest)
  expect((await run('diff', 'users')).stdout).toContain('age')
  expect((await json<unknown[]>('state', 'users')).length).toBe(1)
  expect((await run('plan', 'file', 'users.csv')).stdout).toContain(`into ${ROOT}/data/raw/users`)
  expect((await run('quarantine', 'users')).stdout).toContain('Nothing is in quarantine')
  expect((await run('preview', 'file', 'users.csv')).exitCode).toBe(0)
  expect((await run('doctor')).stdout).toContain('put if absent, and copy, work')
  const verified = await run('verify')
  expect([verified.exitCode, verified.stdout]).toEqual([
    0,
    expect.stringContaining('2 snapshots and the log'),
  ])

  const records = readdirSync(join(world.folder, 'buckets/lake/omni/logs/ingest')).sort()
  expect(records).toEqual(['000000000001.json', '000000000002.json', '000000000003.json'])
  const record = join(world.folder, 'buckets/lake/omni/logs/ingest/000000000002.json')
  writeFileSync(record, readFileSync(record, 'utf8').replace(/"read":\d+/, '"read":9'))
  const damaged = await run('verify')
  expect(damaged.exitCode).toBe(2)
  expect(damaged.stdout).toContain('logs/ingest/000000000002.json')
})

it('takes the root and its options from the configuration, and keeps secrets out of it', async () => {
  world.write(
    'omni.config.yaml',
    `root: ${ROOT}\nrootOptions: { folder: "\${env:BUCKETS}", secretKey: hush-hush-9 }\ncollectors:\n  people: { source: file, locator: users.csv }\n`,
  )
  const env = { BUCKETS: join(world.folder, 'buckets') }
  const { exitCode, stdout } = await world.run(['run', '--output', 'json'], { env })
  expect(exitCode).toBe(0)
  expect(stdout).toContain(`${ROOT}/data/raw/people/`)
  expect(world.everything('buckets')).not.toContain('hush-hush-9')
})

it('gives one of two runs at once the fault that the dataset is held', async () => {
  const rows = Array.from({ length: 2_000 }, (_, i) => `${i},user${i}@example.com`).join('\n')
  world.write('users.csv', `id,email\n${rows}\n`)
  const runs = await Promise.all(
    [0, 1, 2].map(() => run('file', 'users.csv', '--root-options', 'delayMs=150', '--output', 'json')),
  )
  const held = runs.filter(({ stderr }) => stderr.includes('lock.held'))
  const done = runs.filter(({ exitCode }) => exitCode === 0)
  expect(held.length + done.length).toBe(3)
  expect(held.length).toBeGreaterThan(0)
  for (const { exitCode } of held) expect(exitCode).toBe(2)
  expect((await json<unknown[]>('ls')).length).toBe(1)
  expect((await run('verify')).exitCode).toBe(0)
})

it('goes on after a run that was killed', async () => {
  const killed = await world.run(
    [
      'file',
      'users.csv',
      '--root',
      ROOT,
      '--root-options',
      `folder=${world.folder}/buckets`,
      '--root-options',
      'delayMs=300',
    ],
    { interrupt: new Promise((resolve) => setTimeout(resolve, 2_500)), signal: 'SIGKILL' },
  )
  expect(killed.exitCode).toBe(null)
  const { exitCode } = await run('file', 'users.csv')
  expect(exitCode).toBe(0)
  expect((await json<unknown[]>('ls')).length).toBe(1)
  expect((await run('verify')).exitCode).toBe(0)
})

it('says what is wrong with the options of the root', async () => {
  const { exitCode, stderr } = await world.run(['ls', '--root', ROOT, '--root-options', 'delayMs=x'])
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining('`--root-options delayMs` needs a whole number'),
  ])
  expect((await world.run(['ls', '--root', ROOT])).stderr).toContain('rootOptions.folder: is needed')
  expect((await world.run(['ls', '--root-options', 'a=b'])).stderr).toContain('the root is a folder')
})
