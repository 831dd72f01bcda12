import { type Collector, isFault } from '@omni/spec'
import { moreThan, resources, settle } from './building.ts'
import { type Check, declares, firstOf, must, needs } from './check.ts'
import { errorOf, openSession, readAll, request, streamOf, textOf, within, withSession } from './session.ts'
import type { World } from './world.ts'

export const FAILING: readonly Check[] = [
  {
    id: 'C50',
    title: 'nothing is acknowledged before ack',
    absent: firstOf(declares('ack'), needs('acknowledged')),
    run: async (world) => {
      const { records } = await world.seed()
      const before = (await world.acknowledged?.()) ?? 0
      await withSession(world.collector(), async (session) => {
        const { position } = await readAll(session, world)
        const early = ((await world.acknowledged?.()) ?? 0) - before
        must(early === 0, `${early} records were acknowledged before ack was called`)
        await session.reader.ack?.(await streamOf(session, world), position)
        const after = await eventually(async () => ((await world.acknowledged?.()) ?? 0) - before, records)
        must(after === records, `${after} records are acknowledged after ack instead of ${records}`)
      })
    },
  },
  {
    id: 'C51',
    title: 'without ack the data comes again, and a repeated ack is harmless',
    absent: declares('ack'),
    run: async (world) => {
      const { records } = await world.seed()
      await withSession(world.collector(), (session) => readAll(session, world))
      await withSession(world.collector(), async (session) => {
        const { rows, position } = await readAll(session, world)
        must(
          rows.length === records,
          `${rows.length} records came again without an ack instead of ${records}`,
        )
        const stream = await streamOf(session, world)
        await session.reader.ack?.(stream, position)
        const error = await errorOf(Promise.resolve(session.reader.ack?.(stream, position)))
        must(error === undefined, 'a repeated ack failed')
      })
    },
  },
  {
    id: 'C60',
    title: 'only faults leave a source',
    absent: (world) => (brokenOnes(world).length > 0 ? undefined : 'the world gives no broken system'),
    run: async (world) => {
      for (const broken of brokenOnes(world)) {
        const checking = await errorOf(withSession(broken, async ({ reader }) => reader.check?.()))
        for (const error of [checking, await failureOf(broken, world)]) {
          const known = error === undefined || isFault(error) || classified(broken, error) !== undefined
          must(known, 'an error left the source that is neither a fault nor known to classify')
        }
      }
    },
  },
  {
    id: 'C61',
    title: 'messages hold no value of the data and no secret',
    run: async (world) => {
      const texts: string[] = []
      for (const broken of brokenOnes(world)) {
        const error = await failureOf(broken, world)
        texts.push(textOf(isFault(error) ? error : classified(broken, error)))
      }
      const corrupt = await world.corrupt?.()
      if (corrupt) {
        const { chunks } = await withSession(corrupt.collector, (session) =>
          readAll(session, { ...world, stream: undefined as never }),
        )
        texts.push(
          JSON.stringify(
            chunks.map(({ rejected }) => rejected?.map(({ locator, reason }) => [locator, reason])),
          ),
        )
      }
      for (const word of [...(world.secrets ?? []), ...(world.values ?? [])]) {
        must(!texts.join('\n').includes(word), 'a message holds a secret or a value of the data')
      }
    },
  },
  {
    id: 'C62',
    title: 'a system that is away is unavailable, a refused login is auth',
    absent: (world) => (world.away || world.refused ? undefined : 'the world gives no away and no refused'),
    run: async (world) => {
      for (const [make, kind] of [
        [world.away, 'unavailable'],
        [world.refused, 'auth'],
      ] as const) {
        if (!make) continue
        const broken = make()
        const error = await failureOf(broken, world)
        const known = isFault(error) ? error : classified(broken, error)
        must(known?.kind === kind, `it gave ${known?.kind ?? 'no fault'} instead of ${kind}`)
      }
    },
  },
  {
    id: 'C63',
    title: 'close settles and leaves nothing behind',
    run: async (world) => {
      await world.seed()
      // The first session may load what stays loaded (a module, a compiled kernel).
      await withSession(world.collector(), (session) => readAll(session, world))
      const before = resources()
      const session = openSession(world.collector())
      await readAll(session, world)
      const outcome = await within(5000, errorOf(Promise.resolve(session.reader.close?.())))
      must(outcome === undefined, 'close did not settle within five seconds, or failed')
      const left = await eventually(async () => moreThan(resources(), before), '')
      must(left === '', `${left} is left after close`)
      for (const broken of brokenOnes(world)) {
        const failed = openSession(broken)
        await errorOf(readAll(failed, { ...world, stream: undefined as never }))
        const closed = await within(5000, errorOf(Promise.resolve(failed.reader.close?.())))
        must(closed === undefined, 'close after a failure did not settle, or failed')
      }
    },
  },
  {
    id: 'C70',
    title: 'no value is logged, and two collectors do not know of each other',
    run: async (world) => {
      await world.seed()
      const one = openSession(world.collector())
      const two = openSession(world.collector())
      try {
        const { rows } = await readAll(one, world)
        if (world.collector().source.capabilities.replay) {
          const again = await readAll(two, world)
          must(
            rows.length === again.rows.length,
            'a second collector, opened at the same time, reads other rows',
          )
        }
      } finally {
        await one.reader.close?.()
        await two.reader.close?.()
      }
      const logged = [...one.logged, ...two.logged].join('\n')
      for (const value of [...(world.values ?? []), ...(world.secrets ?? [])]) {
        must(!logged.includes(value), 'a value of the data or a secret was logged')
      }
    },
  },
  {
    id: 'C71',
    title: 'capabilities are facts, in both directions',
    run: async (world) => {
      await world.seed()
      const { source } = world.collector()
      const { capabilities } = source
      await withSession(world.collector(), async (session) => {
        const { reader } = session
        for (const method of ['ack', 'splits', 'check'] as const) {
          must(
            (reader[method] !== undefined) === (capabilities[method] === true),
            `${method} and the capability ${method} do not agree`,
          )
        }
        const { chunks, restarts, rows, position } = await readAll(session, world)
        if (capabilities.versions && world.append) {
          await world.append()
          const again = await withSession(world.collector(), (later) => readAll(later, world, position))
          must(
            again.rows.length >= rows.length,
            'a changed stream did not come whole again, against the capability versions',
          )
        }
        const positions = chunks.some(({ position }) => position !== undefined)
        must(
          positions === (capabilities.positions === true),
          'positions in chunks and the capability positions do not agree',
        )
        must(
          (source.position !== undefined) === positions,
          'a schema of positions and positions in chunks do not agree',
        )
        must(
          restarts === 0 || capabilities.restart === true,
          'a read restarted without the capability restart',
        )
        const versioned = capabilities.replay === true && capabilities.positions === true
        must(capabilities.versions !== true || versioned, 'versions needs positions and replay')
        must(capabilities.restart !== true || capabilities.replay === true, 'restart needs replay')
        const changes = chunks.some(({ op = 'append' }) => op !== 'append')
        must(
          !changes || capabilities.changes === true,
          'a chunk is an upsert or a delete without the capability changes',
        )
      })
    },
  },
]

function brokenOnes(world: World): Collector[] {
  return [world.away?.(), world.refused?.(), world.missing?.()].filter((one) => one !== undefined)
}

async function failureOf(broken: Collector, world: World): Promise<unknown> {
  return errorOf(
    withSession(broken, async (session) => {
      const stream = await streamOf(session, { ...world, stream: undefined as never })
      for await (const _ of session.reader.read(stream, undefined, request(session, world))) break
    }),
  )
}

function classified(
  { source }: Collector,
  error: unknown,
): { kind: string; code: string; why: string; fix: string } | undefined {
  return source.classify?.(error)
}

/** The value once it is as wanted, or what it was after two seconds. */
async function eventually<T>(read: () => Promise<T>, wanted: T): Promise<T> {
  await settle()
  let value = await read()
  for (let i = 0; i < 40 && value !== wanted; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    value = await read()
  }
  return value
}
