// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these marks are what a person writes
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWorld, type World } from './world.ts'

const CSV = 'id,email,n\n1,anna@example.org,1\n2,bob@example.com,2\n'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('users.csv', CSV)
})
afterEach(() => world.remove())

const collect = async (...more: string[]) =>
  JSON.parse((await world.run(['file', 'users.csv', '--output', 'json', ...more])).stdout)

describe('before anything is collected', () => {
  it('explains itself in at most 25 lines', async () => {
    const run = await world.run([])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
    expect(run.stdout).toContain('omni-collect file users.csv')
  })

  it('has help for the program, each command and each source', async () => {
    const overview = await world.run(['--help'])
    const names = ['run', 'plan', 'check', 'discover', 'preview', 'ls', 'show', 'diff', 'verify', 'state']
    for (const name of names) expect(overview.stdout).toContain(` ${name} `)
    const source = await world.run(['file', '--help'])
    expect(source.stdout).toMatch(
      /--delimiter <text>[\s\S]*Common options:[\s\S]*--format <parquet\|csv\|ndjson>/,
    )
    expect(source.stdout).toContain('--file-format')
    const command = await world.run(['help', 'verify'])
    expect(command.stdout).toContain('omni-collect verify [ref]')
  })

  it('lists nothing without failing', async () => {
    expect(await world.run(['ls'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await world.run(['ls', '--output', 'json'])).toMatchObject({ exitCode: 0, stdout: '[]\n' })
    expect(await world.run(['verify'])).toMatchObject({ exitCode: 0 })
  })

  it('plans, checks, discovers and previews without writing', async () => {
    for (const verb of ['plan', 'check', 'discover', 'preview']) {
      const text = await world.run([verb, 'file', 'users.csv'])
      expect(text).toMatchObject({ exitCode: 0 })
      expect(text.stdout).not.toContain('anna@')
      const json = await world.run([verb, 'file', 'users.csv', '--output', 'json'])
      expect(() => JSON.parse(json.stdout)).not.toThrow()
      expect(json.stdout).not.toContain('anna@')
    }
    expect(readdirSync(world.folder)).toEqual(['users.csv'])
  })

  it('lists the sources and their options', async () => {
    const list = JSON.parse((await world.run(['sources', '--output', 'json'])).stdout)
    expect(list.map((source: { name: string }) => source.name)).toEqual([
      'file',
      'mqtt',
      'rest',
      'sqlite',
      'azure',
      'gcs',
      's3',
    ])
    const one = await world.run(['sources', 'rest'])
    expect(one.stdout).toMatch(/--token <text> .*secret\n/)
  })

  it('finds this machine ready', async () => {
    const run = await world.run(['doctor', '--output', 'json'])
    expect(run.exitCode).toBe(0)
    expect(JSON.parse(run.stdout).ok).toBe(true)
    expect(readdirSync(world.folder)).toEqual(['users.csv'])
  })

  it.each(['bash', 'zsh', 'fish'])('prints a completion for %s that the shell can read', async (shell) => {
    const { stdout, exitCode } = await world.run(['completion', shell])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('delimiter')
    const check = spawnSync(shell, ['-n'], { input: stdout })
    if (check.error === undefined) expect(check.stderr.toString()).toBe('')
  })

  it('completes in bash', async () => {
    const { stdout } = await world.run(['completion', 'bash'])
    const ask = (words: string): string[] => {
      const list = words.split(' ')
      const script = `${stdout}\nCOMP_WORDS=(${list.map((word) => `'${word}'`).join(' ')})\nCOMP_CWORD=${list.length - 1}\n_omni_collect\nprintf '%s\\n' "\${COMPREPLY[@]}"`
      return spawnSync('bash', ['-c', script]).stdout.toString().trim().split('\n')
    }
    expect(ask('omni-collect veri')).toEqual(['verify'])
    expect(ask('omni-collect file x.csv --delim')).toEqual(['--delimiter'])
    expect(ask('omni-collect file x.csv --format nd')).toEqual(['ndjson'])
  })
})

describe('after a collect', () => {
  it('lists, shows, verifies and says where it resumes', async () => {
    const result = await collect('--tag', 'owner=me')
    const list = JSON.parse((await world.run(['ls', '--output', 'json'])).stdout)
    expect(list).toMatchObject([{ dataset: 'users', snapshot: result.snapshot, rows: { kept: 2 } }])
    expect((await world.run(['ls'])).stdout).toMatch(/users .*flat:users\.csv/)
    const shown = await world.run(['show', 'users'])
    expect(shown.stdout).toMatch(/email +utf8 .*2 email/)
    expect(shown.stdout).toContain('owner=me')
    expect(
      JSON.parse((await world.run(['show', result.digest.slice(0, 10), '--output', 'json'])).stdout),
    ).toMatchObject({
      dataset: 'users',
    })
    expect(await world.run(['verify'])).toMatchObject({ exitCode: 0 })
    expect(await world.run(['state', 'users'])).toMatchObject({ exitCode: 0 })
    expect(await world.run(['quarantine', 'users'])).toMatchObject({ exitCode: 0 })
  })

  it('compares snapshots', async () => {
    await collect()
    expect(await world.run(['diff', 'users'])).toMatchObject({ exitCode: 2 })
    world.write('users.csv', 'id,email,n,extra\n1,anna@example.org,1.5,x\n')
    await collect()
    const diff = JSON.parse((await world.run(['diff', 'users', '--output', 'json'])).stdout)
    expect(diff.columns).toContainEqual({ column: 'extra', what: 'added', from: null, to: 'utf8' })
    expect((await world.run(['diff', 'users'])).stdout).toMatch(/n +type +int/)
  })

  it('says of a mask by rule what it did', async () => {
    const run = await world.run(['file', 'users.csv', '--mask', 'email:keep', '--mask', 'n:drop'])
    expect(run.stdout).toMatch(/email +kept as it is[\s\S]*n +left out/)
    const raw = await world.run(['file', 'users.csv', '--no-mask', '--dataset', 'raw'])
    expect(raw.stdout).toContain('nothing: --no-mask was given')
    const wrong = await world.run(['file', 'users.csv', '--mask', 'nope:drop', '--dataset', 'x'])
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('mask.column') })
  })

  it('names a changed file, and ends with 2', async () => {
    const result = await collect()
    const part = join(world.folder, result.snapshot, result.files[0].path)
    const bytes = readFileSync(part)
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1)
    chmodSync(part, 0o644)
    writeFileSync(part, bytes)
    const run = await world.run(['verify'])
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain(result.files[0].path)
    expect(JSON.parse((await world.run(['verify', '--output', 'json'])).stdout).ok).toBe(false)
  })

  it('names what is not there', async () => {
    await collect()
    const show = await world.run(['show', 'usres'])
    expect(show.exitCode).toBe(2)
    expect((await world.run(['ls', 'usres'])).stderr).toContain('Did you mean `users`')
  })

  it('does not mind a closed pipe', () => {
    const bin = join(import.meta.dirname, '../bin/omni-collect.js')
    const script = `'${process.execPath}' '${bin}' --help | true; echo "\${PIPESTATUS[0]}"`
    const run = spawnSync('bash', ['-c', script], { cwd: world.folder })
    expect(run.stdout.toString().trim()).toBe('0')
    expect(run.stderr.toString()).toBe('')
  })
})

