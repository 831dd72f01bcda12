import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWorld, startServer, type World } from './world.ts'

const CSV = 'id,email,note\n1,anna@example.org,call +49 30 1234567\n2,bob@example.com,"two, words"\n3,,\n'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.remove())

it('omni-collect file data/raw/users.csv', async () => {
  world.write('data/raw/users.csv', CSV)
  const run = await world.run(['file', 'data/raw/users.csv'])
  expect(run).toMatchObject({ exitCode: 0 })
  expect(run.stdout).toContain('3')
  const [snapshot] = readdirSync(join(world.folder, 'data/raw/users'))
  expect(snapshot).toMatch(/^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{12}$/)
  expect(world.read('logs/ingest.log')).toMatch(
    /\| INFO \| flat:users\.csv +\| rows= +3 \| sha256=[0-9a-f]{64} \| chain=[0-9a-f]{64}\n$/,
  )
})

it('omni-collect rest http://…', async () => {
  const server = await startServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify([
        { id: 1, contact: { mail: 'anna@example.org' } },
        { id: 2, contact: null },
      ]),
    )
  })
  try {
    const run = await world.run(['rest', `${server.url}/users`, '--output', 'json'])
    expect(run.exitCode).toBe(0)
    expect(JSON.parse(run.stdout)).toMatchObject({ dataset: 'users', rows: { read: 2, kept: 2 } })
    const byUrl = await world.run([`${server.url}/users`, '--dataset', 'by_url', '--output', 'json'])
    expect(JSON.parse(byUrl.stdout)).toMatchObject({ dataset: 'by_url', rows: { kept: 2 } })
  } finally {
    await server.close()
  }
})

it('prints exactly one object with --output json', async () => {
  world.write('users.csv', CSV)
  const run = await world.run([
    'file',
    'users.csv',
    '--output',
    'json',
    '--tag',
    'owner=me',
    '--format',
    'csv',
  ])
  const result = JSON.parse(run.stdout)
  expect(Object.keys(result).sort()).toEqual(
    ['dataset', 'digest', 'files', 'masked', 'position', 'rows', 'snapshot', 'unchanged'].sort(),
  )
  expect(result).toMatchObject({
    dataset: 'users',
    rows: { read: 3, kept: 3, quarantined: 0, filtered: 0 },
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    masked: { email: { email: 2 }, note: { phone: 1 } },
    unchanged: false,
  })
  for (const file of result.files) {
    const bytes = readFileSync(join(world.folder, result.snapshot, file.path))
    expect(bytes.length).toBe(file.bytes)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
  }
})

it('writes nothing new for the same data, and says so', async () => {
  world.write('users.csv', CSV)
  const first = JSON.parse((await world.run(['file', 'users.csv', '--output', 'json'])).stdout)
  const second = await world.run(['file', 'users.csv', '--full', '--output', 'json'])
  expect(second.exitCode).toBe(0)
  expect(JSON.parse(second.stdout)).toMatchObject({
    unchanged: true,
    snapshot: first.snapshot,
    digest: first.digest,
  })
  expect(readdirSync(join(world.folder, 'data/raw/users'))).toHaveLength(1)
})

it('keeps nothing personal in any file, and in nothing it prints', async () => {
  world.write('users.csv', CSV)
  for (const format of ['csv', 'ndjson', 'parquet']) {
    const run = await world.run(['file', 'users.csv', '--format', format, '--dataset', format])
    const preview = await world.run(['preview', 'file', 'users.csv'])
    for (const { stdout, stderr } of [run, preview]) expect(stdout + stderr).not.toMatch(/anna@|bob@|1234567/)
  }
  world.write('users.csv', '')
  expect(world.everything()).not.toMatch(/anna@|bob@|1234567/)
})

it('writes below --root, and says with --quiet only where', async () => {
  world.write('in/users.csv', CSV)
  const run = await world.run(['--root', 'out', 'file', 'in/users.csv', '--quiet'])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  expect(run.stdout).toMatch(/^out\/data\/raw\/users\/\S+\n$/)
})

it('is where the person is when a package script runs it', async () => {
  world.write('sub/users.csv', CSV)
  const env = { npm_lifecycle_event: 'omni-collect', INIT_CWD: join(world.folder, 'sub') }
  const run = await world.run(['file', 'users.csv', '--quiet'], { env })
  expect(run.exitCode).toBe(0)
  expect(readdirSync(join(world.folder, 'sub')).sort()).toEqual(['data', 'logs', 'users.csv'])
  const other = await world.run(['file', 'users.csv'], { env: { ...env, npm_lifecycle_event: 'mine' } })
  expect(other.exitCode).toBe(2)
})

it('ends with 4 when records are in quarantine, and lists them masked', async () => {
  world.write('bad.ndjson', '{"a":1}\n{"a":2,"mail":"anna@example.org"\n{"a":3}\n')
  const run = await world.run(['file', 'bad.ndjson', '--output', 'json'])
  expect(run.exitCode).toBe(4)
  expect(JSON.parse(run.stdout).rows).toEqual({ read: 3, kept: 2, quarantined: 1, filtered: 0 })
  const list = await world.run(['quarantine', 'bad'])
  expect(list).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('line 2') })
  const raw = await world.run(['quarantine', 'bad', '--output', 'ndjson'])
  expect(raw.stdout).not.toContain('anna')
  expect(raw.stdout.trim().split('\n')).toHaveLength(1)
})
