import type { Collector, Row } from '@omni/spec'
import type { World } from '@omni/testkit'
import { describeConformance } from '@omni/testkit/vitest'
import { rest } from '../src/index.ts'
import { json, startWorld, TOKEN } from './world.ts'

const PAGE_ROWS = 25
const PAGES = 40
/** Large enough that two pages more than a socket's buffers show a reader that runs ahead. */
const filling = 'x'.repeat(12_000)
const rows: readonly Row[] = Array.from({ length: PAGE_ROWS * PAGES }, (_, i) => ({
  id: i,
  name: `nobody-${i}`,
  filling,
  tags: [`tag-${i}`],
}))

describeConformance('rest', async (): Promise<World> => {
  const server = await startWorld()
  let served = 0
  server.route('/v1/people', ({ query, headers }, response) => {
    if (headers.authorization !== `Bearer ${TOKEN}`) return json(response, {}, 401)
    const from = Number(query.get('after') ?? 0)
    const page = { people: rows.slice(from, from + PAGE_ROWS), next: from + PAGE_ROWS }
    served += JSON.stringify(page).length
    return json(response, { ...page, next: page.next < rows.length ? page.next : null })
  })
  const collect = (path: string, options: Parameters<typeof rest>[1] = {}): Collector =>
    rest(`${server.url}${path}`, {
      token: TOKEN,
      cursor: { path: '$.next', param: 'after' },
      retries: 0,
      ...options,
    })
  return {
    collector: () => collect('/v1/people'),
    seed: async () => ({ records: rows.length, rows }),
    served: async () => served,
    missing: () => collect('/v1/nowhere'),
    away: () => rest('http://127.0.0.1:29999/v1/people', { retries: 0 }),
    refused: () => collect('/v1/people', { token: 'not-the-token' }),
    values: ['nobody-3', 'tag-3'],
    secrets: [TOKEN, 'not-the-token'],
    wrongOptions: [
      { options: { url: 'ftp://x' }, paths: ['url'] },
      { options: { url: 'http://x', records: '$[', retries: 'often' }, paths: ['retries', 'records'] },
      { options: { url: 'http://x', cursor: { path: '$[' } }, paths: ['cursor.path'] },
    ],
    dispose: async () => server[Symbol.asyncDispose](),
  }
})
