import { stat } from 'node:fs/promises'
import path from 'node:path'
import { fault } from '@omni/spec'
import { datasetNames, readSnapshot, type StoredSnapshot, snapshotNames } from './catalog.ts'
import { isMissing } from './disk.ts'
import { snapshotTime } from './names.ts'

/** A snapshot's place under a root. */
export interface SnapshotRef {
  readonly dataset: string
  readonly name: string
}

/**
 * Finds a snapshot by what a person types: a dataset (its newest), `dataset/snapshot`, the path of a snapshot's
 * folder, a snapshot's name, or at least six hex digits of a digest.
 */
export async function findSnapshot(root: string, ref: string): Promise<SnapshotRef> {
  const datasets = await datasetNames(root)
  if (datasets.includes(ref)) return newest(root, ref)
  const byPath = await refOfPath(root, ref, datasets)
  if (byPath !== undefined) return byPath
  const wanted = ref.toLowerCase()
  const isDigest = /^[0-9a-f]{6,64}$/.test(wanted)
  const found: SnapshotRef[] = []
  for (const dataset of datasets) {
    for (const name of await snapshotNames(root, dataset)) {
      const short = name.slice(-12)
      const matches = name === ref || (isDigest && (wanted.startsWith(short) || short.startsWith(wanted)))
      if (matches) found.push({ dataset, name })
    }
  }
  const [first] = found
  if (first === undefined) throw notFound(ref, datasets)
  // The same rows may have been published again: the newest of them stands for all.
  const others = found.filter(
    ({ dataset, name }) => dataset !== first.dataset || name.slice(-12) !== first.name.slice(-12),
  )
  if (others.length > 0) throw ambiguous(ref, found)
  return found.at(-1) as SnapshotRef
}

/** Finds and reads it. */
export async function loadSnapshot(root: string, ref: string): Promise<StoredSnapshot> {
  const { dataset, name } = await findSnapshot(root, ref)
  return await readSnapshot(root, dataset, name)
}

async function newest(root: string, dataset: string): Promise<SnapshotRef> {
  const name = (await snapshotNames(root, dataset)).at(-1)
  if (name === undefined) throw notFound(dataset, [])
  return { dataset, name }
}

async function refOfPath(
  root: string,
  ref: string,
  datasets: readonly string[],
): Promise<SnapshotRef | undefined> {
  const base = path.join(root, 'data', 'raw')
  for (const candidate of [path.join(base, ref), path.resolve(root, ref), path.resolve(ref)]) {
    const inside = path.relative(base, candidate).split(path.sep)
    const [dataset = '', name] = inside[0] === '..' || path.isAbsolute(inside[0] ?? '') ? [] : inside
    if (!datasets.includes(dataset) || !(await isFolder(path.join(base, dataset, name ?? '')))) continue
    if (name === undefined) return await newest(root, dataset)
    if (snapshotTime(name) !== undefined) return { dataset, name }
  }
  return undefined
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory()
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

function notFound(ref: string, datasets: readonly string[]): Error {
  return fault({
    kind: 'missing',
    code: 'snapshot.missing',
    why: `There is no snapshot or dataset ${JSON.stringify(ref)}.`,
    fix: datasets.length === 0 ? 'Collect something first.' : `There are: ${datasets.join(', ')}.`,
  })
}

function ambiguous(ref: string, found: readonly SnapshotRef[]): Error {
  return fault({
    kind: 'config',
    code: 'snapshot.ambiguous',
    why: `${JSON.stringify(ref)} may mean ${found.map(({ dataset, name }) => `${dataset}/${name}`).join(' or ')}.`,
    fix: 'Give more of it.',
  })
}
