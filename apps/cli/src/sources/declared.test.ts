import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { candidatesFor, findSources, ownFolder } from './declared.ts'
import { installCommand } from './install.ts'
import { importSource, loadSource, loadSourceForUrl } from './load.ts'
import { importStorage } from './storages.ts'

let world = ''
beforeEach(() => {
  world = mkdtempSync(join(tmpdir(), 'omni-cli-'))
})
afterEach(() => rmSync(world, { recursive: true }))

function write(path: string, content: unknown): void {
  const file = join(world, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
}

const addPackage = (folder: string, name: string, omni: unknown, version = '1.0.0'): void =>
  write(`${folder}/node_modules/${name}/package.json`, { name, version, omni })
const namesIn = (cwd: string, cli = 'nowhere'): string[] =>
  findSources(join(world, cwd), join(world, cli)).sources.map((source) => source.name)

it('finds declared packages that say they are a source, and no others', () => {
  write('app/package.json', {
    dependencies: { '@omni/source-a': '1', lodash: '1' },
    devDependencies: { 'omni-source-b': '1' },
  })
  addPackage('app', '@omni/source-a', { source: 'a', spec: 1 })
  addPackage('app', 'omni-source-b', { source: 'b', spec: 1 })
  addPackage('app', 'lodash', undefined)
  // Installed, and declared by nobody: not found.
  addPackage('app', '@omni/source-stray', { source: 'stray', spec: 1 })
  expect(namesIn('app')).toEqual(['a', 'b'])
})

it('walks up: the nearest package.json wins', () => {
  write('mono/package.json', { devDependencies: { '@omni/source-a': '1', '@omni/source-c': '1' } })
  write('mono/apps/x/package.json', { optionalDependencies: { '@omni/source-a': '2' } })
  addPackage('mono', '@omni/source-a', { source: 'a', spec: 1 }, '1.0.0')
  addPackage('mono', '@omni/source-c', { source: 'c', spec: 1 })
  addPackage('mono/apps/x', '@omni/source-a', { source: 'a', spec: 1 }, '2.0.0')
  mkdirSync(join(world, 'mono/apps/x/deep/er'), { recursive: true })
  const { sources } = findSources(join(world, 'mono/apps/x/deep/er'), join(world, 'nowhere'))
  expect(sources.map((source) => [source.name, source.version])).toEqual([
    ['a', '2.0.0'],
    ['c', '1.0.0'],
  ])
})

it('falls back to what this program is installed into only when the project declares no source', () => {
  write('npx/package.json', { dependencies: { '@omni/cli': '1', '@omni/source-z': '1' } })
  addPackage('npx', '@omni/source-z', { source: 'z', spec: 1 })
  write('npx/node_modules/@omni/cli/package.json', { name: '@omni/cli' })
  write('app/package.json', { dependencies: {} })
  expect(namesIn('app', 'npx/node_modules/@omni/cli')).toEqual(['z'])
  write('app/package.json', { dependencies: { '@omni/source-a': '1' } })
  addPackage('app', '@omni/source-a', { source: 'a', spec: 1 })
  expect(namesIn('app', 'npx/node_modules/@omni/cli')).toEqual(['a'])
})

it('finds our own packages beside a global install', () => {
  write('lib/node_modules/@omni/cli/package.json', {
    devDependencies: { '@omni/source-g': '1', vitest: '1' },
  })
  addPackage('lib', '@omni/source-g', { source: 'g', spec: 1 })
  expect(namesIn('.', 'lib/node_modules/@omni/cli')).toEqual(['g'])
})

it.each([
  ['pnpm-lock.yaml', 'pnpm add @omni/source-x'],
  ['yarn.lock', 'yarn add @omni/source-x'],
  ['bun.lock', 'bun add @omni/source-x'],
  ['package-lock.json', 'npm install @omni/source-x'],
])('by %s it says: %s', (lockfile, command) => {
  write(`app/${lockfile}`, '')
  mkdirSync(join(world, 'app/sub'))
  expect(installCommand('@omni/source-x', join(world, 'app/sub'))).toBe(command)
})

it.each([
  ['not written for this contract', { source: 'a', spec: 2 }, 'export const a = 1', 'cli.source-spec'],
  ['without its export', { source: 'a', spec: 1 }, 'export const b = 1', 'cli.source-broken'],
  ['that throws', { source: 'a', spec: 1 }, 'throw new TypeError("x")', 'cli.source-broken'],
])('refuses a source %s', async (_what, omni, code, expected) => {
  write('app/package.json', { dependencies: { 'omni-source-a': '1' } })
  write('app/node_modules/omni-source-a/package.json', {
    version: '1.0.0',
    type: 'module',
    exports: './index.js',
    omni,
  })
  write('app/node_modules/omni-source-a/index.js', code)
  await expect(loadSource('a', join(world, 'app'))).rejects.toThrowError(
    expect.objectContaining({ code: expected }),
  )
})

it('says how to install what is missing', async () => {
  write('app/package.json', { dependencies: { 'omni-source-a': '1' } })
  write('app/yarn.lock', '')
  addPackage('app', 'omni-source-a', { source: 'a', spec: 1 })
  await expect(loadSource('postgers', join(world, 'app'))).rejects.toThrowError(
    expect.objectContaining({
      kind: 'config',
      code: 'cli.source-missing',
      fix: 'Did you mean `postgres`? Run `yarn add @omni/source-postgres`.',
    }),
  )
})

it('imports for a URL those that answer to it, or that do not say, and no other', async () => {
  write('app/package.json', {
    dependencies: { 'omni-source-a': '1', 'omni-source-b': '1', 'omni-source-c': '1', 'omni-source-d': '1' },
  })
  addPackage('app', 'omni-source-a', { source: 'a', spec: 1, schemes: ['x'] })
  addPackage('app', 'omni-source-b', { source: 'b', spec: 1 })
  addPackage('app', 'omni-source-c', { source: 'c', spec: 1, schemes: ['b', 'y'] })
  addPackage('app', 'omni-source-d', { source: 'd', spec: 1, schemes: 'y' })
  const { sources } = findSources(join(world, 'app'), join(world, 'nowhere'))
  const namesFor = (scheme: string): string[] => candidatesFor(scheme, sources).map(({ name }) => name)
  expect(namesFor('x')).toEqual(['a', 'b', 'd'])
  expect(namesFor('b')).toEqual(['b', 'c', 'd'])
  expect(namesFor('y')).toEqual(['c', 'b', 'd'])
  // `a` would throw, being empty; it says that it answers to nothing of the kind.
  write('app/package.json', { dependencies: { 'omni-source-a': '1' } })
  await expect(loadSourceForUrl('y://host', join(world, 'app'))).rejects.toThrowError(
    expect.objectContaining({ code: 'cli.scheme-unknown' }),
  )
})

it('finds in the package.json of our own packages the schemes that their code has', async () => {
  const { sources, storages } = findSources(world, ownFolder())
  expect(sources.length).toBeGreaterThanOrEqual(4)
  expect(storages.length).toBeGreaterThanOrEqual(3)
  for (const declared of sources)
    expect(declared.schemes, declared.name).toEqual((await importSource(declared)).source.schemes ?? [])
  for (const declared of storages)
    expect(declared.schemes, declared.name).toEqual((await importStorage(declared)).storage.schemes)
})
