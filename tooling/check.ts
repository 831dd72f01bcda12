// Everything that reads the code rather than runs it. `pnpm check`; the test command runs it too.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)

export interface Check {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
}

const published: readonly string[] = ['packages', 'apps'].flatMap((parent) =>
  readdirSync(join(root, parent)).map((folder) => join(root, parent, folder)),
)

export const CHECKS: readonly Check[] = [
  { name: 'format and lint (biome)', command: bin('biome'), args: ['check', '--error-on-warnings', '.'] },
  {
    name: 'floating promises (oxlint)',
    command: bin('oxlint'),
    args: [
      '--type-aware',
      '--allow',
      'all',
      '--deny',
      'typescript/no-floating-promises',
      '--deny',
      'typescript/no-misused-promises',
      'packages',
      'apps',
      'tooling',
      'bench',
      'examples',
    ],
  },
  {
    name: 'dependency boundaries',
    command: process.execPath,
    args: [join(root, 'tooling', 'boundaries.ts')],
  },
  { name: 'unused code (knip)', command: bin('knip'), args: ['--no-progress'] },
  { name: 'workspace (sherif)', command: bin('sherif'), args: [] },
  ...published.map((cwd) => ({
    name: `publint ${cwd.slice(root.length)}`,
    command: bin('publint'),
    args: ['run', '--strict', '--pack', 'false', '.'],
    cwd,
  })),
  ...published.map((cwd) => ({
    name: `types resolve (attw) ${cwd.slice(root.length)}`,
    command: bin('attw'),
    args: ['--pack', '.', '--profile', 'esm-only', '--format', 'ascii'],
    cwd,
  })),
]

/** Runs one check; the output when it fails, undefined when it passes. */
export function runCheck({ command, args, cwd = root }: Check): string | undefined {
  const run = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
  if (run.status === 0) return undefined
  return `${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}`.trim().slice(0, 6000)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const check of CHECKS) {
    const problem = runCheck(check)
    console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${check.name}`)
    if (problem !== undefined) {
      console.log(problem)
      process.exitCode = 1
    }
  }
}
