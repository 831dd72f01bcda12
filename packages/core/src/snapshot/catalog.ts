import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Manifest } from '../manifest/manifest.ts'
import { parseManifest } from '../manifest/parse.ts'
import { listNames } from './disk.ts'
import { snapshotTime } from './names.ts'

/** A snapshot on disk with its manifest. */
export interface StoredSnapshot {
  readonly dataset: string
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly manifest: Manifest
  /** The manifest's exact bytes as text. */
  readonly text: string
}

/** Folder of all datasets under a root. */
export function datasetsFolder(root: string): string {
  return path.join(root, 'data', 'raw')
}

/** Folder of one dataset. */
export function datasetFolder(root: string, dataset: string): string {
  return path.join(datasetsFolder(root), dataset)
}

/** Names of snapshot folders of a dataset, oldest first. */
export async function snapshotNames(root: string, dataset: string): Promise<string[]> {
  return (await listNames(datasetFolder(root, dataset))).filter((name) => snapshotTime(name) !== undefined)
}

/** Names of datasets that have a snapshot, sorted. */
export async function datasetNames(root: string): Promise<string[]> {
  const found: string[] = []
  for (const name of await listNames(datasetsFolder(root))) {
    if (!name.startsWith('.') && (await snapshotNames(root, name)).length > 0) found.push(name)
  }
  return found
}

/** Reads one snapshot's manifest; the faults `missing` and `data`. */
export async function readSnapshot(root: string, dataset: string, name: string): Promise<StoredSnapshot> {
  const folder = path.join(datasetFolder(root, dataset), name)
  const file = path.join(folder, 'manifest.json')
  const text = await readFile(file, 'utf8')
  return { dataset, name, path: folder, manifest: parseManifest(text, file), text }
}

/** The newest snapshot of a dataset. */
export async function latestSnapshot(root: string, dataset: string): Promise<StoredSnapshot | undefined> {
  const name = (await snapshotNames(root, dataset)).at(-1)
  return name === undefined ? undefined : await readSnapshot(root, dataset, name)
}
