import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { openLedger } from '../audit/ledger.ts'
import { putLocalLineage } from '../lineage/outbox.ts'
import { takeLock } from '../lock/lock.ts'
import { fileSize, listNames, makeFolder, removeEmptyFolders } from '../snapshot/disk.ts'
import { createLocalStaging, removeStaging } from '../snapshot/local-staging.ts'
import { snapshotTime } from '../snapshot/names.ts'
import type { Home, SnapshotRef } from './home.ts'
import { openLocalFile } from './local-file.ts'
import { datasetFolder, datasetsFolder } from './place.ts'

/** A home in a folder of this machine; `root` is absolute. Does no I/O. */
export function createLocalHome(root: string): Home {
  const snapshotsOf = async (dataset: string): Promise<SnapshotRef[]> =>
    (await listNames(datasetFolder(root, dataset)))
      .filter((name) => snapshotTime(name) !== undefined)
      .map((name) => ({ dataset, name }))
  return {
    root,
    async snapshots(dataset) {
      if (dataset !== undefined) return await snapshotsOf(dataset)
      const found: SnapshotRef[] = []
      for (const name of await listNames(datasetsFolder(root))) {
        if (!name.startsWith('.')) found.push(...(await snapshotsOf(name)))
      }
      return found
    },
    read: (file) => readFile(file),
    sizeOf: fileSize,
    open: openLocalFile,
    async filesBelow(folder) {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .map((name) => name.split(path.sep).join('/'))
        .sort()
    },
    async prepare(dataset) {
      const folder = datasetFolder(root, dataset)
      const created = await makeFolder(folder)
      return async () => {
        if (created === undefined) return
        await removeEmptyFolders(folder, path.dirname(created)).catch(() => undefined)
      }
    },
    lock: (dataset, nowMs) =>
      takeLock({
        file: path.join(datasetFolder(root, dataset), '.lock'),
        what: `dataset "${dataset}"`,
        nowMs,
      }),
    removeUnfinished: (dataset) => removeStaging(datasetFolder(root, dataset)),
    stage: ({ dataset }) => createLocalStaging(datasetFolder(root, dataset)),
    ledger: (now) => openLedger(root, now),
    putLineage: (runId, event) => putLocalLineage(root, runId, event),
    notes: async () => [],
    probe: async () => undefined,
    close: async () => undefined,
  }
}
