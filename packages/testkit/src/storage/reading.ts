import { must } from '../conformance/check.ts'
import { bytesOf, failureOf, gather, type StorageCheck, same, withStore } from './check.ts'

/** Ranges small enough that little data makes many. */
const SMALL = { rangeBytes: 65_536, concurrency: 4 }

export const READING: readonly StorageCheck[] = [
  {
    id: 'S01',
    title: 'what was put is read, whatever its size',
    run: (world) =>
      withStore(world, { more: SMALL }, async (store) => {
        for (const size of [0, 1, 65_535, 65_536, 65_537, 1_000_003]) {
          const url = `${world.root}object-${size}`
          const bytes = bytesOf(size, size + 1)
          await store.put(url, bytes)
          const read = await gather(store.object(url).stream())
          must(same(read, bytes), `${size} bytes were put and ${read.length} read, or others`)
        }
      }),
  },
  {
    id: 'S02',
    title: 'head says what an object is',
    run: (world) =>
      withStore(world, {}, async (store) => {
        const url = `${world.root}below/facts.csv`
        await store.put(url, bytesOf(1234))
        const before = await store.object(url).head()
        must(before.url === url, `its url is ${before.url} instead of ${url}`)
        must(before.name === 'facts.csv', `its name is ${before.name}`)
        must(before.size === 1234, `its size is ${before.size} instead of 1234`)
        must(!before.isFolder, 'an object is said to be a folder')
        const age = Date.now() - (before.modifiedMs ?? 0)
        must(Math.abs(age) < 600_000, `it was modified ${age} ms ago`)
        must(before.etag !== '', 'it has no etag')
        must((await store.object(url).head()).etag === before.etag, 'the etag changed without the object')
        await store.put(url, bytesOf(1234, 2))
        must(
          (await store.object(url).head()).etag !== before.etag,
          'the object changed, and the etag did not',
        )
      }),
  },
  {
    id: 'S03',
    title: 'a range is exactly the bytes asked for, shorter only at the end of the object',
    run: (world) =>
      withStore(world, { more: SMALL }, async (store) => {
        const url = `${world.root}ranges`
        const bytes = bytesOf(300_000)
        await store.put(url, bytes)
        const object = store.object(url)
        const ranges: readonly (readonly [number, number])[] = [
          [0, 1],
          [0, 65_536],
          [65_535, 65_537],
          [1, 299_999],
          [299_999, 300_000],
          [299_990, 400_000],
          [300_000, 300_010],
          [5, 5],
          [100_000, 250_001],
        ]
        for (const [start, end] of ranges) {
          const wanted = bytes.subarray(start, end)
          const read = await object.read({ start, end })
          must(same(read, wanted), `read ${start} to ${end} gave ${read.length} bytes, or others`)
          const streamed = await gather(object.stream({ start, end }))
          must(same(streamed, wanted), `stream ${start} to ${end} gave ${streamed.length} bytes, or others`)
        }
        const tail = await gather(object.stream({ start: 123_456 }))
        must(same(tail, bytes.subarray(123_456)), 'stream from the middle to the end gave other bytes')
      }),
  },
  {
    id: 'S04',
    title: 'an object that was replaced is noticed',
    run: (world) =>
      withStore(world, { more: { rangeBytes: 65_536, concurrency: 2 } }, async (store) => {
        const url = `${world.root}replaced`
        await store.put(url, bytesOf(1_000_000))
        const { etag } = await store.object(url).head()
        must(
          (await store.object(url).read({ start: 0, end: 10, etag })).length === 10,
          'its own etag is refused',
        )
        let read = 0
        const reading = (async () => {
          for await (const piece of store.object(url).stream()) {
            if (read === 0) await store.put(url, bytesOf(1_000_000, 2))
            read += piece.length
          }
        })()
        const midway = await failureOf(reading, 'a read of an object that was replaced')
        must(midway.code === 'storage.changed', `its code is ${midway.code} instead of storage.changed`)
        must(midway.kind === 'unavailable', `its kind is ${midway.kind} instead of unavailable`)
        must(read < 1_000_000, 'all of it was read before the fault')
        const old = await failureOf(
          store.object(url).read({ start: 0, end: 10, etag }),
          'a read of another version than the etag names',
        )
        must(old.code === 'storage.changed', `its code is ${old.code} instead of storage.changed`)
      }),
  },
  {
    id: 'S05',
    title: 'a read ends at once when its signal is given',
    run: (world) =>
      withStore(world, { more: SMALL }, async (store) => {
        const url = `${world.root}aborted`
        await store.put(url, bytesOf(1_000_000))
        const stop = new AbortController()
        const begun = performance.now()
        const reading = (async () => {
          for await (const _ of store.object(url).stream({ signal: stop.signal })) stop.abort()
        })()
        const { kind } = await failureOf(reading, 'a read whose signal was given')
        must(kind === 'aborted', `its kind is ${kind} instead of aborted`)
        must(performance.now() - begun < 5000, 'it took more than five seconds to end')
      }),
  },
  {
    id: 'S06',
    title: 'what is not there is missing',
    run: (world) =>
      withStore(world, {}, async (store) => {
        await store.put(`${world.root}neighbour`, bytesOf(1))
        const object = store.object(`${world.root}neigh`)
        const ways = {
          head: () => object.head(),
          read: () => object.read({ start: 0, end: 10 }),
          stream: () => gather(object.stream()),
          copy: () => store.copy(`${world.root}neigh`, `${world.root}copy`),
        }
        for (const [way, work] of Object.entries(ways)) {
          const { kind } = await failureOf(work(), `${way} of what is not there`)
          must(kind === 'missing', `${way} says ${kind} instead of missing`)
        }
      }),
  },
]
