import { isDeepStrictEqual } from 'node:util'
import { isFault } from '@omni/spec'
import { type Check, declares, firstOf, must, needs } from './check.ts'
import { errorOf, LIMITED, readAll, request, streamOf, within, withSession } from './session.ts'
import { LIMITS } from './world.ts'

const SMALL = { ...LIMITS, chunkRows: 7 }

export const READING: readonly Check[] = [
  {
    id: 'C20',
    title: 'reading twice gives the same rows in the same order',
    absent: declares('replay'),
    run: async (world) => {
      await world.seed()
      const once = await withSession(world.collector(), (session) => readAll(session, world))
      const again = await withSession(world.collector(), (session) => readAll(session, world))
      must(isDeepStrictEqual(once.rows, again.rows), 'the second read gave other rows, or another order')
    },
  },
  {
    id: 'C21',
    title: 'every record comes out once',
    run: async (world) => {
      const { records } = await world.seed()
      const reading = await withSession(world.collector(), (session) => readAll(session, world))
      const out = reading.rows.length + reading.rejected + reading.filtered
      must(out === records, `${records} records went in and ${out} came out`)
    },
  },
  {
    id: 'C22',
    title: 'a chunk holds no more rows than asked for',
    run: async (world) => {
      await world.seed()
      await withSession(
        world.collector(),
        async (session) => {
          for (const chunk of (await readAll(session, world, undefined, { limits: SMALL })).chunks) {
            const rows = 'rows' in chunk ? chunk.rows.length : ((chunk.batch as { rows?: number }).rows ?? 0)
            must(rows <= SMALL.chunkRows, `a chunk held ${rows} rows where ${SMALL.chunkRows} were asked for`)
          }
        },
        SMALL,
      )
    },
  },
  {
    id: 'C23',
    title: 'a slow reader slows the system down',
    absent: needs('served'),
    run: async (world) => {
      await world.seed()
      const limits = { ...LIMITS, chunkRows: 16, chunkBytes: 16 << 10, bufferBytes: 64 << 10 }
      await withSession(
        world.collector(),
        async (session) => {
          const stream = await streamOf(session, world)
          const before = (await world.served?.()) ?? 0
          const chunks = session.reader
            .read(stream, undefined, request(session, world, { limits }))
            [Symbol.asyncIterator]()
          await chunks.next()
          await new Promise((resolve) => setTimeout(resolve, 300))
          const taken = ((await world.served?.()) ?? 0) - before
          // A socket's own buffers lie between us and the system.
          const allowed = limits.bufferBytes + limits.chunkBytes + SOCKET_BUFFERS
          await chunks.return?.()
          must(
            taken <= allowed,
            `${taken} bytes were taken ahead of a reader that took one chunk; ${allowed} are allowed`,
          )
        },
        limits,
      )
    },
  },
  {
    id: 'C24',
    title: 'limit bounds the read',
    run: async (world) => {
      await world.seed()
      const reading = await withSession(world.collector(), (session) =>
        readAll(session, world, undefined, { limit: LIMITED }),
      )
      must(reading.rows.length <= LIMITED, `${reading.rows.length} rows came for a limit of ${LIMITED}`)
    },
  },
  {
    id: 'C25',
    title: 'values arrive exactly',
    run: async (world) => {
      const { rows } = await world.seed()
      if (!rows) return
      const reading = await withSession(world.collector(), (session) => readAll(session, world))
      const wrong = rows.findIndex(
        (row, i) => reading.rows[i] !== undefined && !isDeepStrictEqual({ ...reading.rows[i] }, { ...row }),
      )
      must(wrong < 0, `row ${wrong} is not what the system holds`)
    },
  },
  {
    id: 'C26',
    title: 'after an abort the pending step settles within a second',
    run: async (world) => {
      await world.seed()
      await withSession(world.collector(), async (session) => {
        const stream = await streamOf(session, world)
        const asked = request(session, world, { limits: SMALL })
        const chunks = session.reader.read(stream, undefined, asked)[Symbol.asyncIterator]()
        const first = chunks.next()
        await within(100, errorOf(first))
        session.abort.abort()
        const outcome = await within(1500, drain(first, chunks))
        must(outcome !== 'late', 'the read went on for more than a second after its signal aborted')
        must(
          outcome === undefined || (isFault(outcome) && outcome.kind === 'aborted'),
          'the abort gave another error than the fault aborted',
        )
      })
    },
  },
  {
    id: 'C27',
    title: 'leaving the loop early frees the read',
    run: async (world) => {
      await world.seed()
      await withSession(world.collector(), async (session) => {
        const stream = await streamOf(session, world)
        const asked = request(session, world, { limits: SMALL })
        const chunks = session.reader.read(stream, undefined, asked)[Symbol.asyncIterator]()
        await chunks.next()
        const left = await within(1500, errorOf(Promise.resolve(chunks.return?.())))
        must(left === undefined, 'leaving the loop did not settle within a second, or failed')
      })
    },
  },
  {
    id: 'C28',
    title: 'a restart gives the same rows from the start',
    absent: firstOf(declares('restart'), needs('restarting')),
    run: async (world) => {
      const made = await world.restarting?.()
      if (!made) return
      const reading = await withSession(made.collector, (session) =>
        readAll(session, { ...world, stream: undefined as never }),
      )
      must(reading.restarts > 0, 'the read did not restart')
      must(reading.restarts <= 8, `the read restarted ${reading.restarts} times`)
      must(
        reading.rows.length === made.records,
        `${reading.rows.length} rows came after the restart instead of ${made.records}`,
      )
      must(
        !made.rows ||
          isDeepStrictEqual(
            reading.rows.map((row) => ({ ...row })),
            made.rows,
          ),
        'other rows came after the restart',
      )
    },
  },
  {
    id: 'C29',
    title: 'a record that cannot be decoded harms no other',
    absent: needs('corrupt'),
    run: async (world) => {
      const made = await world.corrupt?.()
      if (!made) return
      const reading = await withSession(made.collector, (session) =>
        readAll(session, { ...world, stream: undefined as never }),
      )
      must(
        reading.rejected === made.rejected,
        `${reading.rejected} records were rejected instead of ${made.rejected}`,
      )
      must(
        reading.rows.length === made.records,
        `${reading.rows.length} rows came instead of ${made.records}`,
      )
      for (const { rejected = [] } of reading.chunks) {
        for (const { locator, code, reason } of rejected) {
          must(
            locator !== '' && code !== '' && reason !== '',
            'a rejected record has no locator, code or reason',
          )
        }
      }
    },
  },
]

/** What the kernel may hold between a server and us on loopback, both directions. */
const SOCKET_BUFFERS = 6 << 20

/** Reads to the end; the error, or undefined. */
async function drain(
  first: Promise<IteratorResult<unknown>>,
  chunks: AsyncIterator<unknown>,
): Promise<unknown> {
  return errorOf(
    (async () => {
      let step = await first
      while (!step.done) step = await chunks.next()
    })(),
  )
}
