import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OmniCollector } from '@omni/core'
import { afterAll, expect, it } from 'vitest'
import { mqtt } from '../src/index.ts'
import { run, startAedes, startWire, subscribeOnce } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'omni-mqtt-snapshot-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('acknowledges after the snapshot is published, and not when it could not be', async () => {
  await using broker = await startAedes()
  await using wire = await startWire(broker.url)
  const options = { topics: 'plant/#', clientId: 'plant', payload: 'json' as const, connectTimeoutMs: 5000 }
  const collect = (root: string) =>
    new OmniCollector({ root }).collect(mqtt(wire.url, { ...options, idleMs: 1500 }))
  await subscribeOnce(mqtt(wire.url, { ...options, idleMs: 1 }) as never)
  await broker.publish('plant/1', ['{"who":"jane@example.com"}', 'no json', '{"t":21.50}'])

  // A file where the snapshots should go.
  const blocked = join(folder, 'blocked')
  writeFileSync(blocked, '')
  await expect(collect(blocked)).rejects.toThrow()
  expect(wire.acknowledged).toBe(0)

  const snapshot = await collect(folder)
  expect(snapshot.counts).toMatchObject({ read: 3, kept: 2, quarantined: 1 })
  expect(wire.acknowledged).toBe(3)
  const rows = await snapshot.rowsAsObjects()
  expect(rows.map((row) => row['payload'])).toEqual(['{"who":"[EMAIL]"}', '{"t":21.50}'])
  await using rest = await run(mqtt(wire.url, { ...options, idleMs: 300 }) as never)
  expect(rest.rows).toEqual([])
})
