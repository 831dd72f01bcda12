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

/** Storages of this project by the schemes they answer to: a package for each, `@omni/storage-<name>`. */
const OFFICIAL_STORAGES: Readonly<Record<string, readonly string[]>> = {
  s3: ['s3', 's3a'],
  gcs: ['gs', 'gcs'],
  azure: ['az', 'azure', 'abfs', 'abfss'],
}

/** Name of our storage for a scheme. */
export function storageName(scheme: string): string | undefined {
  return Object.keys(OFFICIAL_STORAGES).find((name) => OFFICIAL_STORAGES[name]?.includes(scheme))
}

/** Package of our storage for a scheme. */
export function storagePackage(scheme: string): string | undefined {
  const name = storageName(scheme)
  return name === undefined ? undefined : `@omni/storage-${name}`
}

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
