import type { Fault, ObjectStore } from '@omni/spec'
import { must } from '../conformance/check.ts'
import { bytesOf, collect, failureOf, gather, type StorageCheck, same, wired, withStore } from './check.ts'
import { type FaultProxy, type ProxyAnswer, type ProxyFault, startFaultProxy } from './proxy.ts'
import type { BrokenPlace, StorageWorld } from './world.ts'

const MIB = 1 << 20

/** A server that stops talking is noticed within so long. */
const QUICK = { rangeBytes: MIB, concurrency: 4, partBytes: 5 * MIB, timeoutMs: 1000 }

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const SLOW_DOWN: ProxyAnswer = {
  status: 503,
  headers: { 'content-type': 'application/xml', 'retry-after': '1' },
  body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
}

export const FAILING: readonly StorageCheck[] = [
  {
    id: 'S30',
    title: 'what is wrong is said by kind, without a secret',
    timeoutMs: 120_000,
    absent: (world) => (world.broken ? undefined : 'the world gives nothing broken'),
    run: async (world) => {
      for (const place of world.broken ?? []) {
        await withStore(world, place.options ? { options: place.options } : {}, async (store) => {
          for (const by of place.by ?? (['head', 'read', 'list', 'put'] as const))
            examine(place, by, await failureOf(attempt(store, by, place.url), `${by}: ${place.title}`))
        })
      }
    },
  },
  {
    id: 'S31',
    title: 'opening does no I/O, and a store that is away is unavailable',
    absent: wired,
    run: (world) =>
      withStore(world, { options: through(world, 'http://127.0.0.1:9') }, async (store) => {
        const object = store.object(`${world.root}any`)
        const ways = [
          () => object.head(),
          () => gather(object.stream()),
          () => store.put(`${world.root}any`, bytesOf(1)),
        ]
        for (const work of ways) {
          const { kind } = await failureOf(work(), 'a store that is away')
          must(kind === 'unavailable', `a store that is away is ${kind}`)
        }
      }),
  },
  {
    id: 'S32',
    title: 'a read whose connections break goes on in the middle',
    absent: wired,
    timeoutMs: 60_000,
    run: (world) =>
      behindProxy(world, 6 * MIB, async ({ proxy, store, url, bytes }) => {
        let cuts = 0
        proxy.decide = ({ method, path }) =>
          isRead(method, path) && cuts < 5 ? { cutAfter: 900_000 + 10_000 * cuts++ } : undefined
        const read = await gather(store.object(url).stream())
        must(same(read, bytes), `${read.length} bytes were read instead of ${bytes.length}, or others`)
        must(cuts === 5, `only ${cuts} connections were cut`)
        must(
          proxy.sent < bytes.length + MIB,
          `${proxy.sent} bytes were sent for ${bytes.length}: not resumed`,
        )
      }),
  },
  {
    id: 'S33',
    title: 'a server that stops and starts again in the middle of a read costs nothing but time',
    absent: wired,
    timeoutMs: 60_000,
    run: (world) =>
      behindProxy(world, 8 * MIB, async ({ proxy, store, url, bytes }) => {
        const pieces: Uint8Array[] = []
        let restarted: Promise<void> | undefined
        for await (const piece of store.object(url).stream()) {
          pieces.push(piece)
          restarted ??= proxy.down().then(async () => {
            await new Promise((resolve) => setTimeout(resolve, 1500))
            await proxy.up()
          })
        }
        await restarted
        must(same(Buffer.concat(pieces), bytes), 'other bytes were read')
      }),
  },
  {
    id: 'S34',
    title: 'an answer that stops coming is asked for again',
    absent: wired,
    timeoutMs: 60_000,
    run: (world) =>
      behindProxy(world, 3 * MIB, async ({ proxy, store, url, bytes }) => {
        let stalls = 0
        proxy.decide = ({ method, path }) =>
          isRead(method, path) && stalls < 2 ? { stallAfter: 200_000 + stalls++ } : undefined
        must(same(await gather(store.object(url).stream()), bytes), 'other bytes were read')
        must(stalls === 2, `only ${stalls} answers were held back`)
      }),
  },
  {
    id: 'S35',
    title: 'a store that asks to slow down is obeyed, and at last it is throttled',
    absent: wired,
    timeoutMs: 120_000,
    run: (world) =>
      behindProxy(world, 3 * MIB, async ({ proxy, store, url, bytes }) => {
        const slow: ProxyFault = { answer: world.wire?.slowDown ?? SLOW_DOWN }
        let asked = 0
        proxy.decide = () => (asked++ % 3 === 0 ? slow : undefined)
        must(same(await gather(store.object(url).stream()), bytes), 'other bytes were read')
        await store.put(`${url}-2`, bytesOf(1000))
        must(same(await gather(store.object(`${url}-2`).stream()), bytesOf(1000)), 'other bytes were written')
        proxy.decide = () => slow
        const stop = new AbortController()
        const timer = setTimeout(() => stop.abort(), 90_000)
        const error = await failureOf(
          gather(store.object(url).stream({ signal: stop.signal })),
          'a store that always asks to slow down',
        )
        clearTimeout(timer)
        must(error.kind === 'throttled', `it is ${error.kind} instead of throttled`)
      }),
  },
  {
    id: 'S36',
    title: 'a large read is several requests at a time, a small one is a single request',
    absent: wired,
    timeoutMs: 60_000,
    run: (world) =>
      behindProxy(world, 8 * MIB, async ({ proxy, store, url }) => {
        proxy.decide = () => ({ delayMs: 50 })
        await gather(store.object(url).stream())
        must(proxy.most >= 2 && proxy.most <= 4, `${proxy.most} requests were made at a time`)
        await store.put(`${url}-small`, bytesOf(1000))
        const before = proxy.requests.length
        await gather(store.object(`${url}-small`).stream())
        const made = proxy.requests.length - before
        must(made === 1, `${made} requests were made for a small object`)
      }),
  },
  {
    id: 'S37',
    title: 'no more is read ahead than concurrency ranges',
    absent: wired,
    timeoutMs: 60_000,
    run: (world) =>
      behindProxy(world, 16 * MIB, async ({ proxy, store, url }) => {
        for await (const _ of store.object(url).stream()) {
          await new Promise((resolve) => setTimeout(resolve, 1000))
          break
        }
        const most = QUICK.concurrency * QUICK.rangeBytes
        must(proxy.sent <= most + 65_536, `${proxy.sent} bytes were fetched for a reader that took one piece`)
      }),
  },
  {
    id: 'S38',
    title: 'an upload over a bad line comes out right',
    absent: wired,
    timeoutMs: 120_000,
    run: (world) =>
      behindProxy(world, 10, async ({ proxy, store, url }) => {
        const bytes = bytesOf(17 * MIB, 5)
        let writes = 0
        proxy.decide = ({ method }) => {
          if (method !== 'PUT' && method !== 'POST') return undefined
          writes++
          if (writes % 4 === 2) return { answer: world.wire?.slowDown ?? SLOW_DOWN }
          return writes % 4 === 0 ? { dropAnswer: true } : undefined
        }
        const upload = store.upload(url)
        for (let at = 0; at < bytes.length; at += MIB) await upload.write(bytes.slice(at, at + MIB))
        await upload.finish()
        proxy.decide = null
        must(same(await gather(store.object(url).stream()), bytes), 'the upload came out other')
      }),
  },
  {
    id: 'S39',
    title: 'a put-if-absent whose answer was lost knows its own object',
    absent: wired,
    timeoutMs: 60_000,
    run: (world) =>
      behindProxy(world, 10, async ({ proxy, store, url }) => {
        let lost = 0
        proxy.decide = ({ method }) =>
          (method === 'PUT' || method === 'POST') && lost++ === 0 ? { dropAnswer: true } : undefined
        const won = await store.putIfAbsent(`${url}-once`, bytesOf(100))
        must(lost > 1, 'the request was not tried again')
        must(won, 'the writer was told that somebody else had written')
        must((await store.putIfAbsent(`${url}-once`, bytesOf(100))) === false, 'a second write was taken')
      }),
  },
]

