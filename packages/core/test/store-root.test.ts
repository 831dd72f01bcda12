import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isFault } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { type CollectEvent, OmniCollector } from '../src/index.ts'
import { createMemoryWorld, type MemoryWorld, memoryStorage, textsBelow } from './memory-store.ts'
import { acknowledged, collectorOf, grow, type WorldName } from './sources.ts'
import { chunks, expectValid, filesBelow, makeRoot, scripted } from './world.ts'

const ROOT = 'mem://bucket/lake'
const DATASET = `${ROOT}/data/raw/records`

interface Setup {
  readonly world: MemoryWorld
  readonly folder: string
  readonly source: WorldName
}

function setUp(source: WorldName = 'log'): Setup {
  const folder = path.join(makeRoot(), 'world')
  mkdirSync(folder)
  return { world: createMemoryWorld(), folder, source }
}

function collectorFor(world: MemoryWorld, events: CollectEvent[] = [], laterMs = 0): OmniCollector {
  return new OmniCollector({
    root: ROOT,
    storages: [memoryStorage(world)],
    onEvent: (event) => void events.push(event),
    now: () => Date.now() + laterMs,
    threads: 1,
  })
}

/** Every record exactly once, whole snapshots only, the chain whole, nothing left over. */
async function expectWhole({ world, folder, source }: Setup, total: number): Promise<void> {
  const oc = collectorFor(world)
  const report = await oc.verify()
  expect(report.findings).toEqual([])
  const snapshots = await oc.snapshots('records')
  expect(report.snapshots).toBe(snapshots.length)
  const seen: number[] = []
  const names = new Set<string>()
  for (const { name } of snapshots) {
    names.add(name)
    const snapshot = await oc.open(`records/${name}`)
    for (const row of await snapshot.rowsAsObjects()) seen.push(Number(row['id']))
  }
  expect(seen).toEqual(Array.from({ length: total }, (_, i) => i))
  const left = [...world.objects.keys()]
    .filter((url) => url.startsWith(`${DATASET}/`))
    .map((url) => url.slice(DATASET.length + 1).split('/')[0] ?? '')
    .filter((name) => !names.has(name))
  expect(left).toEqual([])
  if (source === 'queue') expect(acknowledged(folder)).toBe(total)
}

