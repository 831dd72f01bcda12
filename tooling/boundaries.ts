// Who may import whom (docs/architecture.md). No exceptions list: an import that is not allowed here fails.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What shipped code of a package may import of ours; its own declared dependencies come on top. */
const ALLOWED: readonly { readonly name: RegExp; readonly ours: readonly RegExp[] }[] = [
  { name: /^@omni\/(spec|kernels)$/, ours: [] },
  { name: /^@omni\/arrow$/, ours: [/^@omni\/(spec|kernels)$/] },
  { name: /^@omni\/core$/, ours: [/^@omni\/(spec|arrow|kernels)$/] },
  { name: /^@omni\/source-hubspot$/, ours: [/^@omni\/(spec|arrow|kernels|source-rest)$/] },
  { name: /^@omni\/source-file$/, ours: [/^@omni\/(spec|arrow|kernels|source-sqlite)$/] },
  { name: /^@omni\/source-/, ours: [/^@omni\/(spec|arrow|kernels)$/] },
  { name: /^@omni\/storage-/, ours: [/^@omni\/spec$/] },
  { name: /^@omni\/testkit$/, ours: [/^@omni\/(spec|core)$/] },
  { name: /^@omni\/cli$/, ours: [/^@omni\/core$/] },
]

/** Libraries that only one package may import. */
const OWNED: ReadonlyMap<string, string> = new Map([['apache-arrow', '@omni/arrow']])

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Every violation, as `file: what is wrong`. */
export function findViolations(): string[] {
  const found: string[] = []
  for (const parent of ['packages', 'apps']) {
    for (const folder of readdirSync(join(root, parent))) {
      const at = join(root, parent, folder)
      const manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as Manifest
      found.push(...checkPackage(at, manifest))
    }
  }
  return found
}

function checkPackage(at: string, manifest: Manifest): string[] {
  const rule = ALLOWED.find(({ name }) => name.test(manifest.name))
  if (!rule) return [`${manifest.name}: no rule says what it may import`]
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
  const found: string[] = []
  for (const name of declared) {
    if (name.startsWith('@omni/') && !rule.ours.some((allowed) => allowed.test(name))) {
      found.push(`${manifest.name}: may not depend on ${name}`)
    }
  }
  for (const file of sourceFiles(join(at, 'src'))) {
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      const problem = checkImport(specifier, manifest.name, declared)
      if (problem) found.push(`${relative(root, file)}: ${problem}`)
    }
  }
  return found
}

function checkImport(specifier: string, name: string, declared: ReadonlySet<string>): string | undefined {
  if (specifier.startsWith('.')) return undefined
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return undefined
  const library = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const owner = OWNED.get(library)
  if (owner !== undefined && owner !== name) return `only ${owner} may import ${library}`
  if (!declared.has(library)) return `imports ${library}, which its package.json does not declare`
  return undefined
}

function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)(['"])([^'"\n]+)\1/gm
  return [...code.matchAll(pattern)].map((match) => match[2] as string)
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return name === 'generated' ? [] : sourceFiles(path)
    return name.endsWith('.ts') && !name.endsWith('.test.ts') ? [path] : []
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findViolations()
  for (const line of found) console.error(line)
  process.exit(found.length > 0 ? 1 : 0)
}
