import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { schemaOf, types } from '@omni/arrow'
import type { Chunk, Row } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { OmniCollector } from '../src/index.ts'
import { chunks, expectValidManifests, filesBelow, makeRoot, scripted } from './world.ts'

const rows = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => ({ id: BigInt(from + i), mail: `u${from + i}@example.com` }))

describe('a collect', () => {
  it('makes a snapshot of read-only files, a readable line in the published form, and passes verify', async () => {
    const root = makeRoot()
    const now = Date.parse('2025-05-30T23:14:09.123Z')
    const oc = new OmniCollector({ root, now: () => now })
    const read = chunks({ rows: rows(0, 104_876) })
    const snapshot = await oc.collect(scripted({ read, label: 'flat:events.parquet', dataset: 'events' }))
    expect(snapshot.rows).toBe(104_876)
    expect(snapshot.name).toBe(`20250530T231409.123Z-${snapshot.digest.slice(0, 12)}`)
    expect(snapshot.path).toBe(path.join(root, 'data', 'raw', 'events', snapshot.name))
    for (const file of filesBelow(snapshot.path)) {
      expect(statSync(path.join(snapshot.path, file)).mode & 0o777).toBe(0o444)
    }
    const log = readFileSync(path.join(root, 'logs', 'ingest.log'), 'utf8')
    const chain = (
      JSON.parse(readFileSync(path.join(root, 'logs', 'ingest.jsonl'), 'utf8')) as { hash: string }
    ).hash
    expect(log).toBe(
      `2025-05-30T23:14:09 | INFO | flat:events.parquet  | rows= 104 876 | sha256=${snapshot.digest} | chain=${chain}\n`,
    )
    expect((await oc.verify()).findings).toEqual([])
    expect((await snapshot.rowsAsObjects({ limit: 2 }))[1]).toEqual({ id: 1n, mail: '[EMAIL]' })
    expectValidManifests(root)
  })

  it('counts what it read, kept, quarantined and filtered, and writes a masked, replayable quarantine', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const rejected = [
      {
        locator: 'line 17',
        code: 'file.csv.ragged',
        reason: 'It has 3 fields instead of 2.',
        raw: 'x,ann@example.com,1',
      },
      { locator: 'line 18', code: 'file.csv.utf8', reason: 'Invalid UTF-8.', raw: Uint8Array.of(0xff, 0x41) },
      { locator: 'line 19', code: 'file.csv.nul', reason: 'It has a NUL byte.' },
    ]
    const read = chunks({ rows: rows(0, 5), rejected, filtered: 4 }, { rows: rows(5, 9) })
    const snapshot = await oc.collect(scripted({ read }))
    expect(snapshot.counts).toEqual({ read: 16, kept: 9, quarantined: 3, filtered: 4 })
    const lines = readFileSync(path.join(snapshot.path, 'quarantine.ndjson'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { stream: 'things', ...rejected[0], raw: 'x,[EMAIL],1' },
      {
        stream: 'things',
        locator: 'line 18',
        code: 'file.csv.utf8',
        reason: 'Invalid UTF-8.',
        rawBase64: '/0E=',
      },
      { stream: 'things', ...rejected[2] },
    ])
    expect((await oc.verify()).findings).toEqual([])
    expectValidManifests(root)
  })

  it('puts several streams into one snapshot, each in its own folder', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const streams = [
      { name: 'a/b' },
      { name: 'A?b' },
      { name: 'empty', schema: schemaOf({ x: types.int64 }) },
    ]
    const snapshot = await oc.collect(
      scripted({
        streams,
        read: async function* (stream) {
          if (stream.name !== 'empty') yield { rows: stream.name === 'a/b' ? rows(0, 3) : rows(3, 5) }
        },
      }),
    )
    expect(snapshot.manifest.streams.map(({ folder, counts }) => [folder, counts.kept])).toEqual([
      ['a_b', 3],
      ['A_b-2', 2],
      ['empty', 0],
    ])
    expect((await snapshot.rowsAsObjects({ stream: 'A?b' })).map((row) => row['id'])).toEqual([3n, 4n])
    await expect(snapshot.rowsAsObjects()).rejects.toMatchObject({ code: 'snapshot.stream' })
    expect((await snapshot.table('empty')).numRows).toBe(0)
    expect((await oc.verify()).findings).toEqual([])
    expectValidManifests(root)
  })

  it('begins again with wider types when a later row contradicts, and forgets rejected records too', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const rejected = [{ locator: 'line 1', code: 'x.y', reason: 'No.' }]
    const many = Array.from({ length: 20_000 }, (_, i): Row => ({ v: i }))
    const read = chunks({ rows: many, rejected }, { rows: [{ v: 'text' }, { v: 1, extra: true }] })
    const snapshot = await oc.collect(scripted({ read }))
    expect(snapshot.counts).toEqual({ read: 20_003, kept: 20_002, quarantined: 1, filtered: 0 })
    const all = await snapshot.rowsAsObjects()
    expect(all[19_999]).toEqual({ v: '19999', extra: null })
    expect(all[20_001]).toEqual({ v: '1', extra: true })
    expect((await oc.verify()).findings).toEqual([])
  })

  it('refuses a contradiction of rows that cannot be read again, and leaves nothing behind', async () => {
    const root = makeRoot()
    const many = Array.from({ length: 20_000 }, (_, i): Row => ({ v: i }))
    const read = chunks({ rows: many }, { rows: [{ v: 'secret' }] })
    const collector = scripted({ read, capabilities: {} })
    const failure = new OmniCollector({ root }).collect(collector)
    await expect(failure).rejects.toMatchObject({ kind: 'data', code: 'stream.contradiction' })
    await expect(failure).rejects.not.toThrow(/secret/)
    expect(filesBelow(root)).toEqual([])
  })

  it('honours a restart in any split, and reads splits in their listed order', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const reads: string[] = []
    const snapshot = await oc.collect(
      scripted({
        capabilities: { replay: true, restart: true, splits: true, positions: true },
        splits: async () => [{ id: 'z' }, { id: 'a' }, { id: 'm' }],
        read: async function* (_stream, _from, { split }) {
          const id = split?.id ?? ''
          reads.push(id)
          const first: Chunk = { rows: [{ v: 1, from: id }], position: { at: 1 } }
          yield first
          if (id === 'm') return
          yield { restart: { why: `Wider types in ${id}.` } }
          yield { rows: [{ v: 'x', from: id }], position: { at: 1 } }
          yield { rows: [{ v: 'y', from: id }], position: { at: 2 } }
        },
      }),
    )
    expect(await snapshot.rowsAsObjects()).toEqual([
      { v: 'x', from: 'z' },
      { v: 'y', from: 'z' },
      { v: 'x', from: 'a' },
      { v: 'y', from: 'a' },
      { v: '1', from: 'm' },
    ])
    expect(snapshot.counts.read).toBe(5)
    expect(snapshot.manifest.position.map(({ split, to }) => [split, to])).toEqual([
      ['z', { at: 2 }],
      ['a', { at: 2 }],
      ['m', { at: 1 }],
    ])
    expect(reads.slice(-3)).toEqual(['z', 'a', 'm'])
    expectValidManifests(root)
  })

  it('stops at the limit, keeps no position that covers rows it left, and then acknowledges nothing', async () => {
    const acks: unknown[] = []
    const collector = scripted({
      capabilities: { positions: true, ack: true },
      read: chunks({ rows: rows(0, 4), position: { at: 4 } }, { rows: rows(4, 8), position: { at: 8 } }),
      ack: async (_stream, position) => void acks.push(position),
    })
    const cut = await new OmniCollector({ root: makeRoot() }).collect(collector, { limit: 6 })
    expect([cut.rows, cut.manifest.position[0]?.to, acks]).toEqual([6, { at: 4 }, [{ at: 4 }]])
    const whole = await new OmniCollector({ root: makeRoot() }).collect(collector, { limit: 8 })
    expect([whole.rows, whole.manifest.position[0]?.to]).toEqual([8, { at: 8 }])

    const plain: unknown[] = []
    const queue = scripted({
      capabilities: { ack: true },
      read: chunks({ rows: rows(0, 4) }),
      ack: async (_stream, position) => void plain.push(position ?? 'all'),
    })
    await new OmniCollector({ root: makeRoot() }).collect(queue, { limit: 3 })
    expect(plain).toEqual([])
    await new OmniCollector({ root: makeRoot() }).collect(queue, { limit: 4 })
    expect(plain).toEqual(['all'])
  })

  it('notes the operation of a change stream in a column', async () => {
    const read = chunks({ rows: [{ id: 1 }], op: 'upsert' }, { rows: [{ id: 1 }], op: 'delete' })
    const root = makeRoot()
    const snapshot = await new OmniCollector({ root }).collect(
      scripted({ read, capabilities: { changes: true } }),
    )
    expect(await snapshot.rowsAsObjects()).toEqual([
      { _op: 'upsert', id: 1n },
      { _op: 'delete', id: 1n },
    ])
    await expect(new OmniCollector({ root: makeRoot() }).collect(scripted({ read }))).rejects.toMatchObject({
      code: 'script.changes',
    })
  })

  it('gives each stream the masks that name a column of it, and refuses one that fits none', async () => {
    const streams = [{ name: 'a' }, { name: 'b' }]
    const collector = scripted({
      streams,
      read: async function* (stream) {
        yield { rows: [stream.name === 'a' ? { id: 1, secret: 'x' } : { id: 2, name: 'y' }] }
      },
    })
    const masks = [{ column: 'secret', action: 'drop' } as const]
    const root = makeRoot()
    const snapshot = await new OmniCollector({ root }).collect(collector, { masks })
    expect(await snapshot.rowsAsObjects({ stream: 'a' })).toEqual([{ id: 1n }])
    expect(await snapshot.rowsAsObjects({ stream: 'b' })).toEqual([{ id: 2n, name: 'y' }])
    expectValidManifests(root)
    const wrong = { masks: [...masks, { column: 'nobody', action: 'redact' } as const] }
    const empty = makeRoot()
    await expect(new OmniCollector({ root: empty }).collect(collector, wrong)).rejects.toMatchObject({
      kind: 'config',
      code: 'mask.column',
    })
    expect(filesBelow(empty)).toEqual([])
  })

  it('does not ask a mask to fit a stream that gave nothing new', async () => {
    const oc = new OmniCollector({ root: makeRoot() })
    const collector = scripted({
      capabilities: { replay: true, positions: true },
      read: async function* (_stream, from) {
        if (from === undefined) yield { rows: [{ a: 1, b: 2 }], position: { done: true } }
      },
    })
    const masks = [{ column: 'b', action: 'drop' } as const]
    expect(await (await oc.collect(collector, { masks })).rowsAsObjects()).toEqual([{ a: 1n }])
    expect((await oc.collect(collector, { masks })).unchanged).toBe(true)
  })

  it('makes an empty snapshot of an empty source the first time', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const snapshot = await oc.collect(scripted({ read: chunks() }))
    expect([snapshot.rows, snapshot.unchanged, snapshot.files]).toEqual([0, false, []])
    expect(await snapshot.rowsAsObjects()).toEqual([])
    expect((await oc.verify()).findings).toEqual([])
    expectValidManifests(root)
  })

  it('leaves masking out only when told, and says so', async () => {
    const root = makeRoot()
    const snapshot = await new OmniCollector({ root }).collect(
      scripted({ read: chunks({ rows: rows(0, 1) }) }),
      {
        mask: false,
      },
    )
    expect(await snapshot.rowsAsObjects()).toEqual([{ id: 0n, mail: 'u0@example.com' }])
    expect([snapshot.manifest.policy.enabled, snapshot.manifest.tags['sensitivity']]).toEqual([
      false,
      'unmasked',
    ])
    expectValidManifests(root)
  })
})

