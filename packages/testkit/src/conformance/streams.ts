import { normalizeBatch } from '@omni/core'
import { isFault, type Schema } from '@omni/spec'
import { type Check, declares, must, needs } from './check.ts'
import { errorOf, readAll, request, streamOf, within, withSession } from './session.ts'

export const STREAMS: readonly Check[] = [
  {
    id: 'C10',
    title: 'discover gives the same streams twice, with unique names',
    run: async (world) => {
      await world.seed()
      await withSession(world.collector(), async ({ reader }) => {
        const once = (await reader.discover()).map(({ name }) => name)
        const again = (await reader.discover()).map(({ name }) => name)
        must(once.length > 0, 'discover gives no stream')
        must(
          JSON.stringify(once) === JSON.stringify(again),
          'discover gives other streams, or another order, the second time',
        )
        must(new Set(once).size === once.length, 'two streams have the same name')
      })
    },
  },
  {
    id: 'C11',
    title: 'what does not exist fails with kind missing',
    absent: needs('missing'),
    run: async (world) => {
      const error = await errorOf(
        withSession(world.missing?.() as never, async (session) => {
          const stream = await streamOf(session, { ...world, stream: undefined as never })
          for await (const _ of session.reader.read(stream, undefined, request(session, world))) break
        }),
      )
      must(
        isFault(error) && error.kind === 'missing',
        `it gave ${isFault(error) ? error.kind : String(error)} instead of missing`,
      )
    },
  },
  {
    id: 'C12',
    title: 'a schema given by discover is the schema of every batch',
    run: async (world) => {
      await world.seed()
      await withSession(world.collector(), async (session) => {
        const { schema } = await streamOf(session, world)
        if (!schema) return
        for (const chunk of (await readAll(session, world)).chunks) {
          if ('rows' in chunk) {
            const names = new Set(schema.fields.map(({ name }) => name))
            must(
              chunk.rows.every((row) => Object.keys(row).every((key) => names.has(key))),
              'a row has a column that discover did not name',
            )
            continue
          }
          const got = (await normalizeBatch(chunk.batch)).schema
          must(shapeOf(got) === shapeOf(schema), 'a batch has another schema than discover said')
        }
      })
    },
  },
  {
    id: 'C13',
    title: 'check settles, and rejects when the system is away',
    absent: declares('check'),
    run: async (world) => {
      await world.seed()
      await withSession(world.collector(), async ({ reader }) => {
        const outcome = await within(10_000, Promise.resolve(reader.check?.()))
        must(outcome !== 'late', 'check did not settle within ten seconds')
      })
      const broken = world.away?.() ?? world.missing?.()
      if (!broken) return
      const error = await errorOf(withSession(broken, async ({ reader }) => reader.check?.()))
      must(error !== undefined, 'check is content with a system that is not there')
    },
  },
]

function shapeOf(schema: Schema): string {
  return JSON.stringify(schema.fields.map(({ name, type }) => [name, type]))
}