describe('a root in an object store', () => {
  it('holds the same snapshot as a folder, byte for byte', async () => {
    const { world, folder } = setUp()
    grow(folder, 40_000)
    const collector = collectorOf('log', folder, 5_000)
    const events: CollectEvent[] = []
    const oc = collectorFor(world, events)
    const local = await new OmniCollector({ root: makeRoot() }).collect(collector)
    const there = await oc.collect(collector)
    expect(there.digest).toBe(local.digest)
    expect(there.path).toBe(`${DATASET}/${there.name}`)
    expect(there.files).toEqual(local.files)
    for (const file of there.files) {
      const bytes = world.objects.get(`${there.path}/${file.path}`)
      expect(bytes && Buffer.from(bytes).equals(readFileSync(path.join(local.path, file.path)))).toBe(true)
    }
    expect(await there.rowsAsObjects({ limit: 3 })).toEqual(await local.rowsAsObjects({ limit: 3 }))
    expect(events.filter(({ type }) => type === 'note')).toEqual([{ type: 'note', what: 'versioning is on' }])
    expect(there.manifest.notes).toEqual(['versioning is on'])
    expect(local.manifest).not.toHaveProperty('notes')
    expectValid(there.manifest, local.manifest)
    expect(await oc.verify()).toEqual({ ok: true, findings: [], snapshots: 1 })
    expect(world.opened).toBe(world.closed)
  })

  it('goes on after the newest snapshot, says what is unchanged, and is found by every reference', async () => {
    const { world, folder } = setUp()
    const oc = collectorFor(world)
    const collect = () => oc.collect(collectorOf('log', folder, 100))
    grow(folder, 150)
    const first = await collect()
    expect((await collect()).unchanged).toBe(true)
    grow(folder, 170)
    const second = await collect()
    expect(second.manifest.previous).toBe(first.name)
    expect(await oc.state('records')).toMatchObject([{ from: { next: 150 }, to: { next: 170 } }])
    expect((await oc.datasets())[0]).toMatchObject({ name: 'records', snapshots: 2 })
    for (const ref of [
      `records/${first.name}`,
      first.name,
      first.digest.slice(0, 8),
      first.path,
      `data/raw/records/${first.name}/`,
    ]) {
      expect((await oc.open(ref)).name).toBe(first.name)
    }
    for (const ref of ['records', DATASET, 'data/raw/records'])
      expect((await oc.open(ref)).name).toBe(second.name)
    await expect(oc.open('nothing')).rejects.toMatchObject({ kind: 'missing', code: 'snapshot.missing' })
    const records = textsBelow(world, `${ROOT}/logs/ingest/`)
    expect([...records.keys()].map((url) => url.slice(-17))).toEqual([
      '000000000001.json',
      '000000000002.json',
      '000000000003.json',
    ])
    const { line, record } = JSON.parse([...records.values()][1] ?? '') as Record<string, unknown>
    expect(line).toMatch(/ \| INFO \| log:records {10}\| unchanged \| sha256=/)
    expect(record).toMatchObject({ seq: 2, event: 'unchanged' })
    expect([...textsBelow(world, `${ROOT}/logs/lineage/`).values()][0]).toContain(
      `"namespace":"mem://bucket","name":"lake/data/raw/records/${first.name}"`,
    )
    await expectWhole({ world, folder, source: 'log' }, 170)
    expect(await oc.probe()).toEqual(['versioning is on'])
  })

  it('sends parts up as they are encoded, and copies them to their place', async () => {
    const { world } = setUp()
    const textOf = (id: number): string =>
      [0, 1, 2, 3].map((i) => createHash('sha512').update(`${id} ${i}`).digest('base64')).join('')
    const rows = Array.from({ length: 30_000 }, (_, id) => ({ id, text: textOf(id) }))
    const read = () => chunks(...[0, 1, 2].map((i) => ({ rows: rows.slice(i * 10_000, (i + 1) * 10_000) })))
    const streams = [{ name: 'one' }, { name: 'two' }]
    const oc = collectorFor(world)
    const there = await oc.collect(scripted({ read: read(), streams }))
    const local = await new OmniCollector({ root: makeRoot() }).collect(scripted({ read: read(), streams }))
    expect(there.files).toEqual(local.files)
    const bytes = there.files.reduce((sum, file) => sum + file.bytes, 0)
    expect(bytes).toBeGreaterThan(8 << 20)
    expect(world.calls.filter((call) => call.startsWith('copy ')).length).toBeGreaterThan(0)
    expect(world.uploads).toBe(0)
    expect(world.largestWrite).toBeLessThan(12 << 20)
    expect(await oc.verify()).toMatchObject({ ok: true })
    console.log(`store root: ${bytes} bytes up, largest write ${world.largestWrite}`)
  })

  it('keeps the quarantine, also one that is taken back and one that is large', async () => {
    const rejected = (count: number, size: number) =>
      Array.from({ length: count }, (_, i) => ({
        locator: `line ${i}`,
        code: 'x.y',
        reason: 'No.',
        raw: 'z'.repeat(size),
      }))
    const all = [
      { rows: [{ a: 1 }], rejected: rejected(3, 10) },
      { rows: [{ a: 1 }], rejected: rejected(100, 100_000) },
      { restart: { why: 'wider' } },
      { rows: [{ a: 2 }], rejected: rejected(2, 10) },
      { rows: [{ a: 3 }], rejected: rejected(60, 100_000) },
    ] as const
    const script = { capabilities: { replay: true, restart: true } as const }
    const { world } = setUp()
    const oc = collectorFor(world)
    const there = await oc.collect(scripted({ read: chunks(...all), ...script }))
    const local = await new OmniCollector({ root: makeRoot() }).collect(
      scripted({ read: chunks(...all), ...script }),
    )
    expect(there.manifest.quarantine).toEqual(local.manifest.quarantine)
    expect(there.counts).toMatchObject({ read: 64, kept: 2, quarantined: 62 })
    const records = await Array.fromAsync(there.quarantined())
    expect(records.length).toBe(62)
    expect(records).toEqual(await Array.fromAsync(local.quarantined()))
    expect(await oc.verify()).toMatchObject({ ok: true })
    expect([...world.objects.keys()].filter((url) => url.includes('.staging'))).toEqual([])
  })

  it('leaves nothing of a run that failed or was stopped, save its lineage', async () => {
    const { world } = setUp()
    const failing = scripted({
      read: async function* () {
        yield { rows: [{ a: 1 }] }
        throw Object.assign(new Error('x'), { code: 'ECONNRESET' })
      },
    })
    await expect(collectorFor(world).collect(failing)).rejects.toMatchObject({ code: 'net.reset' })
    expect([...world.objects.keys()]).toEqual([])
    const stop = new AbortController()
    const stopped = scripted({
      read: async function* () {
        yield { rows: [{ a: 1 }] }
        stop.abort()
        yield { rows: [{ a: 2 }] }
      },
    })
    await expect(collectorFor(world).collect(stopped, { signal: stop.signal })).rejects.toMatchObject({
      kind: 'aborted',
    })
    expect([...world.objects.keys()]).toEqual([])
  })

  it('is refused at once when it is no plain URL of an installed storage', () => {
    const storages = [memoryStorage(createMemoryWorld())]
    const failureOf = (options: ConstructorParameters<typeof OmniCollector>[0]): string => {
      try {
        return new OmniCollector(options).root
      } catch (error) {
        return isFault(error) ? error.code : String(error)
      }
    }
    expect(failureOf({ root: 'mem://b/x/', storages })).toBe('mem://b/x')
    expect(failureOf({ root: 'mem://b/x?sig=1', storages })).toBe('root.url')
    expect(failureOf({ root: 'mem://b//x', storages })).toBe('root.url')
    expect(failureOf({ root: 'mem://b/../x', storages })).toBe('root.url')
    expect(failureOf({ root: 's3://b/x', storages })).toBe('root.scheme')
    expect(failureOf({ root: 'https://b/x', storages })).toBe('root.scheme')
    expect(failureOf({ root: 'mem://b', rootOptions: { region: 1 }, storages })).toBe('memory.options')
    expect(failureOf({ root: '.', rootOptions: { region: 'r' }, storages })).toBe('root.local-options')
  })
})

