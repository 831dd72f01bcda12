import { fault, type ObjectStore, type StoredObject } from '@omni/spec'
import { describe, expect, it } from 'vitest'
import { RESTARTING } from '../src/storage/restarting.ts'
import { runStorageCheck } from '../src/storage/suite.ts'
import type { StorageWorld } from '../src/storage/world.ts'
import { memoryStore, storageWorldOf } from './memory-store.ts'

/** A store that gives no piece while its server is down. */
interface Gate {
  /** Resolves when the server is up. */
  opened: Promise<void>
  open(): void
}

type Stream = StoredObject['stream']
type Sabotage = (good: Stream, gate: Gate, store: ObjectStore, url: string) => Stream

function worldOf(sabotage: Sabotage): StorageWorld {
  const gate: Gate = { opened: Promise.resolve(), open: () => {} }
  const store = memoryStore()
  const object: ObjectStore['object'] = (url) => {
    const good = store.object(url)
    const gated: Stream = async function* (range) {
      for await (const piece of good.stream(range)) {
        await gate.opened
        yield piece
      }
    }
    return { ...good, stream: sabotage(gated, gate, store, url) }
  }
  return {
    ...storageWorldOf(() => ({ ...store, object }))(),
    process: {
      settle: async () => {},
      async kill() {
        const { promise, resolve } = Promise.withResolvers<void>()
        Object.assign(gate, { opened: promise, open: resolve })
      },
      start: async () => gate.open(),
      aside: (work) => work('http://127.0.0.1:1'),
    },
  }
}

async function failedOf(sabotage: Sabotage): Promise<string[]> {
  const failed: string[] = []
  for (const check of RESTARTING) {
    const outcome = await runStorageCheck(check, () => worldOf(sabotage))
    if (outcome.state === 'failed') failed.push(`${check.id} ${outcome.why}`)
  }
  return failed
}

const away = fault({ kind: 'unavailable', code: 'x.away', why: 'Away.', fix: 'Wait.' })

describe('the rules of a server that is killed', () => {
  it('pass a store that goes on where it was', async () => {
    expect(await failedOf((good) => good)).toEqual([])
  })

  it('catch one that begins again at the first byte', async () => {
    const again: Sabotage = (good, gate) =>
      async function* () {
        const { opened } = gate
        for await (const piece of good()) {
          yield piece
          if (gate.opened !== opened) break
        }
        await gate.opened
        yield* good()
      }
    expect(await failedOf(again)).toEqual([
      expect.stringMatching(/^S50 .* bytes were read of/),
      expect.stringMatching(/^S51 the read of a replaced object did not fail/),
    ])
  })

  it('catch one that goes on in another version', async () => {
    const mixing: Sabotage = (_good, gate, store, url) =>
      async function* () {
        const size = (await store.object(url).head()).size ?? 0
        for (let start = 0; start < size; start += 1 << 20) {
          await gate.opened
          yield await store.object(url).read({ start, end: Math.min(size, start + (1 << 20)) })
        }
      }
    expect(await failedOf(mixing)).toEqual([
      expect.stringMatching(/^S51 the read of a replaced object did not fail/),
    ])
  })

  it('catch one that gives up', async () => {
    const giving: Sabotage = (good, gate) =>
      async function* () {
        const { opened } = gate
        for await (const piece of good()) {
          yield piece
          if (gate.opened !== opened) throw away
        }
      }
    expect(await failedOf(giving)).toEqual([
      expect.stringMatching(/^S50 .*Away/),
      expect.stringMatching(/^S51 its code is x.away/),
    ])
  })

  it('catch a kill that is no kill, for all is there already', async () => {
    const early: Sabotage = (_good, _gate, store, url) => () => store.object(url).stream()
    expect(await failedOf(early)).toEqual([
      expect.stringMatching(/^S50 .* were given by a server that was killed/),
      expect.stringMatching(/^S51 .* were given by a server that was killed/),
    ])
  })
})