/** True for a request that brings an object's bytes, whichever store it goes to. */
function isRead(method: string, path: string): boolean {
  return method === 'GET' && !/[?&](list-type|comp|prefix)=/.test(path)
}

function through(world: StorageWorld, endpoint: string): Readonly<Record<string, unknown>> {
  return world.wire?.through(endpoint) ?? world.options
}

interface Behind {
  readonly proxy: FaultProxy
  /** Goes through the proxy. */
  readonly store: ObjectStore
  readonly url: string
  readonly bytes: Uint8Array
}

/** Puts one object, directly, and gives a store that reaches it through a proxy. */
async function behindProxy(
  world: StorageWorld,
  size: number,
  work: (behind: Behind) => Promise<void>,
): Promise<void> {
  const url = `${world.root}behind`
  const bytes = bytesOf(size, 9)
  await withStore(world, {}, (store) => store.put(url, bytes))
  await using proxy = await startFaultProxy(world.wire?.endpoint ?? '')
  await withStore(world, { options: through(world, proxy.url), more: QUICK }, (store) =>
    work({ proxy, store, url, bytes }),
  )
}

function attempt(store: ObjectStore, by: 'head' | 'read' | 'list' | 'put', url: string): Promise<unknown> {
  const object = store.object(url)
  if (by === 'head') return object.head()
  if (by === 'read') return gather(object.stream())
  return by === 'list' ? collect(object.list()) : store.put(url, bytesOf(10))
}

function examine({ title, kind, code, says, secrets = [] }: BrokenPlace, by: string, error: Fault): void {
  const what = `${by}: ${title}: `
  must(
    error.kind === kind,
    `${what}the kind is ${error.kind} (${error.code}: ${error.why}) instead of ${kind}`,
  )
  must(code === undefined || error.code === code, `${what}the code is ${error.code} instead of ${code}`)
  must(says === undefined || says.test(error.message), `${what}the message is "${error.message}"`)
  const leaked = secrets.filter((secret) => error.message.includes(secret))
  must(leaked.length === 0, `${what}the message holds a secret`)
  must(error.fix.length > 10, `${what}there is no fix`)
}
