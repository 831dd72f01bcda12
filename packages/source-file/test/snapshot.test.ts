import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { OmniCollector } from '@omni/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file } from '../src/index.ts'
import { createWorld, type World } from './world.ts'

let world: World
let oc: OmniCollector
beforeAll(async () => {
  world = await createWorld()
  oc = new OmniCollector({ root: join(world.folder, 'root') })
})
afterAll(() => world.remove())

describe('a snapshot of a file', () => {
  it('holds every value exactly, and a wrong line in the quarantine', async () => {
    const lines = [
      '{"id":9007199254740993,"price":12345678901234567890.10,"zip":"00501","tags":["a"],"at":null}',
      '{"id":1,"price":0.5,"zip":"","tags":[],"mail":"jane@example.com"}',
      '{"id":2,"price":1e2',
    ]
    const path = await world.write('orders.ndjson.gz', gzipSync(lines.join('\n')))
    const snapshot = await oc.collect(file(path))
    expect(snapshot.counts).toEqual({ read: 3, kept: 2, quarantined: 1, filtered: 0 })
    const rows = await snapshot.rowsAsObjects()
    expect(rows.map(({ id, zip }) => [String(id), zip])).toEqual([
      ['9007199254740993', '00501'],
      ['1', ''],
    ])
    expect(rows.map(({ price }) => String(price).replace(/0+$/, ''))).toEqual([
      '12345678901234567890.1',
      '0.5',
    ])
    expect(rows[1]?.mail).toEqual(expect.not.stringContaining('jane'))
    expect(readdirSync(snapshot.path)).toContain('quarantine.ndjson')
  })

  it('is not made again while the file stays the same, and not at all of a broken one', async () => {
    const path = await world.write('list.json', '[{"a":1},{"a":2}]')
    const first = await oc.collect(file(path))
    const second = await oc.collect(file(path))
    expect([first.unchanged, second.unchanged, second.name]).toEqual([false, true, first.name])
    await world.write('list.json', '[{"a":1},{"a":2},{"a":3')
    await expect(oc.collect(file(path))).rejects.toMatchObject({ code: 'file.json.syntax' })
    expect(await oc.snapshots('list')).toHaveLength(1)
  })
})
