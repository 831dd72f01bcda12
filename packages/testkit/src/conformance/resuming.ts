import { isDeepStrictEqual } from 'node:util'
import { isFault, type Position } from '@omni/spec'
import { type Check, declares, firstOf, must, needs } from './check.ts'
import { errorOf, gather, readAll, request, rowsOf, streamOf, withSession } from './session.ts'
import { LIMITS, type World } from './world.ts'

const SMALL = { ...LIMITS, chunkRows: 5 }
const MOST_BYTES = 8 << 10

export const RESUMING: readonly Check[] = [
  {
    id: 'C30',
    title: 'a position covers its chunk and all before it',
    absent: declares('positions'),
    run: async (world) => {
      await world.seed()
      const { covered, rows } = await readUpToFirstPosition(world)
      const rest = await withSession(world.collector(), (session) =>
        readAll(session, world, covered.position),
      )
      must(
        isDeepStrictEqual(
          [...covered.rows, ...rest.rows].slice(0, covered.rows.length + 1),
          rows.slice(0, covered.rows.length + 1),
        ),
        'resuming from the first position gives again, or skips, rows right after it',
      )
    },
  },
  {
    id: 'C31',
    title: 'reading from a position gives all that it does not cover, and no more',
    absent: declares('positions'),
    run: async (world) => {
      await world.seed()
      const { position } = await withSession(world.collector(), (session) => readAll(session, world))
      must(position !== undefined, 'a full read gives no position')
      const again = await withSession(world.collector(), (session) => readAll(session, world, position))
      must(again.rows.length === 0, `${again.rows.length} rows came again that the position covers`)
      const added = await world.append?.()
      if (!added) return
      const more = await withSession(world.collector(), (session) => readAll(session, world, position))
      must(
        more.rows.length === added.records,
        `${more.rows.length} rows came after the position instead of ${added.records}`,
      )
    },
  },
  {
    id: 'C32',
    title: 'a position is flat, small and survives JSON',
    absent: declares('positions'),
    run: async (world) => {
      await world.seed()
      const { source } = world.collector()
      await withSession(world.collector(), async (session) => {
        for (const { position } of (await readAll(session, world)).chunks) {
          if (position === undefined) continue
          const text = JSON.stringify(position)
          must(Buffer.byteLength(text) <= MOST_BYTES, 'a position is larger than 8 KiB')
          must(isDeepStrictEqual(JSON.parse(text), { ...position }), 'a position does not survive JSON')
          for (const value of Object.values(position)) {
            const flat = value === null || ['string', 'number', 'boolean'].includes(typeof value)
            must(flat, 'a position is not flat')
            must(
              typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value),
              'a 64-bit value in a position is a number',
            )
          }
          const valid = source.position?.['~standard'].validate(position)
          must(
            valid === undefined || (!(valid instanceof Promise) && !valid.issues),
            'a position does not fit its own schema',
          )
        }
      })
    },
  },
  {
    id: 'C33',
    title: 'a position that the system no longer knows fails',
    absent: firstOf(declares('positions'), needs('stalePosition')),
    run: async (world) => {
      await world.seed()
      const error = await errorOf(
        withSession(world.collector(), (session) => readAll(session, world, world.stalePosition)),
      )
      must(
        isFault(error) && error.kind === 'position',
        `it gave ${isFault(error) ? error.kind : 'no fault'} instead of position`,
      )
    },
  },
  {
    id: 'C34',
    title: 'a position holds no secret and no value',
    absent: declares('positions'),
    run: async (world) => {
      await world.seed()
      const { chunks } = await withSession(world.collector(), (session) => readAll(session, world))
      const positions = JSON.stringify(chunks.map(({ position }) => position))
      for (const word of [...(world.secrets ?? []), ...(world.values ?? [])]) {
        must(!positions.includes(word), 'a position holds a secret or a value of the data')
      }
    },
  },
  {
    id: 'C40',
    title: 'the splits in order are the stream',
    absent: declares('splits'),
    run: async (world) => {
      await world.seed()
      const split = await withSession(world.collector(), (session) => readAll(session, world))
      await withSession(world.collector(), async (session) => {
        const stream = await streamOf(session, world)
        const splits = (await session.reader.splits?.(stream)) ?? []
        must(splits.length > 0, 'splits gives none')
        const whole = await gather(session.reader.read(stream, undefined, request(session, world)))
        must(isDeepStrictEqual(split.rows, whole.rows), 'the splits in order give other rows than the stream')
      })
    },
  },
  {
    id: 'C41',
    title: 'split ids are unique and stable',
    absent: declares('splits'),
    run: async (world) => {
      await world.seed()
      await withSession(world.collector(), async (session) => {
        const stream = await streamOf(session, world)
        const once = ((await session.reader.splits?.(stream)) ?? []).map(({ id }) => id)
        const again = ((await session.reader.splits?.(stream)) ?? []).map(({ id }) => id)
        must(new Set(once).size === once.length, 'two splits have the same id')
        must(isDeepStrictEqual(once, again), 'the ids of splits change from call to call')
      })
    },
  },
]

/** Rows up to the first chunk that has a position, that position, and the rows of a whole read. */
async function readUpToFirstPosition(
  world: World,
): Promise<{ covered: { rows: unknown[]; position: Position }; rows: readonly unknown[] }> {
  const whole = await withSession(world.collector(), (session) => readAll(session, world))
  return withSession(world.collector(), async (session) => {
    const stream = await streamOf(session, world)
    const splits = (await session.reader.splits?.(stream)) ?? []
    const asked = request(session, world, { limits: SMALL, ...(splits[0] ? { split: splits[0] } : {}) })
    const covered: unknown[] = []
    for await (const chunk of session.reader.read(stream, undefined, asked)) {
      if ('restart' in chunk) {
        covered.length = 0
        continue
      }
      covered.push(...(await rowsOf(chunk)))
      if (chunk.position) return { covered: { rows: covered, position: chunk.position }, rows: whole.rows }
    }
    must(false, 'no chunk has a position')
    throw new TypeError('unreachable')
  })
}
