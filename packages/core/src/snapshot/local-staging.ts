import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Staging } from '../home/home.ts'
import { createLocalLog, localFolder } from '../home/local-file.ts'
import { type Manifest, manifestText } from '../manifest/manifest.ts'
import type { OnStep } from '../steps.ts'
import type { StoredSnapshot } from './catalog.ts'
import { listNames, syncFolder, writeDurable } from './disk.ts'

const STAGING = '.staging-'

/** Makes a staging folder beside the snapshots, so that a rename is enough to publish it. */
export async function createLocalStaging(datasetFolder: string): Promise<Staging> {
  const staging = path.join(datasetFolder, `${STAGING}${randomBytes(6).toString('hex')}`)
  await mkdir(staging)
  return {
    async folder(name) {
      const folder = path.join(staging, name)
      if (name !== '') await mkdir(folder)
      return localFolder(folder)
    },
    createLog: (name) => createLocalLog(path.join(staging, name)),
    publish: (manifest, onStep) => publish(staging, datasetFolder, manifest, onStep),
    discard: () => removeFolder(staging),
  }
}

/** Removes what crashed runs left; the dataset's lock must be held. Returns how many there were. */
export async function removeStaging(datasetFolder: string): Promise<number> {
  const left = (await listNames(datasetFolder)).filter((name) => name.startsWith(STAGING))
  for (const name of left) await removeFolder(path.join(datasetFolder, name))
  return left.length
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

/**
 * Writes the manifest and renames the staging folder to the snapshot: the commit. All parts are durable already.
 * The snapshot's folder stays writable for its owner, so that `rm -r` removes it; its files are 0444.
 */
async function publish(
  staging: string,
  datasetFolder: string,
  manifest: Manifest,
  onStep: OnStep,
): Promise<StoredSnapshot> {
  const text = manifestText(manifest)
  await writeDurable(path.join(staging, 'manifest.json'), text, 0o444)
  onStep('manifest-synced')
  for (const { folder } of manifest.streams) if (folder !== '') await syncFolder(path.join(staging, folder))
  await syncFolder(staging)
  onStep('staging-synced')
  const target = path.join(datasetFolder, manifest.snapshot)
  await rename(staging, target)
  onStep('renamed')
  await syncFolder(datasetFolder)
  onStep('folder-synced')
  return { dataset: manifest.dataset, name: manifest.snapshot, path: target, manifest, text }
}