describe('two runs at once', () => {
  it('gives one of them the fault `lock.held`', async () => {
    const { world, folder } = setUp()
    grow(folder, 150)
    const oc = collectorFor(world)
    const runs = await Promise.allSettled([0, 1, 2].map(() => oc.collect(collectorOf('log', folder, 50))))
    const failed = runs.flatMap((run) => (run.status === 'rejected' ? [run.reason] : []))
    expect(failed.length).toBe(2)
    for (const error of failed) expect(error).toMatchObject({ kind: 'unavailable', code: 'lock.held' })
    await expectWhole({ world, folder, source: 'log' }, 150)
  })

  it('takes over a lease that is over, says so, and the slow run publishes nothing', async () => {
    const { world, folder } = setUp()
    grow(folder, 150)
    const events: CollectEvent[] = []
    const slow = collectorFor(world)
    const quick = collectorFor(world, events, 120_000)
    let other: Promise<unknown> | undefined
    world.onCall = (call, when) => {
      // The slow run has read all and puts its first file: now the other one comes.
      if (other !== undefined || when === 'after' || !call.includes('part-00000')) return undefined
      other = quick.collect(collectorOf('log', folder, 50))
      return other
    }
    const run = slow.collect(collectorOf('log', folder, 50))
    const [outcome] = await Promise.allSettled([run])
    await other
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'lock.lost' } })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'recovered', what: expect.stringContaining('Took over the lock') }),
    )
    await expectWhole({ world, folder, source: 'log' }, 150)
  })

  it('stays whole when several find the lock of a dead one, however their calls fall', {
    timeout: 120_000,
  }, async () => {
    const setup = setUp()
    const { world, folder } = setup
    world.onCall = async () => {
      for (let turns = Math.floor(Math.random() * 8); turns > 0; turns--) await setImmediate()
    }
    let lost = 0
    for (let round = 1; round <= 40; round++) {
      grow(folder, round * 30)
      const dead = { pid: 1, host: 'gone', born: null, started: '', token: `dead-${round}`, space: null }
      const expires = new Date(Date.now() - 1).toISOString()
      world.objects.set(`${DATASET}/.lock`, Buffer.from(JSON.stringify({ ...dead, expires })))
      const runs = await Promise.allSettled(
        [0, 1, 2, 3].map(() => collectorFor(world).collect(collectorOf('log', folder, 50))),
      )
      for (const run of runs) {
        if (run.status === 'fulfilled') continue
        expect(run.reason).toMatchObject({ kind: 'unavailable', code: expect.stringMatching(/^lock\./) })
        if (run.reason.code === 'lock.lost') lost++
      }
      // All may have found another's lock; the next run finds none.
      await collectorFor(world).collect(collectorOf('log', folder, 50))
      await expectWhole(setup, round * 30)
    }
    console.log(`store root: 40 rounds of four runs over a dead lock, ${lost} of them lost it on the way`)
  })

  it('does not publish after a snapshot that it has not read on from', async () => {
    const { world, folder } = setUp()
    grow(folder, 150)
    let isDone = false
    world.onCall = (call, when) => {
      if (isDone || when === 'before' || !/^putIfAbsent .*part-00000/.test(call)) return
      isDone = true
      const name = call
        .split('/')
        .at(-2)
        ?.replace(/^\d{4}/, '2001')
      world.objects.set(`${DATASET}/${name}/manifest.json`, Buffer.from('{}'))
    }
    const oc = collectorFor(world)
    await expect(oc.collect(collectorOf('log', folder, 50))).rejects.toMatchObject({ code: 'lock.lost' })
    expect([...world.objects.keys()].filter((url) => url.includes('part-'))).toEqual([])
  })
})

