import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Collector, fault, isSource, type Source } from '@omni/core'
import { nearest } from '../flags/nearest.ts'
import { type DeclaredSource, findSources, readManifest, type SourceProject } from './declared.ts'
import { installCommand, OFFICIAL_SOURCES } from './install.ts'

/** A source that was imported, with the function that configures it. */
export interface LoadedSource {
  readonly declared: DeclaredSource
  readonly source: Source
  /** Validates the options and makes the collector; does no I/O. */
  configure(input: object): Collector
}

const SPEC = 1

/** The source of this name, imported; a source that is not installed gives the exact install command. */
export async function loadSource(name: string, cwd: string): Promise<LoadedSource> {
  const project = findSources(cwd)
  const declared = project.sources.find((source) => source.name === name)
  if (declared === undefined) throw notInstalled(name, project, cwd)
  return importSource(declared)
}

/** The source that answers to a URL's scheme: `postgresql+psycopg2://` is matched by `postgresql`. */
export async function loadSourceForUrl(url: string, cwd: string): Promise<LoadedSource> {
  const scheme = (/^([a-z][a-z0-9.-]*)(\+[a-z0-9.+-]+)?:/i.exec(url)?.[1] ?? '').toLowerCase()
  const project = findSources(cwd)
  const byName = project.sources.find((source) => source.name === scheme)
  const others = project.sources.filter((source) => source !== byName)
  for (const declared of byName === undefined ? others : [byName, ...others]) {
    const loaded = await importSource(declared)
    if (loaded.source.schemes?.includes(scheme)) return loaded
  }
  throw fault({
    kind: 'config',
    code: 'cli.scheme-unknown',
    why: `No installed source reads ${scheme}: URLs (installed: ${listNames(project)}).`,
    fix: `Install the source that does, as in \`${installCommand(`@omni/source-${scheme}`, cwd)}\`.`,
  })
}

/** Imports a declared source and checks that it keeps the contract. */
export async function importSource(declared: DeclaredSource): Promise<LoadedSource> {
  if (declared.spec !== SPEC) {
    throw fault({
      kind: 'unsupported',
      code: 'cli.source-spec',
      why: `${declared.packageName} ${declared.version} was written for contract ${declared.spec}, this program speaks ${SPEC}.`,
      fix: `Install a version of ${declared.packageName} or of @omni/cli in which they agree.`,
    })
  }
  const entry = entryOf(declared)
  const module: Record<string, unknown> = await import(entry).catch((cause: unknown) => {
    throw broken(declared, `cannot be imported (${codeOf(cause)})`, cause)
  })
  const made = module[declared.name]
  const source = typeof made === 'function' ? (made as { source?: unknown }).source : undefined
  if (!isSource(source)) throw broken(declared, `does not export the source \`${declared.name}\``)
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

function broken(declared: DeclaredSource, what: string, cause?: unknown): Error {
  return fault({
    kind: 'config',
    code: 'cli.source-broken',
    why: `${declared.packageName} ${declared.version} ${what}.`,
    fix: 'Install it again; if that does not help, tell its authors.',
    cause,
  })
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown error'
}

/** The file that `import` of the package loads, by the rules for a package's main entry point. */
function entryOf(declared: DeclaredSource): string {
  const manifest = readManifest(join(declared.folder, 'package.json'))
  const target = exportTarget(manifest?.exports) ?? manifest?.main
  const file = typeof target === 'string' ? target : 'index.js'
  return pathToFileURL(join(declared.folder, file)).href
}

// https://nodejs.org/api/packages.html#conditional-exports
function exportTarget(node: unknown): string | undefined {
  if (typeof node === 'string') return node
  if (Array.isArray(node)) return node.map(exportTarget).find((target) => target !== undefined)
  if (typeof node !== 'object' || node === null) return undefined
  const entries = Object.entries(node)
  const root = entries.find(([key]) => key === '.')
  if (root !== undefined) return exportTarget(root[1])
  for (const [condition, value] of entries) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue
    const target = exportTarget(value)
    if (target !== undefined) return target
  }
  return undefined
}
