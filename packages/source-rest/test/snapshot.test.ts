import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OmniCollector } from '@omni/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { rest } from '../src/index.ts'
import { json, startWorld } from './world.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'omni-rest-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const files = (): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile())

it('becomes a masked snapshot that holds every digit and no secret', async () => {
  await using world = await startWorld()
  world.route('/people', ({ query }, response) => {
    const second = query.get('p') === '2'
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(second ? {} : { link: '</people?p=2>; rel="next"' }),
    })
    response.end(
      second
        ? '[{"id":9007199254740993,"note":"write to jane@example.com"}]'
        : '[{"id":1,"note":null,"price":0.1}]',
    )
  })
  const collector = rest(`${world.url}/people?api_key=hidden-key`, {
    token: 'hidden-token',
    headers: { 'x-key': 'hidden-header' },
  })
  const oc = new OmniCollector({ root })
  const snapshot = await oc.collect(collector)
  expect(await snapshot.rowsAsObjects()).toEqual([
    { id: 1n, note: null, price: 0.1 },
    { id: 9007199254740993n, note: 'write to [EMAIL]', price: null },
  ])
  const again = await oc.collect(collector)
  expect(again.unchanged).toBe(true)
  const written = files().map((path) => readFileSync(path).toString('latin1'))
  expect(written.length).toBeGreaterThan(2)
  for (const text of written) expect(text).not.toMatch(/hidden|jane@example/)
})

it('leaves no snapshot when a later page fails', async () => {
  await using world = await startWorld()
  world.route('/half', ({ query }, response) =>
    query.has('p')
      ? json(response, {}, 403)
      : json(response, [{ id: 1 }], 200, { link: '</half?p=2>; rel="next"' }),
  )
  const collecting = new OmniCollector({ root }).collect(rest(`${world.url}/half`))
  await expect(collecting).rejects.toMatchObject({ kind: 'auth' })
  expect(files().filter((path) => /parquet|manifest/.test(path))).toEqual([])
})