describe('unchanged', () => {
  it('holds for a repeatable full read with the same digest, and writes no new snapshot', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const collector = scripted({ read: chunks({ rows: rows(0, 3) }) })
    const first = await oc.collect(collector)
    const again = await oc.collect(collector)
    expect([again.unchanged, again.name]).toEqual([true, first.name])
    expect(await oc.snapshots()).toHaveLength(1)
    const log = readFileSync(path.join(root, 'logs', 'ingest.log'), 'utf8').split('\n')
    expect(log[1]).toMatch(new RegExp(`\\| unchanged \\| sha256=${first.digest} \\| chain=[0-9a-f]{64}$`))
    expect((await oc.verify()).findings).toEqual([])
    const csv = await oc.collect(collector, { format: 'csv' })
    expect([csv.unchanged, csv.digest]).toEqual([false, first.digest])
  })

  it('does not hold for a repeatable source that is now empty', async () => {
    const oc = new OmniCollector({ root: makeRoot() })
    const streams = [{ name: 'things', schema: schemaOf({ id: types.int64 }) }]
    await oc.collect(scripted({ streams, read: chunks({ rows: [{ id: 1 }] }) }))
    expect(await oc.collect(scripted({ streams, read: chunks() }))).toMatchObject({
      unchanged: false,
      rows: 0,
    })
  })

  it('never holds for a source that delivered rows and cannot repeat them', async () => {
    const oc = new OmniCollector({ root: makeRoot() })
    const collector = scripted({ read: chunks({ rows: rows(0, 3) }), capabilities: {} })
    await oc.collect(collector)
    expect((await oc.collect(collector)).unchanged).toBe(false)
    const nothing = await oc.collect(scripted({ read: chunks(), capabilities: {} }))
    expect(nothing.unchanged).toBe(true)
    expect(await oc.snapshots()).toHaveLength(2)
  })

  it('reads on from the position, carries those of splits that are gone, and starts over with full', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const seen: unknown[] = []
    const make = (ids: readonly string[]) =>
      scripted({
        capabilities: { replay: true, splits: true, positions: true },
        splits: async () => ids.map((id) => ({ id })),
        read: async function* (_stream, from, { split }) {
          seen.push([split?.id, from])
          if (from === undefined) yield { rows: [{ s: split?.id }], position: { done: true } }
        },
      })
    await oc.collect(make(['a', 'b']))
    const second = await oc.collect(make(['b', 'c']))
    expect(second.rows).toBe(1)
    expect(seen.slice(2)).toEqual([
      ['b', { done: true }],
      ['c', undefined],
    ])
    expect((await oc.state('things')).map(({ split }) => split)).toEqual(['a', 'b', 'c'])
    expect((await oc.collect(make(['a', 'b', 'c']))).unchanged).toBe(true)
    expect((await oc.collect(make(['a', 'b', 'c']), { full: true })).rows).toBe(3)
    expectValidManifests(root)
  })
})