describe('configurations', () => {
  it('init writes one that runs, beside a .gitignore in a repository', async () => {
    world.write('.git/HEAD', 'ref: x')
    const init = await world.run(['init', 'file', 'users.csv'])
    expect(init).toMatchObject({ exitCode: 0 })
    expect(world.read('.gitignore')).toBe('/data/raw/\n/logs/\n')
    const run = await world.run(['run', 'users', '--output', 'json'])
    expect(JSON.parse(run.stdout)).toMatchObject({ dataset: 'users', rows: { kept: 2 } })
    expect((await world.run(['init', '--yes'])).stderr).toContain('init.exists')
  })

  it('does not ask where nobody can answer', async () => {
    expect(await world.run(['init'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('init.cannot-ask'),
    })
  })

  it('runs every entry, from another folder too, and one that fails does not stop the others', async () => {
    world.write(
      'conf/omni.config.yaml',
      'root: ../out\ncollectors:\n  broken: { source: file, locator: absent.csv }\n  good: { source: file, locator: "${env:WHERE}", masks: { n: drop }, tags: { a: b } }\n',
    )
    world.write('conf/here.csv', CSV)
    const run = await world.run(['run', 'conf/omni.config.yaml', '--output', 'json'], {
      env: { WHERE: 'here.csv' },
    })
    expect(run.exitCode).toBe(2)
    expect(JSON.parse(run.stdout).collects).toMatchObject([{ dataset: 'good' }])
    expect(run.stderr).toMatch(/^\{"collector":"broken","error":\{"kind":"missing"/m)
    const shown = JSON.parse((await world.run(['show', 'good', '--root', 'out', '--output', 'json'])).stdout)
    expect(shown.streams[0].schema.map((field: { name: string }) => field.name)).toEqual(['id', 'email'])
    expect(shown.tags).toMatchObject({ a: 'b' })
  })

  it('runs a configuration in TypeScript with the sources of its own project', async () => {
    const repository = fileURLToPath(new URL('../../..', import.meta.url))
    world.write(
      'app/package.json',
      '{"type":"module","dependencies":{"@omni/source-file":"*","@omni/cli":"*"}}',
    )
    mkdirSync(join(world.folder, 'app/node_modules/@omni'), { recursive: true })
    symlinkSync(
      join(repository, 'packages/source-file'),
      join(world.folder, 'app/node_modules/@omni/source-file'),
    )
    symlinkSync(join(repository, 'apps/cli'), join(world.folder, 'app/node_modules/@omni/cli'))
    world.write('app/in/users.csv', CSV)
    world.write(
      'app/omni.config.ts',
      `import { defineConfig, type OmniConfig } from '@omni/cli'
import { file } from '@omni/source-file'
const plain: OmniConfig['collectors'] = { plain: file('in/users.csv') }
export const config = defineConfig({
  collectors: { ...plain, dropped: { collector: file({ path: 'in/users.csv' }), masks: { n: 'drop' }, format: 'csv' } },
})
`,
    )
    const cwd = join(world.folder, 'app')
    const run = await world.run(['run', '--output', 'json'], { cwd })
    expect(run).toMatchObject({ exitCode: 0 })
    const results = JSON.parse(run.stdout).collects
    expect(results.map((result: { dataset: string }) => result.dataset)).toEqual(['plain', 'dropped'])
    expect(results[1].files[0].path).toBe('part-00000.csv')
    // This project declares one source; the program's own do not fill it up.
    const other = await world.run(['rest', 'http://127.0.0.1:1'], { cwd })
    expect(other).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('cli.source-missing') })
  })

  it('ends although a source leaves a timer running', async () => {
    world.write('app/package.json', '{"type":"module","dependencies":{"omni-source-leaky":"1"}}')
    world.write(
      'app/node_modules/omni-source-leaky/package.json',
      '{"name":"omni-source-leaky","version":"1.0.0","type":"module","exports":"./index.js","omni":{"source":"leaky","spec":1}}',
    )
    const spec = fileURLToPath(new URL('../../../packages/spec/dist/index.js', import.meta.url))
    world.write(
      'app/node_modules/omni-source-leaky/index.js',
      `import { defineSource } from ${JSON.stringify(spec)}
setInterval(() => {}, 60_000)
const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
export const leaky = defineSource({
  name: 'leaky', summary: 'Leaks.', locator: 'at', options, capabilities: { replay: true },
  describe: ({ at }) => ({ label: 'leaky:' + at, dataset: at }),
  open: ({ at, more }) => ({
    discover: async () => [{ name: at }],
    async *read() { yield { rows: [{ a: 1, more }] } },
  }),
})
`,
    )
    const cwd = join(world.folder, 'app')
    const run = await world.run(['leaky', 'x', '--option', 'more=7', '--output', 'json'], { cwd })
    expect(run).toMatchObject({ exitCode: 0 })
    expect(JSON.parse(run.stdout)).toMatchObject({ dataset: 'x', rows: { kept: 1 } })
    const rows = await world.run(['preview', 'leaky', 'x', '--option', 'more=7', '--output', 'ndjson'], {
      cwd,
    })
    expect(JSON.parse(rows.stdout)).toEqual({ a: '1', more: '7' })
  })

  it('plans an entry by its name', async () => {
    world.write(
      'omni.config.yaml',
      'collectors:\n  u: { source: file, locator: users.csv, format: csv }\n  gone: { source: file, locator: gone.csv }\n',
    )
    const run = await world.run(['plan', 'u', '--output', 'json'])
    expect(JSON.parse(run.stdout)).toMatchObject({ dataset: 'u', format: 'csv' })
    const all = await world.run(['plan', '--output', 'json'])
    expect(all.exitCode).toBe(2)
    expect(JSON.parse(all.stdout)).toEqual({ u: expect.objectContaining({ dataset: 'u' }) })
    expect(all.stderr).toMatch(/^\{"collector":"gone"/m)
    const preview = await world.run(['preview', 'u'])
    expect(preview).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('[EMAIL]') })
  })
})
