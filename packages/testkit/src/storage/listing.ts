import { must } from '../conformance/check.ts'
import { bytesOf, collect, failureOf, gather, type StorageCheck, same, withStore } from './check.ts'

/** Names that break what splices strings: as they stand in the URL. */
export const ODD_NAMES: readonly string[] = [
  'with space',
  ' leading and trailing ',
  'plus+plus',
  'per%cent',
  'per%20cent',
  'question%3Fmark',
  'hash%23mark',
  'coded%253Fmark',
  "quote'quote",
  'amp&amp;lt<gt>',
  'equals=semi;comma,colon:at@dollar$',
  'paren(s)[b]{c}*!~|^`',
  'ünïcödé',
  'e\u0301-decomposed',
  '日本語/ファイル',
  '😀',
  'double//slash',
  '/leading-slash',
  'trailing.dot.',
  'back\\slash',
  'tab\there',
]

const encoder = new TextEncoder()

export const LISTING: readonly StorageCheck[] = [
  {
    id: 'S10',
    title: 'odd keys survive every operation',
    timeoutMs: 120_000,
    run: (world) =>
      withStore(world, {}, async (store) => {
        for (const name of world.refuses ?? []) {
          const { kind } = await failureOf(
            Promise.resolve().then(() => store.put(`${world.root}odd/${name}`, encoder.encode(name))),
            `a put of ${name}`,
          )
          must(kind === 'config', `a name that cannot be is ${kind} instead of config`)
        }
        const names = ODD_NAMES.filter((name) => !world.refuses?.includes(name))
        for (const name of names) {
          const url = `${world.root}odd/${name}`
          const bytes = encoder.encode(name)
          await store.put(url, bytes)
          const info = await store.object(url).head()
          must(info.url === url, `head of ${name} says ${info.url}`)
          must(
            same(await gather(store.object(url).stream()), bytes),
            `${name} is read back as something else`,
          )
          await store.copy(url, `${world.root}copies/${name}`)
        }
        for (const folder of ['odd', 'copies']) {
          const found = (await collect(store.object(`${world.root}${folder}/`).list())).map(({ url }) => url)
          const wanted = names.map((name) => `${world.root}${folder}/${name}`)
          const lost = wanted.filter((url) => !found.includes(url))
          must(lost.length === 0, `the list lacks ${lost.join(' ')}; it has ${found.join(' ')}`)
          must(found.length === wanted.length, `the list holds ${found.length} instead of ${wanted.length}`)
        }
        await store.remove(names.map((name) => `${world.root}odd/${name}`))
        const rest = (await collect(store.object(`${world.root}odd/`).list())).map(({ url }) => url)
        must(rest.length === 0, `not removed: ${rest.join(' ')}`)
      }),
  },
  {
    id: 'S11',
    title: 'a list is in the byte order of the keys, with the facts of each object',
    run: (world) =>
      withStore(world, {}, async (store) => {
        const names = ['b', 'a', 'a/b', 'a!', 'a0', 'Z', 'é', '\uffee', '😀', 'a/', 'a//b'].filter(
          (name) => name !== 'a/',
        )
        await Promise.all(names.map((name, i) => store.put(`${world.root}order/${name}`, bytesOf(i + 1))))
        const list = await collect(store.object(`${world.root}order/`).list())
        const sorted = [...names].sort((a, b) => Buffer.compare(encoder.encode(a), encoder.encode(b)))
        const got = list.map(({ url }) => url.slice(`${world.root}order/`.length))
        must(
          got.join(' ') === sorted.join(' '),
          `the order is ${got.join(' ')} instead of ${sorted.join(' ')}`,
        )
        for (const info of list) {
          const name = info.url.slice(`${world.root}order/`.length)
          must(info.size === names.indexOf(name) + 1, `the list says ${info.size} bytes of ${name}`)
          must(!info.isFolder && info.etag !== '', `the list gives no facts of ${name}`)
          const { etag } = await store.object(info.url).head()
          must(etag === info.etag, `the list says another etag of ${name} than head`)
        }
      }),
  },
  {
    id: 'S12',
    title: 'a marker that stands for a folder is in no list',
    run: (world) =>
      withStore(world, {}, async (store) => {
        await store.put(`${world.root}marked/`, new Uint8Array(0))
        await store.put(`${world.root}marked/sub/`, new Uint8Array(0))
        await store.put(`${world.root}marked/empty`, new Uint8Array(0))
        for (const url of [`${world.root}marked/`, `${world.root}marked`]) {
          const found = (await collect(store.object(url).list())).map(({ name }) => name)
          must(found.join() === 'empty', `the list below ${url} holds ${found.join()} instead of empty`)
        }
        const head = await store.object(`${world.root}marked/sub/`).head()
        must(head.isFolder, 'a marker alone is not said to be a folder')
      }),
  },
  {
    id: 'S13',
    title: 'the list below a key holds what is below it and itself, and no neighbour',
    run: (world) =>
      withStore(world, {}, async (store) => {
        for (const name of ['data', 'data-1', 'data.csv', 'data/x', 'data/y/z', 'datb', 'dat'])
          await store.put(`${world.root}${name}`, bytesOf(3))
        const names = async (url: string): Promise<string> =>
          (await collect(store.object(url).list())).map((info) => info.url.slice(world.root.length)).join()
        const below = await names(`${world.root}data`)
        must(below === 'data,data/x,data/y/z', `below data are ${below}`)
        const inside = await names(`${world.root}data/`)
        must(inside === 'data/x,data/y/z', `in data/ are ${inside}`)
        const exact = await names(`${world.root}data.csv`)
        must(exact === 'data.csv', `of data.csv the list is ${exact}`)
        const none = await names(`${world.root}nothing/`)
        must(none === '', `in nothing/ are ${none}`)
      }),
  },
  {
    id: 'S14',
    title: 'head of a folder says that it is one',
    run: (world) =>
      withStore(world, {}, async (store) => {
        await store.put(`${world.root}folder/deep/leaf`, bytesOf(1))
        for (const name of ['folder', 'folder/', 'folder/deep']) {
          const info = await store.object(`${world.root}${name}`).head()
          must(info.isFolder, `${name} is not said to be a folder`)
          must(info.size === null, `${name} is said to have ${info.size} bytes`)
        }
        const bucket = /^[^/]+\/\/[^/]+\//.exec(world.root)?.[0] ?? ''
        must((await store.object(bucket).head()).isFolder, 'the bucket is not said to be a folder')
      }),
  },
]
