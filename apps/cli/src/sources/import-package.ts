import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fault } from '@omni/core'
import { type DeclaredPackage, readManifest } from './declared.ts'

const SPEC = 1

/** Imports a declared package, after a look at the contract that it was written for. */
export async function importPackage(declared: DeclaredPackage): Promise<Readonly<Record<string, unknown>>> {
  if (declared.spec !== SPEC) {
    throw fault({
      kind: 'unsupported',
      code: `cli.${declared.kind}-spec`,
      why: `${declared.packageName} ${declared.version} was written for contract ${declared.spec}, this program speaks ${SPEC}.`,
      fix: `Install a version of ${declared.packageName} or of @omni/cli in which they agree.`,
    })
  }
  return await import(entryOf(declared)).catch((cause: unknown) => {
    throw brokenPackage(declared, `cannot be imported (${codeOf(cause)})`, cause)
  })
}

/** A package that is installed and is not what it says. */
export function brokenPackage(declared: DeclaredPackage, what: string, cause?: unknown): Error {
  return fault({
    kind: 'config',
    code: `cli.${declared.kind}-broken`,
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
function entryOf(declared: DeclaredPackage): string {
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
