// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these marks are what a person writes
import { acquire, releaseAll } from '@omni/testkit'
import { serverFor } from '@omni/testkit/vitest'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { createWorld, type World } from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.remove())
afterAll(() => releaseAll())

const server = await acquire('mosquitto', { needs: ['auth'] })
const broker = new URL('url' in server ? server.url : 'mqtt://none')

it('a broker that refuses the password: kind auth, nothing left, the password nowhere', async (ctx) => {
  await serverFor(ctx, 'mosquitto', ['auth'])
  const url = `mqtt://${broker.username}:s3cret-wrong@${broker.host}`
  for (const output of ['text', 'json']) {
    const run = await world.run(['mqtt', url, '--topics', 'a', '--output', output])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toMatch(/mqtt\.\S+/)
    expect(run.stderr).not.toMatch(/s3cret|\n\s+at /)
    if (output === 'json') {
      expect(JSON.parse(run.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
        error: { kind: 'auth' },
      })
    }
    expect(world.left()).toEqual([])
  }
})

it('takes the password from the environment, inside a URL and as a flag', async (ctx) => {
  await serverFor(ctx, 'mosquitto', ['auth'])
  const env = { BROKER_PASSWORD: decodeURIComponent(broker.password) }
  const inUrl = await world.run(
    ['check', `mqtt://${broker.username}:\${BROKER_PASSWORD}@${broker.host}`, '--topics', 'a'],
    { env },
  )
  expect(inUrl).toMatchObject({ exitCode: 0 })
  const words = [
    'check',
    'mqtt',
    `mqtt://${broker.host}`,
    '--user',
    broker.username,
    '--topics',
    'a',
    '--password',
  ]
  const asFlag = await world.run([...words, '${env:BROKER_PASSWORD}'], { env })
  expect(asFlag).toMatchObject({ exitCode: 0, stderr: '' })
  const literal = await world.run([...words, env.BROKER_PASSWORD])
  expect(literal).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('warning') })
  for (const { stdout, stderr } of [inUrl, asFlag, literal])
    expect(stdout + stderr).not.toContain(env.BROKER_PASSWORD)
})

it('a quiet topic ends with no rows, and says so', async (ctx) => {
  await serverFor(ctx, 'mosquitto', ['auth'])
  const words = [
    'mqtt',
    broker.href,
    '--topics',
    `quiet/${Date.now()}`,
    '--timeout-ms',
    '800',
    '--output',
    'json',
  ]
  const run = await world.run(words)
  expect([0, 2]).toContain(run.exitCode)
  expect(run.stderr + run.stdout).not.toContain(broker.password)
})
