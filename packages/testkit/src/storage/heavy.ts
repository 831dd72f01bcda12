import { createHash } from 'node:crypto'
import { must } from '../conformance/check.ts'
import { bytesOf, heavy, type StorageCheck, withStore } from './check.ts'

const MIB = 1 << 20
const MANY = 10_000

/** Bytes of the large object: 2 GB only where `OMNI_TEST_LARGE=1`. */
const LARGE = process.env['OMNI_TEST_LARGE'] === '1' ? 2_000 * MIB : 200 * MIB
/** Ranges and parts in flight, buffers of the SDK, and what the collector has not yet taken away. */
const FLAT_BYTES = 256 * MIB

export const HEAVY: readonly StorageCheck[] = [
  {
    id: 'S40',
    title: 'ten thousand small objects are listed and read',
    absent: heavy,
    timeoutMs: 600_000,
    run: (world) =>
      withStore(world, {}, async (store) => {
        const nameOf = (i: number): string => `${world.root}many/${String(i).padStart(5, '0')}`
        const begun = performance.now()
        await inParallel(32, MANY, (i) => store.put(nameOf(i), Buffer.from(`object ${i}`)))
        const written = performance.now()
        const urls: string[] = []
        for await (const { url } of store.object(`${world.root}many/`).list()) urls.push(url)
        const listed = performance.now()
        must(urls.length === MANY, `${urls.length} objects were listed instead of ${MANY}`)
        must(
          urls.every((url, i) => url === nameOf(i)),
          'the list is not in order',
        )
        await inParallel(32, MANY, async (i) => {
          const read = await store.object(urls[i] as string).read({ start: 0, end: 100 })
          must(Buffer.from(read).toString() === `object ${i}`, `object ${i} is read back as something else`)
        })
        const read = performance.now()
        await store.remove(urls)
        const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`
        console.log(
          `${world.storage.name}: ${MANY} objects written in ${seconds(begun, written)}, listed in ${seconds(written, listed)}, read in ${seconds(listed, read)}, removed in ${seconds(read, performance.now())}`,
        )
      }),
  },
  {
    id: 'S41',
    title: 'a large object is written and read in flat memory',
    absent: heavy,
    timeoutMs: 600_000,
    run: (world) =>
      withStore(world, {}, async (store) => {
        const url = `${world.root}large`
        const piece = bytesOf(4 * MIB)
        const written = createHash('sha256')
        const watch = watchMemory()
        const upload = store.upload(url)
        const begun = performance.now()
        for (let at = 0; at < LARGE; at += piece.length) {
          piece[0] = (at / piece.length) & 255
          const copy = piece.slice()
          written.update(copy)
          await upload.write(copy)
        }
        await upload.finish()
        const middle = performance.now()
        const read = createHash('sha256')
        let size = 0
        for await (const bytes of store.object(url).stream()) {
          read.update(bytes)
          size += bytes.length
        }
        const ended = performance.now()
        const grown = watch.stop()
        await store.remove([url])
        const speed = (from: number, to: number): string =>
          `${(LARGE / MIB / ((to - from) / 1000)).toFixed(0)} MiB/s`
        console.log(
          `${world.storage.name}: ${LARGE / MIB} MiB written at ${speed(begun, middle)}, read at ${speed(middle, ended)}, memory grew by ${(grown / MIB).toFixed(0)} MiB`,
        )
        must(size === LARGE, `${size} bytes were read instead of ${LARGE}`)
        must(read.digest('hex') === written.digest('hex'), 'other bytes were read than written')
        must(grown < FLAT_BYTES, `memory grew by ${grown} bytes`)
      }),
  },
]

async function inParallel(lanes: number, count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await work(i)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** How far the process's memory rises above where it is now. */
function watchMemory(): { stop(): number } {
  const before = process.memoryUsage.rss()
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 50)
  return {
    stop() {
      clearInterval(timer)
      return peak - before
    },
  }
}
