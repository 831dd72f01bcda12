import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Sources of this project: a package for each, `@omni/source-<name>`. */
export const OFFICIAL_SOURCES: readonly string[] = [
  'bigquery',
  'file',
  'gsheet',
  'hubspot',
  'kafka',
  'mongodb',
  'mqtt',
  'mysql',
  'postgres',
  'rest',
  'salesforce',
  'snowflake',
  'sqlite',
  'stripe',
  'web',
]

const LOCKFILES: readonly (readonly [file: string, command: string])[] = [
  ['pnpm-lock.yaml', 'pnpm add'],
  ['yarn.lock', 'yarn add'],
  ['bun.lock', 'bun add'],
  ['bun.lockb', 'bun add'],
  ['package-lock.json', 'npm install'],
]

/** The command that adds a package to the project around `cwd`, for the package manager whose lockfile it has. */
export function installCommand(packageName: string, cwd: string): string {
  let folder = cwd
  while (true) {
    const found = LOCKFILES.find(([file]) => existsSync(join(folder, file)))
    if (found !== undefined) return `${found[1]} ${packageName}`
    const parent = dirname(folder)
    if (parent === folder) return `npm install ${packageName}`
    folder = parent
  }
}
