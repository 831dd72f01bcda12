import { type Collector, fault, isSource, type Source } from '@omni/core'
import { nearest } from '../flags/nearest.ts'
import { candidatesFor, type DeclaredPackage, findSources, type SourceProject } from './declared.ts'
import { brokenPackage, importPackage } from './import-package.ts'
import { installCommand, OFFICIAL_SOURCES, storagePackage } from './install.ts'
import { findStorage } from './storages.ts'

/** A source that was imported, with the function that configures it. */
export interface LoadedSource {
  readonly declared: DeclaredPackage
  readonly source: Source
  /** Validates the options and makes the collector; does no I/O. */
  configure(input: object): Collector
}

/** The source of this name, imported; a source that is not installed gives the exact install command. */
export async function loadSource(name: string, cwd: string): Promise<LoadedSource> {
  const project = findSources(cwd)
  const declared = project.sources.find((source) => source.name === name)
  if (declared === undefined) throw notInstalled(name, project, cwd)
  return importSource(declared)
}

/**
 * The source that answers to a URL's scheme: `postgresql+psycopg2://` is matched by `postgresql`. What is in an
 * object store is read by `file`.
 */
export async function loadSourceForUrl(url: string, cwd: string): Promise<LoadedSource> {
  const scheme = (/^([a-z][a-z0-9.-]*)(\+[a-z0-9.+-]+)?:/i.exec(url)?.[1] ?? '').toLowerCase()
  const project = findSources(cwd)
  for (const declared of candidatesFor(scheme, project.sources)) {
    const loaded = await importSource(declared)
    if (loaded.source.schemes?.includes(scheme)) return loaded
  }
  if ((await findStorage(scheme, cwd)) !== undefined) return await loadSource('file', cwd)
  const missing = storagePackage(scheme) ?? `@omni/source-${scheme}`
  throw fault({
    kind: 'config',
    code: 'cli.scheme-unknown',
    why: `No installed source reads ${scheme}: URLs (installed: ${listNames(project)}).`,
    fix: `Install what does, as in \`${installCommand(missing, cwd)}\`.`,
  })
}

/** Imports a declared source and checks that it keeps the contract. */
export async function importSource(declared: DeclaredPackage): Promise<LoadedSource> {
  const made = (await importPackage(declared))[declared.name]
  const source = typeof made === 'function' ? (made as { source?: unknown }).source : undefined
  if (!isSource(source)) throw brokenPackage(declared, `does not export the source \`${declared.name}\``)
  return { declared, source, configure: made as (input: object) => Collector }
}

/** What to say when a source was asked for and is not there. */
function notInstalled(name: string, project: SourceProject, cwd: string): Error {
  const installed = project.sources.map((source) => source.name)
  const close = OFFICIAL_SOURCES.includes(name) ? name : nearest(name, [...installed, ...OFFICIAL_SOURCES])
  const install = installCommand(`@omni/source-${close ?? name}`, cwd)
  const known = close === undefined || close === name
  const fix = installed.includes(close ?? '')
    ? `Did you mean \`${close}\`? \`omni-collect --help\` lists the commands.`
    : known
      ? `Run \`${install}\`.`
      : `Did you mean \`${close}\`? Run \`${install}\`.`
  return fault({
    kind: 'config',
    code: 'cli.source-missing',
    why: `The source \`${name}\` is not installed (installed: ${listNames(project)}).`,
    fix,
  })
}

function listNames(project: SourceProject): string {
  return project.sources.map((source) => source.name).join(', ') || 'none'
}
