import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { OmniCollector } from '../src/index.ts'
import { chunks, filesBelow, makeRoot, scripted } from './world.ts'

const rows = (text: string) => chunks({ rows: [{ id: 1, mail: `${text}@example.com`, text }] })

describe('looking at what is there', () => {
  it('opens by dataset, dataset/snapshot, path, name and digest', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    const old = await oc.collect(scripted({ read: rows('a'), dataset: 'one' }))
    const last = await oc.collect(scripted({ read: rows('b'), dataset: 'one' }))
    const other = await oc.collect(scripted({ read: rows('c'), dataset: 'two' }))
    const refs: [string, string][] = [
      ['one', last.name],
      [`one/${old.name}`, old.name],
      [old.path, old.name],
      [path.join('data', 'raw', 'one'), last.name],
      [other.name, other.name],
      [old.digest, old.name],
      [old.digest.slice(0, 8), old.name],
      [other.digest.slice(0, 12).toUpperCase(), other.name],
    ]
    for (const [ref, name] of refs) expect((await oc.open(ref)).name, ref).toBe(name)
    for (const ref of ['none', '', '..', '/', 'one/none', 'abc', '../../etc']) {
      await expect(oc.open(ref), ref).rejects.toMatchObject({ code: 'snapshot.missing' })
    }
    expect((await oc.snapshots()).map(({ name }) => name)).toEqual([old.name, last.name, other.name])
    expect(
      (await oc.datasets()).map(({ name, snapshots, latest }) => [name, snapshots, latest.name]),
    ).toEqual([
      ['one', 2, last.name],
      ['two', 1, other.name],
    ])
  })

  it('never orders a new snapshot before an older one, even when the clock goes back', async () => {
    const root = makeRoot()
    const first = await new OmniCollector({ root, now: () => 2_000_000_000_000 }).collect(
      scripted({ read: rows('a') }),
    )
    const second = await new OmniCollector({ root, now: () => 1_000_000_000_000 }).collect(
      scripted({ read: rows('b') }),
    )
    expect(second.name > first.name).toBe(true)
    expect(second.manifest.previous).toBe(first.name)
  })

  it('plans, checks, discovers and previews without writing, and shows rows masked', async () => {
    const root = makeRoot()
    const oc = new OmniCollector({ root })
    let closed = 0
    const collector = scripted({
      read: chunks({ rows: [{ mail: 'a@example.com' }, { mail: 'b@example.com' }, { mail: null }] }),
      check: async () => ({ notes: ['version 7'] }),
      close: async () => void closed++,
    })
    expect(await oc.check(collector)).toEqual({ ok: true, notes: ['version 7'] })
    expect(await oc.discover(collector)).toEqual([{ name: 'things' }])
    expect((await oc.plan(collector)).streams.map(({ name }) => name)).toEqual(['things'])
    const [preview] = await oc.preview(collector, { limit: 2 })
    expect(preview?.rows).toEqual([{ mail: '[EMAIL]' }, { mail: '[EMAIL]' }])
    expect(closed).toBe(4)
    expect(filesBelow(root)).toEqual([])
    await expect(oc.collect({} as never)).rejects.toMatchObject({ kind: 'config', code: 'collect.collector' })
  })
})
