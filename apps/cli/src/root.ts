import { resolve } from 'node:path'
import { fault, type Storage } from '@omni/core'
import type { Invocation } from './commands/invocation.ts'
import { readStorageOptions } from './flags/storage-options.ts'
import { installCommand, storageName, storagePackage } from './sources/install.ts'
import { findStorage, schemeOf, schemesIn } from './sources/storages.ts'

/** Where the snapshots go, and every storage that the call names. */
export interface Place {
  /** An absolute path, or the URL of an object store. */
  readonly root: string
  readonly rootOptions: Readonly<Record<string, unknown>>
  readonly storages: readonly Storage[]
}

/** A root as it was written: a folder seen from another, or a URL. */
export function resolveRoot(folder: string, root: string): string {
  return schemeOf(root) === undefined ? resolve(folder, root) : root
}

/** Loads the storages of the root and of the source's options, and no other. */
export async function findPlace(call: Invocation): Promise<Place> {
  const { io, flags, collector } = call
  const root = resolveRoot(io.cwd, flags.root)
  const storages: Storage[] = []
  let { rootOptions } = flags
  for (const scheme of schemesIn(root)) {
    const found = await findStorage(scheme, io.cwd)
    if (found === undefined) throw notInstalled(scheme, io.cwd)
    rootOptions = readStorageOptions(found.storage, rootOptions, 'root-options')
    storages.push(found.storage)
  }
  const { schemes = [], locator = '' } = collector?.source ?? {}
  for (const scheme of schemesIn(collector?.options)) {
    // What the source reads by itself is no object store, unless it is known to be one.
    if (storageName(scheme) === undefined && schemes.includes(scheme)) continue
    const found = await findStorage(scheme, io.cwd)
    if (found !== undefined) {
      if (!storages.includes(found.storage)) storages.push(found.storage)
    } else if (storageName(scheme) !== undefined && isAt(collector?.options, locator, scheme)) {
      throw notInstalled(scheme, io.cwd)
    }
  }
  return { root, rootOptions, storages }
}

function isAt(options: object | undefined, name: string, scheme: string): boolean {
  const value: unknown = Object.entries(options ?? {}).find(([key]) => key === name)?.[1]
  return typeof value === 'string' && schemeOf(value) === scheme
}

function notInstalled(scheme: string, cwd: string): Error {
  const name = storagePackage(scheme)
  return fault({
    kind: 'config',
    code: 'cli.storage-missing',
    why: `No installed storage answers to ${scheme}: addresses.`,
    fix:
      name === undefined
        ? 'Install the storage that does, or use s3://, gs:// or az://.'
        : `Run \`${installCommand(name, cwd)}\`.`,
  })
}
