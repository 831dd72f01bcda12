import type { Home, SnapshotRef } from '../home/home.ts'
import { datasetFolder, placeBelow } from '../home/place.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { parseManifest } from '../manifest/parse.ts'

/** A published snapshot with its manifest. */
export interface StoredSnapshot {
  readonly dataset: string
  readonly name: string
  /** Absolute path, or URL. */
  readonly path: string
  readonly manifest: Manifest
  /** The manifest's exact bytes as text. */
  readonly text: string
}

/** Reads one snapshot's manifest; the faults `missing` and `data`. */
export async function readSnapshot(home: Home, { dataset, name }: SnapshotRef): Promise<StoredSnapshot> {
  const folder = placeBelow(datasetFolder(home.root, dataset), name)
  const file = placeBelow(folder, 'manifest.json')
  const text = (await home.read(file)).toString('utf8')
  return { dataset, name, path: folder, manifest: parseManifest(text, file), text }
}

/** The newest snapshot of a dataset. */
export async function latestSnapshot(home: Home, dataset: string): Promise<StoredSnapshot | undefined> {
  const latest = (await home.snapshots(dataset)).at(-1)
  return latest === undefined ? undefined : await readSnapshot(home, latest)
}
