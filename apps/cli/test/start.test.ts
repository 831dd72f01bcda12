import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createWorld, type World } from './world.ts'

// What a start takes is what it loads (docs/decisions/0012); a clock would measure the machine.
let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

/** Files that a run loads as modules, in the program and in its threads. */
async function loadedBy(...words: string[]): Promise<{ program: string[]; threads: string[] }> {
  const log = join(world.folder, `loaded-${words.join('-').replaceAll(/\W/g, '_')}`)
  const hook = world.write(
    'hook.mjs',
    `import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(${JSON.stringify(log)}, (isMainThread ? 'program ' : 'thread ') + url + '\\n')
    return next(url, context)
  },
})`,
  )
  const nodeFlags = ['--import', pathToFileURL(join(world.folder, hook)).href]
  const { exitCode, stderr } = await world.run(words, { nodeFlags })
  expect(stderr).not.toMatch(/^error/m)
  expect(exitCode).toBe(0)
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : []
  const of = (where: string): string[] =>
    lines.filter((line) => line.startsWith(where)).map((line) => line.slice(where.length + 1))
  return { program: of('program'), threads: of('thread') }
}

it('loads few files to collect a small one, and nothing of what it does not need', async () => {
  world.write('users.csv', 'id,email\n1,ann@example.com\n')
  const { program, threads } = await loadedBy('file', 'users.csv')
  console.log(
    `files loaded by a tiny collect: ${program.length} in the program, ${threads.length} in its thread`,
  )
  expect(program.length).toBeGreaterThan(10)
  expect(program.length).toBeLessThan(80)
  expect(threads.length).toBeGreaterThan(3)
  expect(threads.length).toBeLessThan(40)
  const all = [...program, ...threads].join('\n')
  expect(all).not.toMatch(/node_modules\/(zod|apache-arrow|parquet-wasm)\//)
  expect(all).not.toMatch(/\/(storage-[a-z0-9]+|source-(?!file)[a-z]+)\/dist\//)
})

it('imports for a URL the one source that answers to it', async () => {
  const { program } = await loadedBy('https://host/items', '--help')
  const sources = new Set(program.flatMap((url) => /\/(source-[a-z]+)\//.exec(url)?.[1] ?? []))
  expect([...sources]).toEqual(['source-rest'])
})
