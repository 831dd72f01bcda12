import { createHash, randomBytes } from 'node:crypto'
import { type Fault, fault, type ObjectStore, type Upload } from '@omni/spec'
import { storageFault } from '../encode/storage-fault.ts'
import type { DraftFile, DraftFolder, Staging, StagingRequest } from '../home/home.ts'
import { inOrder } from '../home/in-order.ts'
import { datasetFolder, placeBelow } from '../home/place.ts'
import { listBelow, putOnce, removeAll } from '../home/store-file.ts'
import { type Manifest, manifestText } from '../manifest/manifest.ts'
import type { OnStep } from '../steps.ts'
import type { StoredSnapshot } from './catalog.ts'
import { createStoreLog } from './store-log.ts'

/** Begins the name of a folder of drafts. */
export const STAGING = '.staging-'

/** Bytes of all drafts that are held here before they go to the store: a small snapshot needs no copies. */
const HOLD_BYTES = 4 << 20
/** Copies and puts at once. */
const AHEAD = 8

/** A file of the snapshot that is finished: held here, or staged in the store. */
export interface Finished {
  readonly held?: Uint8Array
}

/** What the drafts of one staging share. */
export interface Drafts {
  readonly store: ObjectStore
  /** URL of the staging folder. */
  readonly url: string
  readonly signal: AbortSignal
  /** Finished files by their path in the snapshot. */
  readonly finished: Map<string, Finished>
  /** Bytes that are held by drafts and finished files. */
  heldBytes: number
}

/**
 * A snapshot on its way into an object store. Parts go up as they are encoded; when the digest, and so the name, is
 * known, the store copies them to their place, and the manifest comes last, only if absent: the commit.
 */
export function createStoreStaging(
  store: ObjectStore,
  root: string,
  request: StagingRequest,
  latest: () => Promise<string | null>,
): Staging {
  const base = datasetFolder(root, request.dataset)
  const url = placeBelow(base, `${STAGING}${randomBytes(6).toString('hex')}`)
  const { signal } = request
  const drafts: Drafts = { store, url, signal, finished: new Map(), heldBytes: 0 }
  /** Set while files are at their place and no manifest can be. */
  let placed: string | undefined
  return {
    folder: async (name) => storeFolder(drafts, name),
    createLog: async (name) => createStoreLog(drafts, name),
    async publish(manifest, onStep) {
      const target = placeBelow(base, manifest.snapshot)
      for await (const _ of listBelow(store, target)) throw taken(manifest)
      placed = target
      await placeFiles(drafts, target)
      onStep('staging-synced')
      signal.throwIfAborted()
      await request.lock.check()
      if ((await latest()) !== request.previous) throw overtaken(request)
      // From here on the manifest may be there, whatever an error says: the next run puts that right.
      placed = undefined
      const stored = await commit(store, target, manifest, onStep)
      await removeBelow(store, url)
      onStep('folder-synced')
      return stored
    },
    async discard() {
      await removeBelow(store, url)
      if (placed !== undefined) await removeBelow(store, placed)
    },
  }
}

/** Drafts below a folder of the snapshot. */
function storeFolder(drafts: Drafts, folder: string): DraftFolder {
  const pathOf = (name: string): string => (folder === '' ? name : `${folder}/${name}`)
  return {
    create: async (name) => createDraft(drafts, pathOf(name)),
    async remove(name) {
      const path = pathOf(name)
      const file = drafts.finished.get(path)
      drafts.finished.delete(path)
      drafts.heldBytes -= file?.held?.length ?? 0
      if (file !== undefined && file.held === undefined) {
        await drafts.store.remove([placeBelow(drafts.url, path)]).catch(() => undefined)
      }
    },
  }
}

function createDraft(drafts: Drafts, path: string): DraftFile {
  const { store, url, signal, finished } = drafts
  const hash = createHash('sha256')
  let held: Uint8Array[] = []
  let size = 0
  let upload: Upload | undefined
  const release = (): void => {
    for (const bytes of held) drafts.heldBytes -= bytes.length
    held = []
  }
  return {
    get size() {
      return size
    },
    async append(bytes) {
      if (bytes.length === 0) return
      try {
        hash.update(bytes)
        size += bytes.length
        // The encoder uses its memory again, and a store sends when it can.
        const copy = new Uint8Array(bytes)
        if (upload !== undefined) {
          await upload.write(copy)
          return
        }
        held.push(copy)
        drafts.heldBytes += copy.length
        if (drafts.heldBytes <= HOLD_BYTES) return
        upload = store.upload(placeBelow(url, path), { signal })
        for (const piece of held) await upload.write(piece)
        release()
      } catch (error) {
        throw storageFault(error)
      }
    },
    async finish() {
      try {
        if (upload !== undefined) await upload.finish()
        finished.set(path, upload === undefined ? { held: Buffer.concat(held) } : {})
      } catch (error) {
        throw storageFault(error)
      }
      return { bytes: size, sha256: hash.digest('hex') }
    },
    async abandon() {
      release()
      await upload?.abort()
    },
  }
}

/** Puts or copies every file to its place in the snapshot's folder. */
async function placeFiles(drafts: Drafts, target: string): Promise<void> {
  const { store, url, signal, finished } = drafts
  const place = async ([path, { held }]: readonly [string, Finished]): Promise<void> => {
    signal.throwIfAborted()
    const to = placeBelow(target, path)
    if (held === undefined) await store.copy(placeBelow(url, path), to)
    else if (!(await putOnce(store, to, held))) throw overwritten()
  }
  for await (const _ of inOrder(finished, AHEAD, place));
}

async function commit(
  store: ObjectStore,
  target: string,
  manifest: Manifest,
  onStep: OnStep,
): Promise<StoredSnapshot> {
  const text = manifestText(manifest)
  if (!(await putOnce(store, placeBelow(target, 'manifest.json'), Buffer.from(text)))) throw overwritten()
  onStep('renamed')
  return { dataset: manifest.dataset, name: manifest.snapshot, path: target, manifest, text }
}

/** What is left is nobody's snapshot, and the next run removes it. */
async function removeBelow(store: ObjectStore, url: string): Promise<void> {
  try {
    const urls: string[] = []
    for await (const { name } of listBelow(store, url)) urls.push(placeBelow(url, name))
    await removeAll(store, urls)
  } catch {
    // An error here must not hide the one before it.
  }
}

function taken({ dataset, snapshot }: Manifest): Fault {
  return fault({
    kind: 'unavailable',
    code: 'snapshot.taken',
    why: `There are objects already where snapshot ${dataset}/${snapshot} would go.`,
    fix: 'Nothing was published. Run it again.',
  })
}

function overwritten(): Fault {
  return fault({
    kind: 'unavailable',
    code: 'snapshot.taken',
    why: 'Another program put an object where the snapshot goes.',
    fix: 'Nothing was overwritten. Run it again.',
  })
}

function overtaken({ dataset }: StagingRequest): Fault {
  return fault({
    kind: 'unavailable',
    code: 'lock.lost',
    why: `Another run published a snapshot of dataset "${dataset}" meanwhile.`,
    fix: 'Nothing was published. Run it again: it goes on after that snapshot.',
  })
}
