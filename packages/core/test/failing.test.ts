import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import path from 'node:path'
import { fault, isFault, type Row } from '@omni/spec'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CollectEvent, OmniCollector } from '../src/index.ts'
import { chunks, filesBelow, makeRoot, scripted } from './world.ts'

const wide = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i, text: `${from + i}`.repeat(40) }))

async function failureOf(
  work: Promise<unknown>,
): Promise<{ kind: string; code: string; message: string; why: string }> {
  try {
    await work
  } catch (error) {
    if (isFault(error)) return error
    throw error
  }
  throw new Error('It did not fail.')
}

describe('an error of the source', () => {
  it('is classified by the source, then by its code, else a bug that quotes nothing', async () => {
    const cases: [unknown, string, string][] = [
      [Object.assign(new Error('secret'), { code: 'DRIVER_1' }), 'auth', 'script.login'],
      [Object.assign(new Error('secret'), { code: 'ECONNRESET' }), 'unavailable', 'net.reset'],
      [
        new TypeError('fetch failed', { cause: Object.assign(new Error('secret'), { code: 'ENOTFOUND' }) }),
        'unavailable',
        'net.name',
      ],
      [
        new AggregateError([Object.assign(new Error('secret'), { code: 'ECONNREFUSED' })]),
        'unavailable',
        'net.refused',
      ],
      [Object.assign(new Error('secret'), { code: 'ENOENT' }), 'missing', 'storage.missing'],
      [new TypeError('secret'), 'bug', 'script.unclassified'],
      ['secret', 'bug', 'script.unclassified'],
      [undefined, 'bug', 'script.unclassified'],
      [
        fault({ kind: 'data', code: 'script.broken', why: 'Broken.', fix: 'Mend it.' }),
        'data',
        'script.broken',
      ],
    ]
    for (const [error, kind, code] of cases) {
      const root = makeRoot()
      let closed = 0
      const collector = scripted({
        read: async function* () {
          yield { rows: [{ a: 1 }] }
          throw error
        },
        close: async () => void closed++,
        definition: {
          classify: (one) =>
            (one as { code?: string } | undefined)?.code === 'DRIVER_1'
              ? { kind: 'auth', code: 'script.login', why: 'Refused.', fix: 'Check the password.' }
              : undefined,
        },
      })
      const failure = await failureOf(new OmniCollector({ root }).collect(collector))
      expect([failure.kind, failure.code]).toEqual([kind, code])
      expect(failure.message).not.toContain('secret')
      expect(closed).toBe(1)
      expect(readdirSync(root)).toEqual([])
    }
  })

  it('meets a real refused connection', async () => {
    const server = createServer().listen(0)
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const collector = scripted({
      read: async function* () {
        await fetch(`http://127.0.0.1:${port}/`)
        yield { rows: [] }
      },
    })
    const failure = await failureOf(new OmniCollector({ root: makeRoot() }).collect(collector))
    expect([failure.kind, failure.code]).toEqual(['unavailable', 'net.refused'])
  })

  it('is put into the lineage outbox of a root that has a log', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    await oc.collect(scripted({ read: chunks({ rows: [{ a: 1 }] }) }))
    const collector = scripted({
      // biome-ignore lint/correctness/useYield: it fails before its first chunk.
      read: async function* () {
        throw fault({ kind: 'data', code: 'x.y', why: 'About ann@example.com.', fix: 'No.' })
      },
    })
    await failureOf(oc.collect(collector))
    const folder = path.join(root, 'logs', 'lineage')
    const events = readdirSync(folder).map(
      (name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { eventType: string },
    )
    expect(events.map(({ eventType }) => eventType).sort()).toEqual(['COMPLETE', 'FAIL'])
    expect(JSON.stringify(events)).toContain('About [EMAIL].')
  })
})

describe('an abort', () => {
  it('settles soon although the source does not react, closes it, and leaves nothing behind', async () => {
    const root = makeRoot()
    const stop = new AbortController()
    let closed = 0
    const collector = scripted({
      read: async function* () {
        yield { rows: wide(0, 20_000) }
        stop.abort()
        await new Promise(() => undefined)
      },
      close: async () => void closed++,
    })
    const started = performance.now()
    const failure = await failureOf(new OmniCollector({ root }).collect(collector, { signal: stop.signal }))
    expect([failure.kind, failure.code]).toEqual(['aborted', 'run.aborted'])
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(closed).toBe(1)
    expect(readdirSync(root)).toEqual([])
  })

  it('before or during discovery is an abort too', async () => {
    const stop = new AbortController()
    const collector = scripted({ read: chunks(), splits: async () => [], capabilities: { splits: true } })
    const oc = new OmniCollector({ root: makeRoot(), signal: stop.signal })
    stop.abort()
    expect((await failureOf(oc.collect(collector))).kind).toBe('aborted')
  })
})