// Every call of a run fails once, with the one after it, or with all after it; each before and after its effect.
describe.each(['log', 'queue'] as const)('a %s, when the store fails', (source) => {
  const cases = (['before', 'after'] as const).flatMap((when) =>
    (['once', 'twice', 'for good'] as const).map((how) => ({ when, how })),
  )
  const span = { once: 1, twice: 2, 'for good': Number.POSITIVE_INFINITY }
  it.each(cases)(
    '$when its effect, $how: loses and doubles nothing',
    { timeout: 300_000 },
    async ({ when, how }) => {
      let failed = 0
      for (let at = 1; ; at++) {
        const setup = setUp(source)
        const { world, folder } = setup
        grow(folder, 150)
        await collectorFor(world).collect(collectorOf(source, folder, 100))
        grow(folder, 250)
        const before = new Set([...world.objects.keys()].filter((url) => url.endsWith('manifest.json')))
        let counted = 0
        let hits = 0
        world.onCall = (_call, now) => {
          // The first at its moment, what follows before its effect.
          if (hits === 0 ? now !== when || ++counted < at : hits >= span[how] || now === 'after') return
          hits++
          throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
        }
        const [run] = await Promise.allSettled([
          collectorFor(world).collect(collectorOf(source, folder, 100)),
        ])
        world.onCall = () => undefined
        if (hits === 0) break
        failed++
        // A new manifest stands for a snapshot that is whole; without one there is none.
        const oc = collectorFor(world, [], 120_000)
        const made = (await oc.snapshots()).filter(({ path: url }) => !before.has(`${url}/manifest.json`))
        expect(made.length).toBeLessThanOrEqual(1)
        if (run?.status === 'fulfilled') expect(made.length).toBe(1)
        const damage = (await oc.verify()).findings.filter(({ code }) => code !== 'snapshot.unlogged')
        expect(damage).toEqual([])
        if (source === 'queue')
          expect(acknowledged(folder)).toBeLessThanOrEqual(made.length === 1 ? 250 : 150)
        grow(folder, 330)
        await oc.collect(collectorOf(source, folder, 100))
        await expectWhole(setup, 330)
      }
      expect(failed).toBeGreaterThan(20)
      console.log(`store root, ${source}, ${when} ${how}: ${failed} places to fail`)
    },
  )
})

