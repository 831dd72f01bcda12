// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these marks are what is tested
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from './read.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'omni-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

it('reads YAML, and fills in only the entry that is asked for', async () => {
  const path = written(
    'a.yaml',
    'root: out\ncollectors:\n  users: { source: file, locator: "${env:WHERE}" }\n  other: { source: rest, locator: "${env:NOPE}" }\n',
  )
  const config = await readConfig(path, { WHERE: 'u.csv' })
  expect(config.root).toBe(join(folder, 'out'))
  expect(config.names).toEqual(['users', 'other'])
  expect(config.entry('users').named).toEqual({ source: 'file', locator: 'u.csv' })
  expect(() => config.entry('other')).toThrowError(expect.objectContaining({ code: 'config.env-unset' }))
})

it('imports a configuration in TypeScript', async () => {
  const path = written(
    'b.ts',
    'const n: string = "file"\nexport const config = { collectors: { x: { source: n } } }\n',
  )
  const config = await readConfig(path, {})
  expect(config.entry('x').named).toEqual({ source: 'file' })
})

it.each([
  ['broken.yaml', 'collectors: [unclosed s3cret\n', 'config.invalid'],
  ['empty.yaml', '', 'config.invalid'],
  ['list.yaml', 'collectors: [1]\n', 'config.invalid'],
  ['throws.ts', 'throw new TypeError("no")\n', 'config.invalid'],
])('refuses %s and quotes nothing of it', async (name, text, code) => {
  await expect(readConfig(written(name, text), {})).rejects.toThrowError(
    expect.objectContaining({ code, why: expect.not.stringContaining('s3cret') }),
  )
})

it.each([
  ['x: { source: file, optoins: {} }', /optoins/, 'Did you mean `options`'],
  ['x: { locator: a }', /no source/, 'source'],
  ['x:', /no settings/, 'source'],
])('names what is wrong in the entry %s', async (entry, why, fix) => {
  const config = await readConfig(written('entry.yaml', `collectors:\n  ${entry}\n`), {})
  expect(() => config.entry('x')).toThrowError(
    expect.objectContaining({ why: expect.stringMatching(why), fix: expect.stringContaining(fix) }),
  )
})

it('suggests the entry that was meant', async () => {
  const config = await readConfig(written('c.yaml', 'collectors:\n  users: { source: file }\n'), {})
  expect(() => config.entry('usres')).toThrowError(expect.objectContaining({ fix: 'Did you mean `users`?' }))
})
