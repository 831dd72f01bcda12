import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// How sources are found: docs/decisions/0005-source-resolution.md. Nothing is imported here; a package is a
// source because some package.json declares it and its own package.json says so.

/** A source package that a project declares and that is installed. */
export interface DeclaredSource {
  /** What a person types: `file`, `postgres`. */
  readonly name: string
  readonly packageName: string
  readonly version: string
  readonly summary: string
  /** Contract version from its package.json. */
  readonly spec: number
  /** The package's own folder. */
  readonly folder: string
  /** The package.json that declares it. */
  readonly declaredIn: string
}

/** The package.json files that decide, nearest first, and what they declare. */
export interface SourceProject {
  /** `project`: found from the working folder. `cli`: from where this program is installed. */
  readonly origin: 'project' | 'cli'
  /** Paths of the package.json files that were read. */
  readonly manifests: readonly string[]
  readonly sources: readonly DeclaredSource[]
}

interface Manifest {
  readonly name?: unknown
  readonly version?: unknown
  readonly description?: unknown
  readonly omni?: { readonly source?: unknown; readonly spec?: unknown }
  readonly exports?: unknown
  readonly main?: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const SOURCE_NAME = /(^|\/)(omni-)?source-/

/**
 * The sources of the project around `cwd`; when it declares none, those declared by this program's own
 * package and by whatever it is installed into (a workspace, an `npx -p` folder).
 */
export function findSources(cwd: string, cliFolder: string = ownFolder()): SourceProject {
  const project = sourcesAbove(cwd)
  if (project.sources.length > 0) return { origin: 'project', ...project }
  const own = sourcesAbove(cliFolder)
  const beside = siblingSources(cliFolder, new Set(own.sources.map((source) => source.name)))
  return {
    origin: 'cli',
    manifests: [...project.manifests, ...own.manifests],
    sources: [...own.sources, ...beside],
  }
}

/** The folder of this program's package.json, wherever it was built. */
export function ownFolder(): string {
  return dirname(dirname(dirname(fileURLToPath(import.meta.url))))
}

/** A package.json, or undefined when there is none or it is not JSON. */
export function readManifest(path: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null ? (value as Manifest) : undefined
  } catch {
    return undefined
  }
}

function sourcesAbove(start: string): Pick<SourceProject, 'manifests' | 'sources'> {
  const manifests: string[] = []
  const found = new Map<string, DeclaredSource>()
  for (const folder of foldersAbove(start)) {
    const path = join(folder, 'package.json')
    const manifest = readManifest(path)
    if (manifest === undefined) continue
    manifests.push(path)
    for (const name of dependenciesOf(manifest)) {
      const source = describePackage(name, folder, path)
      // The nearest package.json wins, as it does for `import`.
      if (source !== undefined && !found.has(source.name)) found.set(source.name, source)
    }
  }
  return { manifests, sources: [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

/**
 * A global install has no package.json that declares anything: `npm install -g @omni/cli @omni/source-file`
 * puts both side by side. Then packages of our own scope that lie beside this one count as declared.
 */
function siblingSources(cliFolder: string, known: ReadonlySet<string>): DeclaredSource[] {
  if (!/[\\/]node_modules[\\/]@omni[\\/]cli$/.test(cliFolder)) return []
  const own = readManifest(join(cliFolder, 'package.json'))
  const official = Object.keys(own?.devDependencies ?? {}).filter((name) => SOURCE_NAME.test(name))
  return official
    .map((name) => describePackage(name, cliFolder, join(cliFolder, 'package.json')))
    .filter((source) => source !== undefined)
    .filter((source) => !known.has(source.name))
}

function dependenciesOf(manifest: Manifest): string[] {
  const names = Object.keys({
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
    ...manifest.dependencies,
  })
  return names.sort((a, b) => Number(SOURCE_NAME.test(b)) - Number(SOURCE_NAME.test(a)))
}

function describePackage(name: string, from: string, declaredIn: string): DeclaredSource | undefined {
  for (const above of foldersAbove(from)) {
    const folder = join(above, 'node_modules', ...name.split('/'))
    const manifest = readManifest(join(folder, 'package.json'))
    if (manifest === undefined) continue
    const { source, spec } = manifest.omni ?? {}
    if (typeof source !== 'string') return undefined
    return {
      name: source,
      packageName: name,
      version: typeof manifest.version === 'string' ? manifest.version : '?',
      summary: typeof manifest.description === 'string' ? manifest.description : '',
      spec: typeof spec === 'number' ? spec : Number.NaN,
      folder,
      declaredIn,
    }
  }
  return undefined
}

function* foldersAbove(start: string): Generator<string> {
  let folder = start
  while (true) {
    yield folder
    const parent = dirname(folder)
    if (parent === folder) return
    folder = parent
  }
}
