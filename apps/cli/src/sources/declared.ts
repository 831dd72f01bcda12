import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// How sources and storages are found: docs/decisions/0005-source-resolution.md. Nothing is imported here; a
// package is one because some package.json declares it and its own package.json says so.

/** A package of a source or a storage that a project declares and that is installed. */
export interface DeclaredPackage {
  readonly kind: 'source' | 'storage'
  /** What a person types: `file`, `postgres`; of a storage `s3`. */
  readonly name: string
  readonly packageName: string
  readonly version: string
  readonly summary: string
  /** Contract version from its package.json. */
  readonly spec: number
  /** URL schemes that its package.json says it answers to; undefined where only its code says so. */
  readonly schemes: readonly string[] | undefined
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
  readonly sources: readonly DeclaredPackage[]
  readonly storages: readonly DeclaredPackage[]
}

interface Manifest {
  readonly name?: unknown
  readonly version?: unknown
  readonly description?: unknown
  readonly omni?: {
    readonly source?: unknown
    readonly storage?: unknown
    readonly spec?: unknown
    readonly schemes?: unknown
  }
  readonly exports?: unknown
  readonly main?: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const OUR_NAME = /(^|\/)(omni-)?(source|storage)-/

/**
 * The sources and storages of the project around `cwd`; when it declares no source, those declared by this
 * program's own package and by whatever it is installed into (a workspace, an `npx -p` folder).
 */
export function findSources(cwd: string, cliFolder: string = ownFolder()): SourceProject {
  const project = packagesAbove(cwd)
  if (ofKind(project.packages, 'source').length > 0) return projectOf('project', project)
  const own = packagesAbove(cliFolder)
  return projectOf('cli', {
    manifests: [...project.manifests, ...own.manifests],
    packages: nearestOf([...project.packages, ...own.packages, ...siblings(cliFolder)]),
  })
}

interface Packages {
  readonly manifests: readonly string[]
  readonly packages: readonly DeclaredPackage[]
}

function projectOf(origin: SourceProject['origin'], { manifests, packages }: Packages): SourceProject {
  return { origin, manifests, sources: ofKind(packages, 'source'), storages: ofKind(packages, 'storage') }
}

function ofKind(packages: readonly DeclaredPackage[], kind: DeclaredPackage['kind']): DeclaredPackage[] {
  return packages.filter((one) => one.kind === kind).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The first of each kind and name: the nearest package.json wins, as it does for `import`. */
function nearestOf(packages: readonly DeclaredPackage[]): DeclaredPackage[] {
  const found = new Map<string, DeclaredPackage>()
  for (const one of packages) {
    const key = `${one.kind} ${one.name}`
    if (!found.has(key)) found.set(key, one)
  }
  return [...found.values()]
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

function packagesAbove(start: string): Packages {
  const manifests: string[] = []
  const found: DeclaredPackage[] = []
  for (const folder of foldersAbove(start)) {
    const path = join(folder, 'package.json')
    const manifest = readManifest(path)
    if (manifest === undefined) continue
    manifests.push(path)
    for (const name of dependenciesOf(manifest)) {
      const described = describePackage(name, folder, path)
      if (described !== undefined) found.push(described)
    }
  }
  return { manifests, packages: nearestOf(found) }
}

/**
 * A global install has no package.json that declares anything: `npm install -g @omni/cli @omni/source-file`
 * puts both side by side. Then packages of our own scope that lie beside this one count as declared.
 */
function siblings(cliFolder: string): DeclaredPackage[] {
  if (!/[\\/]node_modules[\\/]@omni[\\/]cli$/.test(cliFolder)) return []
  const own = readManifest(join(cliFolder, 'package.json'))
  const official = Object.keys(own?.devDependencies ?? {}).filter((name) => OUR_NAME.test(name))
  return official
    .map((name) => describePackage(name, cliFolder, join(cliFolder, 'package.json')))
    .filter((described) => described !== undefined)
}

function dependenciesOf(manifest: Manifest): string[] {
  const names = Object.keys({
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
    ...manifest.dependencies,
  })
  return names.sort((a, b) => Number(OUR_NAME.test(b)) - Number(OUR_NAME.test(a)))
}

function describePackage(name: string, from: string, declaredIn: string): DeclaredPackage | undefined {
  for (const above of foldersAbove(from)) {
    const folder = join(above, 'node_modules', ...name.split('/'))
    const manifest = readManifest(join(folder, 'package.json'))
    if (manifest === undefined) continue
    const { source, storage, spec, schemes } = manifest.omni ?? {}
    const own = source ?? storage
    if (typeof own !== 'string') return undefined
    return {
      kind: own === source ? 'source' : 'storage',
      name: own,
      packageName: name,
      version: typeof manifest.version === 'string' ? manifest.version : '?',
      summary: typeof manifest.description === 'string' ? manifest.description : '',
      spec: typeof spec === 'number' ? spec : Number.NaN,
      schemes: isTexts(schemes) ? schemes : undefined,
      folder,
      declaredIn,
    }
  }
  return undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/**
 * Those that may answer to a URL scheme, the likeliest first: named like it, declared for it, then those whose
 * package.json does not say. Of the others nothing need be imported.
 */
export function candidatesFor(scheme: string, all: readonly DeclaredPackage[]): readonly DeclaredPackage[] {
  const rankOf = ({ name, schemes }: DeclaredPackage): number => {
    if (schemes !== undefined && !schemes.includes(scheme)) return Number.POSITIVE_INFINITY
    if (name === scheme) return 0
    return schemes === undefined ? 2 : 1
  }
  return all.filter((one) => rankOf(one) < 3).sort((a, b) => rankOf(a) - rankOf(b))
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
