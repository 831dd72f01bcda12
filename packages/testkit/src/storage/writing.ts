import { must } from '../conformance/check.ts'
import { bytesOf, collect, failureOf, gather, type StorageCheck, same, withStore } from './check.ts'

const MIB = 1 << 20
/** Parts as small as every store takes them. */
const PARTS = { partBytes: 5 * MIB, concurrency: 3 }

export const WRITING: readonly StorageCheck[] = [
  {
    id: 'S20',
    title: 'put writes over what is there',
    run: (world) =>
      withStore(world, {}, async (store) => {
        const url = `${world.root}over`
        await store.put(url, bytesOf(1000))
        await store.put(url, bytesOf(10, 2))
        must(
          same(await gather(store.object(url).stream()), bytesOf(10, 2)),
          'the first object is still there',
        )
      }),
  },
  {
    id: 'S21',
    title: 'put-if-absent writes once',
    run: (world) =>
      withStore(world, {}, async (store) => {
        const url = `${world.root}once`
        must((await store.putIfAbsent(url, bytesOf(100))) === true, 'the first write was refused')
        must((await store.putIfAbsent(url, bytesOf(100, 2))) === false, 'the second write was taken')
        const read = await gather(store.object(url).stream())
        must(same(read, bytesOf(100)), 'the refused write changed the object')
      }),
  },
  {
    id: 'S22',
    title: 'of several put-if-absent at once one wins, and its bytes are there',
    run: (world) =>
      withStore(world, {}, async (store) => {
        const url = `${world.root}race`
        const won = await Promise.all(
          Array.from({ length: 8 }, (_, i) => store.putIfAbsent(url, bytesOf(5000, i + 1))),
        )
        const winners = won.flatMap((wins, i) => (wins ? [i] : []))
        must(winners.length === 1, `${winners.length} of 8 writers were told that they had won`)
        const read = await gather(store.object(url).stream())
        must(same(read, bytesOf(5000, (winners[0] ?? 0) + 1)), 'the object is not the winner’s')
      }),
  },
  {
    id: 'S23',
    title: 'an upload is there whole after finish, and not before',
    timeoutMs: 120_000,
    run: (world) =>
      withStore(world, { more: PARTS }, async (store) => {
        for (const size of [0, 1000, 5 * MIB, 5 * MIB + 1, 13 * MIB + 17]) {
          const url = `${world.root}uploads/${size}`
          const bytes = bytesOf(size, size + 3)
          const upload = store.upload(url)
          for (let at = 0, i = 0; at < size; i++) {
            const step = [1, 100_000, 3 * MIB, 700_001, 6 * MIB][i % 5] as number
            await upload.write(bytes.slice(at, at + step))
            at += step
          }
          const early = (await collect(store.object(`${world.root}uploads/`).list())).map(({ url: at }) => at)
          must(!early.includes(url), `an upload of ${size} bytes is there before finish`)
          await upload.finish()
          must(
            same(await gather(store.object(url).stream()), bytes),
            `an upload of ${size} bytes came out other`,
          )
        }
      }),
  },
  {
    id: 'S24',
    title: 'an aborted upload leaves nothing, and abort never rejects',
    run: (world) =>
      withStore(world, { more: PARTS }, async (store) => {
        const url = `${world.root}aborted`
        await store.put(url, bytesOf(10))
        for (const size of [0, 100, 11 * MIB]) {
          const upload = store.upload(url)
          if (size > 0) await upload.write(bytesOf(size))
          await upload.abort()
          await upload.abort()
          const { kind } = await failureOf(upload.write(bytesOf(1)), 'a write after abort')
          must(kind === 'bug' || kind === 'aborted', `a write after abort says ${kind}`)
        }
        must(
          same(await gather(store.object(url).stream()), bytesOf(10)),
          'an aborted upload changed the object',
        )
        const list = await collect(store.object(world.root).list())
        must(list.length === 1, `${list.length} objects are there instead of 1`)
      }),
  },
  {
    id: 'S25',
    title: 'an upload ends when its signal is given',
    run: (world) =>
      withStore(world, { more: PARTS }, async (store) => {
        const stop = new AbortController()
        const upload = store.upload(`${world.root}stopped`, { signal: stop.signal })
        await upload.write(bytesOf(6 * MIB))
        stop.abort()
        const { kind } = await failureOf(upload.write(bytesOf(12 * MIB)), 'a write after the signal')
        must(kind === 'aborted', `its kind is ${kind} instead of aborted`)
        await upload.abort()
      }),
  },
  {
    id: 'S26',
    title: 'copy makes the same bytes elsewhere and leaves the first',
    run: (world) =>
      withStore(world, {}, async (store) => {
        const [from, to] = [`${world.root}from`, `${world.root}below/to`]
        const bytes = bytesOf(3_000_000)
        await store.put(from, bytes)
        await store.put(to, bytesOf(7))
        await store.copy(from, to)
        for (const url of [from, to])
          must(
            same(await gather(store.object(url).stream()), bytes),
            `${url} holds other bytes after the copy`,
          )
      }),
  },
  {
    id: 'S27',
    title: 'remove takes away what is there, and what is not there is no error',
    run: (world) =>
      withStore(world, {}, async (store) => {
        const urls = ['a', 'b', 'c/d', 'kept'].map((name) => `${world.root}${name}`)
        for (const url of urls) await store.put(url, bytesOf(1))
        await store.remove([...urls.slice(0, 3), `${world.root}never`])
        await store.remove([`${world.root}never`])
        await store.remove([])
        const left = (await collect(store.object(world.root).list())).map(({ name }) => name)
        must(left.join() === 'kept', `left are ${left.join()} instead of kept`)
      }),
  },
  {
    id: 'S28',
    title: 'notes are sentences, and say no secret',
    run: (world) =>
      withStore(world, {}, async (store) => {
        const notes = (await store.notes?.(world.root)) ?? []
        for (const note of notes) must(/^.{10,300}$/.test(note), `a note is ${note}`)
      }),
  },
]
