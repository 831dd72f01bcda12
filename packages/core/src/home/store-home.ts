import { randomUUID } from 'node:crypto'
import { fault, type ObjectStore } from '@omni/spec'
import { openStoreLedger } from '../audit/store-ledger.ts'
import { takeStoreLock } from '../lock/store-lock.ts'
import { isMissing } from '../snapshot/disk.ts'
import { snapshotTime } from '../snapshot/names.ts'
import { createStoreStaging, STAGING } from '../snapshot/store-staging.ts'
import type { Home, SnapshotRef } from './home.ts'
import { datasetFolder, datasetsFolder, placeBelow } from './place.ts'
import { listBelow, openStoreFile, readIfThere, readWhole, removeAll } from './store-file.ts'

/**
 * A home in an object store. A folder is a snapshot when its manifest is there; whatever else lies in a dataset is
 * what a run works on, or a crash left.
 */
export function createStoreHome(root: string, store: ObjectStore, now: () => number): Home {
  const snapshots = async (dataset?: string): Promise<SnapshotRef[]> => {
    const found: SnapshotRef[] = []
    const base = dataset === undefined ? datasetsFolder(root) : datasetFolder(root, dataset)
    for await (const { name } of listBelow(store, base)) {
      const names = dataset === undefined ? name.split('/') : [dataset, ...name.split('/')]
      const [owner = '', snapshot = '', file] = names
      const isPublished =
        names.length === 3 && file === 'manifest.json' && snapshotTime(snapshot) !== undefined
      if (isPublished && !owner.startsWith('.')) found.push({ dataset: owner, name: snapshot })
    }
    return found.sort((a, b) => compare(a.dataset, b.dataset) || compare(a.name, b.name))
  }
  return {
    root,
    snapshots,
    read: (file) => readWhole(store.object(file)),
    async sizeOf(file) {
      try {
        return (await store.object(file).head()).size ?? 0
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    open: (file) => openStoreFile(store.object(file)),
    async filesBelow(folder) {
      const names: string[] = []
      for await (const { name } of listBelow(store, folder)) names.push(name)
      return names.sort()
    },
    prepare: async () => async () => undefined,
    lock: (dataset) =>
      takeStoreLock(store, {
        url: placeBelow(datasetFolder(root, dataset), '.lock'),
        what: `dataset "${dataset}"`,
        now,
      }),
    async removeUnfinished(dataset) {
      const base = datasetFolder(root, dataset)
      const whole = new Set((await snapshots(dataset)).map(({ name }) => name))
      const folders = new Set<string>()
      const urls: string[] = []
      for await (const { name } of listBelow(store, base)) {
        const [folder = '', ...rest] = name.split('/')
        const isDraft =
          folder.startsWith(STAGING) || (snapshotTime(folder) !== undefined && !whole.has(folder))
        if (rest.length === 0 || !isDraft) continue
        folders.add(folder)
        urls.push(placeBelow(base, name))
      }
      await removeAll(store, urls)
      return folders.size
    },
    stage: async (request) =>
      createStoreStaging(
        store,
        root,
        request,
        async () => (await snapshots(request.dataset)).at(-1)?.name ?? null,
      ),
    ledger: () => openStoreLedger(store, root),
    putLineage: (runId, event) =>
      store.put(
        placeBelow(root, 'logs', 'lineage', `${runId}.json`),
        Buffer.from(`${JSON.stringify(event)}\n`),
      ),
    notes: async () => (await store.notes?.(root)) ?? [],
    probe: () => probe(root, store),
    close: async () => {
      await store.close?.()
    },
  }
}

/** What a commit stands on: a put that does not overwrite, and a copy. */
async function probe(root: string, store: ObjectStore): Promise<void> {
  const url = placeBelow(root, `.probe-${randomUUID()}`)
  const copy = `${url}-copy`
  const bytes = Buffer.from('probe')
  try {
    const isFirst = await store.putIfAbsent(url, bytes)
    const isSecond = await store.putIfAbsent(url, Buffer.from('other'))
    if (!isFirst || isSecond) throw unfit('overwrites an object that should only be put if there is none')
    await store.copy(url, copy)
    const copied = await readIfThere(store.object(copy))
    if (copied?.equals(bytes) !== true) throw unfit('does not give back what was copied')
  } finally {
    await store.remove([url, copy]).catch(() => undefined)
  }
}

function unfit(what: string): Error {
  return fault({
    kind: 'unsupported',
    code: 'root.store',
    why: `The object store of the root ${what}.`,
    fix: 'Use a store with conditional writes (If-None-Match), or a folder of this machine.',
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
