import { randomUUID } from 'node:crypto'
import type { Collector } from '@omni/spec'
import { releaseAll, type World } from '@omni/testkit'
import { describeConformance, serverFor } from '@omni/testkit/vitest'
import { afterAll } from 'vitest'
import { mqtt } from '../src/index.ts'
import { freePort, publisher, startWire, subscribeOnce } from './world.ts'

const RECORDS = 12
const collect = (options: Parameters<typeof mqtt>[0] & object): Collector =>
  mqtt({ connectTimeoutMs: 5000, ...options })

afterAll(releaseAll)

describeConformance('mqtt', async (ctx): Promise<World> => {
  const server = await serverFor(ctx, 'mosquitto', ['auth', 'persistentSession'])
  const wire = await startWire(server.url)
  const { url } = wire
  const closedPort = await freePort()
  const id = randomUUID()
  const at = { url, topics: `conformance/${id}`, clientId: `omni-${id}` }
  const publish = publisher(server.url)
  const payloads = Array.from({ length: RECORDS }, (_, i) => `{"n":${i},"who":"nobody-${i}"}`)
  await subscribeOnce(collect({ ...at, idleMs: 1 }))
  return {
    collector: () => collect({ ...at, idleMs: 20_000 }),
    limit: RECORDS,
    async seed() {
      await publish(at.topics, payloads)
      return { records: RECORDS }
    },
    async corrupt() {
      const other = { url, topics: `corrupt/${id}`, clientId: `omni-corrupt-${id}`, payload: 'json' as const }
      await subscribeOnce(collect({ ...other, idleMs: 1 }))
      await publish(other.topics, ['1', 'hidden-value', '2', Buffer.from([0xff])])
      return { collector: collect({ ...other, idleMs: 1000 }), records: 2, rejected: 2 }
    },
    values: ['hidden-value', 'nobody-3'],
    secrets: [decodeURIComponent(new URL(url).password), 'not-the-password'],
    wrongOptions: [
      { options: { url: 'http://x' }, paths: ['url'] },
      { options: { url: 'mqtt://x', topics: ['a#b'] }, paths: ['topics'] },
      { options: { url: 'mqtt://x/y', qos: 3, idleMs: 'soon' }, paths: ['qos', 'idleMs'] },
    ],
    away: () => collect({ ...at, url: `mqtt://127.0.0.1:${closedPort}` }),
    refused: () => collect({ ...at, user: 'nobody', password: 'not-the-password' }),
    acknowledged: async () => wire.acknowledged,
    dispose: async () => wire[Symbol.asyncDispose](),
  }
})