describe('verify in an object store', () => {
  async function damaged(change: (world: MemoryWorld, names: readonly string[]) => void): Promise<string[]> {
    const { world, folder } = setUp()
    const oc = collectorFor(world)
    for (const total of [100, 200, 300]) {
      grow(folder, total)
      await oc.collect(collectorOf('log', folder, 50))
    }
    const names = (await oc.snapshots()).map(({ name }) => name)
    change(world, names)
    return (await oc.verify()).findings.map(
      ({ code, where }) => `${code} ${where.replace(/\d{8}T[^/]*/, '*')}`,
    )
  }
  const record = (seq: number): string => `${ROOT}/logs/ingest/00000000000${seq}.json`
  const edit = (world: MemoryWorld, url: string, from: string | RegExp, to: string): void => {
    const text = Buffer.from(world.objects.get(url) ?? '').toString('utf8')
    expect(text.replace(from, to)).not.toBe(text)
    world.objects.set(url, Buffer.from(text.replace(from, to)))
  }

  it('names each thing that was changed', async () => {
    expect(await damaged(() => undefined)).toEqual([])
    expect(await damaged((world) => edit(world, record(2), /"kept":100/, '"kept":101'))).toEqual([
      'log.hash logs/ingest/000000000002.json',
      'log.line logs/ingest/000000000002.json',
    ])
    expect(await damaged((world) => edit(world, record(2), 'rows=     100', 'rows=     101'))).toEqual([
      'log.line logs/ingest/000000000002.json',
    ])
    expect(await damaged((world) => void world.objects.delete(record(2)))).toEqual([
      'log.order logs/ingest/000000000002.json',
      'log.chain logs/ingest/000000000003.json',
      'snapshot.unlogged data/raw/records/*',
    ])
    expect(await damaged((world) => void world.objects.delete(record(3)))).toEqual([
      'log.cut logs/ingest/000000000003.json',
      'snapshot.unlogged data/raw/records/*',
    ])
    expect(await damaged((world) => world.objects.set(`${ROOT}/logs/ingest/x`, Buffer.from('x')))).toEqual([
      'log.extra logs/ingest/x',
    ])
    expect(await damaged((world) => world.objects.set(`${ROOT}/logs/.head`, Buffer.from('x')))).toEqual([
      'log.head logs/.head',
    ])
    expect(
      await damaged((world, [name]) => void world.objects.delete(`${DATASET}/${name}/manifest.json`)),
    ).toEqual(['snapshot.missing data/raw/records/*'])
    expect(
      await damaged((world, [name]) => {
        const bytes = world.objects.get(`${DATASET}/${name}/part-00000.parquet`)
        if (bytes) bytes[100] = (bytes[100] ?? 0) ^ 1
      }),
    ).toEqual(['file.sha256 data/raw/records/*/part-00000.parquet'])
    expect(
      await damaged((world, [name]) => void world.objects.delete(`${DATASET}/${name}/part-00000.parquet`)),
    ).toEqual(['file.missing data/raw/records/*/part-00000.parquet'])
    expect(
      await damaged((world, [name]) => world.objects.set(`${DATASET}/${name}/more`, Buffer.from('x'))),
    ).toEqual(['file.extra data/raw/records/*/more'])
  })

  it('refuses to go on after a log that was cut off', async () => {
    const { world, folder } = setUp()
    grow(folder, 100)
    const oc = collectorFor(world)
    await oc.collect(collectorOf('log', folder, 50))
    world.objects.delete(record(1))
    await expect(oc.collect(collectorOf('log', folder, 50))).rejects.toMatchObject({ code: 'audit.damaged' })
  })

  it('is no different for a file that lies beside a folder', async () => {
    const { world, folder } = setUp()
    grow(folder, 10)
    world.objects.set(`${ROOT}/data/raw/readme.txt`, Buffer.from('x'))
    world.objects.set(`${ROOT}2/data/raw/records/x`, Buffer.from('x'))
    await collectorFor(world).collect(collectorOf('log', folder, 50))
    await expectWhole({ world, folder, source: 'log' }, 10)
    expect(filesBelow(folder)).toEqual(['count'])
  })
})
