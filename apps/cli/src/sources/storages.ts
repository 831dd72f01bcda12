import { isStorage, type Storage } from '@omni/core'
import { candidatesFor, type DeclaredPackage, findSources } from './declared.ts'
import { brokenPackage, importPackage } from './import-package.ts'

/** A storage that was imported. */
export interface LoadedStorage {
  readonly declared: DeclaredPackage
  readonly storage: Storage
}

const URL_SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i
/** Never an object store's. */
const OTHER_SCHEMES: ReadonlySet<string> = new Set(['file', 'http', 'https'])

/** The scheme of a URL in lower case; undefined for anything else. */
export function schemeOf(text: string): string | undefined {
  return URL_SCHEME.exec(text)?.[1]?.toLowerCase()
}

/** Schemes of all URLs in a value that an object store may hold. */
export function schemesIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') {
    const scheme = schemeOf(value)
    if (scheme !== undefined && !OTHER_SCHEMES.has(scheme)) found.add(scheme)
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const item of Object.values(value)) schemesIn(item, found)
  }
  return found
}

/** The installed storage that answers to a scheme, imported; no other is where their package.json say their schemes. */
export async function findStorage(scheme: string, cwd: string): Promise<LoadedStorage | undefined> {
  for (const declared of candidatesFor(scheme, findSources(cwd).storages)) {
    const loaded = await importStorage(declared)
    if (loaded.storage.schemes.includes(scheme)) return loaded
  }
  return undefined
}

/** Imports a declared storage and checks that it keeps the contract. */
export async function importStorage(declared: DeclaredPackage): Promise<LoadedStorage> {
  const storage = (await importPackage(declared))[declared.name]
  if (!isStorage(storage)) throw brokenPackage(declared, `does not export the storage \`${declared.name}\``)
  return { declared, storage }
}
