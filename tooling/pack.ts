// Packs every published package, installs the tarballs into an empty folder outside the workspace, imports
// every export under plain Node, and runs `omni-collect file` there. Arguments: the Node binaries to use.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Packed {
  readonly name: string
  readonly tarball: string
  readonly folder: string
}

/** Tarballs of every published package, in `into`. */
export function packAll(into: string): Packed[] {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => {
      const folder = join(root, parent, name)
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string }
      const before = new Set(readdirSync(into))
      run('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', into], folder)
      const tarball = readdirSync(into).find((file) => !before.has(file)) ?? ''
      return { name: manifest.name, tarball: join(into, tarball), folder }
    }),
  )
}

/** Installs the tarballs with npm into a new folder below `scratch`, as a stranger would. */
export function installAll(scratch: string, packed: readonly Packed[]): string {
  const project = join(scratch, 'project')
  mkdirSync(project)
  const byName = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]))
  const manifest = {
    name: 'stranger',
    private: true,
    type: 'module',
    dependencies: byName,
    overrides: byName,
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest, null, 2))
  run('npm', ['install', '--no-audit', '--no-fund', '--omit=optional', '--omit=peer'], project)
  return project
}

/** What of a package can be imported, without the leading dot: `''`, `'/storage-kit'`. */
function entriesOf(folder: string): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports?: Readonly<Record<string, unknown>>
  }
  return Object.keys(manifest.exports ?? { '.': '' })
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => entry.slice(1))
}

/** Runs the installed program and every export under one Node binary; throws when anything is wrong. */
export function tryUnder(node: string, project: string, packed: readonly Packed[]): string {
  const imports = packed
    .filter(({ name }) => name !== '@omni/cli' && name !== '@omni/testkit')
    .flatMap(({ name, folder }) => entriesOf(folder).map((entry) => name + entry))
    .map(
      (name) =>
        `const m_${name.replace(/\W/g, '_')} = await import('${name}'); if (Object.keys(m_${name.replace(/\W/g, '_')}).length === 0) throw new Error('${name} exports nothing')`,
    )
  writeFileSync(join(project, 'imports.mjs'), imports.join('\n'))
  run(node, ['imports.mjs'], project)
  mkdirSync(join(project, 'data', 'raw'), { recursive: true })
  writeFileSync(
    join(project, 'data', 'raw', 'users.csv'),
    'id,name,email\n007,Ann,ann@example.com\n008,Bo,\n',
  )
  const cli = join(project, 'node_modules', '@omni', 'cli', 'bin', 'omni-collect.js')
  const root = mkdtempSync(join(project, 'root-'))
  const out = run(node, [cli, 'file', 'data/raw/users.csv', '--root', root, '--output', 'json'], project)
  const result = JSON.parse(out) as { rows: { kept: number }; digest: string }
  if (result.rows.kept !== 2) throw new Error(`kept ${result.rows.kept} rows instead of 2`)
  run(node, [cli, 'verify', '--root', root], project)
  return result.digest
}

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}:\n${stdout ?? ''}${stderr ?? ''}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const scratch = mkdtempSync(join(tmpdir(), 'omni-pack-'))
  const nodes = process.argv.length > 2 ? process.argv.slice(2) : [process.execPath]
  const packed = packAll(scratch)
  const project = installAll(scratch, packed)
  for (const node of nodes) {
    const version = execFileSync(node, ['-v'], { encoding: 'utf8' }).trim()
    console.log(`${version}: ${packed.length} packages, digest ${tryUnder(node, project, packed)}`)
  }
  rmSync(scratch, { recursive: true, force: true })
}