describe('the disk', () => {
  const isRoot = process.getuid?.() === 0

  function mountTiny(ctx: { skip: (reason: string) => never }, bytes: string, more = ''): string {
    const folder = path.join(makeRoot(), 'disk')
    mkdirSync(folder)
    try {
      execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${bytes}${more}`, 'tmpfs', folder], {
        stdio: 'ignore',
      })
    } catch {
      ctx.skip('mounting a small tmpfs is not permitted here')
    }
    onTestFinished(() => {
      execFileSync('/bin/umount', ['-l', folder], { stdio: 'ignore' })
    })
    return folder
  }

  it('when full, is a clear fault, and what was there stays whole', async (ctx) => {
    if (!isRoot) ctx.skip('only root can mount a small tmpfs')
    const root = mountTiny(ctx, '512k')
    const oc = new OmniCollector({ root })
    const first = await oc.collect(scripted({ read: chunks({ rows: [{ a: 1 }] }) }))
    const before = filesBelow(root).filter((file) => !file.includes('/lineage/'))
    const huge = async function* () {
      for (let i = 0; i < 40; i++) {
        yield {
          rows: Array.from({ length: 1_000 }, (_, k) => ({
            a: i * 1_000 + k,
            t: crypto.randomUUID() + crypto.randomUUID(),
          })),
        }
      }
    }
    const failure = await failureOf(oc.collect(scripted({ read: huge }), { format: 'csv' }))
    expect([failure.kind, failure.code]).toEqual(['unavailable', 'storage.full'])
    expect(filesBelow(root).filter((file) => !file.includes('/lineage/'))).toEqual(before)
    expect((await oc.verify()).findings).toEqual([])
    const again = await oc.collect(scripted({ read: chunks({ rows: [{ a: 2 }] }) }))
    expect(again.name > first.name).toBe(true)
  })

  it('when read-only, is a clear fault', async (ctx) => {
    if (!isRoot) ctx.skip('only root can mount a read-only tmpfs')
    const root = mountTiny(ctx, '512k', ',ro')
    const failure = await failureOf(
      new OmniCollector({ root }).collect(scripted({ read: chunks({ rows: [{ a: 1 }] }) })),
    )
    expect([failure.kind, failure.code]).toEqual(['config', 'storage.readonly'])
  })

  it('with a file where the folder should be, is a clear fault', async () => {
    const root = makeRoot()
    writeFileSync(path.join(root, 'data'), 'not a folder')
    const failure = await failureOf(
      new OmniCollector({ root }).collect(scripted({ read: chunks({ rows: [{ a: 1 }] }) })),
    )
    expect([failure.kind, failure.code]).toEqual(['config', 'storage.path'])
    expect(filesBelow(root)).toEqual(['data'])
  })
})

describe('the lock of a dataset', () => {
  it('lets one run in and tells the other who holds it', async () => {
    const root = makeRoot()
    const entered = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const slow = scripted({
      read: async function* () {
        entered.resolve()
        await go.promise
        yield { rows: [{ a: 1 }] }
      },
    })
    const oc = new OmniCollector({ root })
    const first = oc.collect(slow)
    await entered.promise
    const failure = await failureOf(oc.collect(scripted({ read: chunks({ rows: [{ a: 2 }] }) })))
    expect([failure.kind, failure.code]).toEqual(['unavailable', 'lock.held'])
    expect(failure.why).toContain(String(process.pid))
    const other = await oc.collect(scripted({ read: chunks({ rows: [{ a: 2 }] }), dataset: 'other' }))
    expect(other.rows).toBe(1)
    go.resolve()
    expect((await first).rows).toBe(1)
    expect((await oc.verify()).findings).toEqual([])
  })

  it('of a dead process is taken over and said; of another machine it is not', async () => {
    const root = makeRoot()
    const folder = path.join(root, 'data', 'raw', 'things')
    mkdirSync(folder, { recursive: true })
    const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString())
    const holder = {
      pid: dead,
      host: hostname(),
      born: null,
      started: '2026-01-01T00:00:00.000Z',
      token: 't',
    }
    writeFileSync(path.join(folder, '.lock'), JSON.stringify(holder))
    const events: CollectEvent[] = []
    const oc = new OmniCollector({ root, onEvent: (event) => void events.push(event) })
    await oc.collect(scripted({ read: chunks({ rows: [{ a: 1 }] }) }))
    expect(events.find(({ type }) => type === 'recovered')).toMatchObject({
      what: `Took over the lock of dataset "things" from process ${dead}, which held it since 2026-01-01T00:00:00.000Z and is gone.`,
    })
    writeFileSync(path.join(folder, '.lock'), JSON.stringify({ ...holder, host: 'elsewhere' }))
    const failure = await failureOf(oc.collect(scripted({ read: chunks({ rows: [{ a: 2 }] }) })))
    expect(failure.why).toContain('on elsewhere')
  })

  it('lets many datasets write one log at once', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const names = Array.from({ length: 8 }, (_, i) => `d${i}`)
    await Promise.all(
      names.map((dataset) => oc.collect(scripted({ read: chunks({ rows: [{ a: 1 }] }), dataset }))),
    )
    expect((await oc.verify()).findings).toEqual([])
    expect((await oc.datasets()).map(({ name }) => name)).toEqual(names)
  })
})
