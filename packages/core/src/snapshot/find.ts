import path from 'node:path'
import { fault } from '@omni/spec'
import type { Home, SnapshotRef } from '../home/home.ts'
import { datasetsFolder, isUrl } from '../home/place.ts'
import { readSnapshot, type StoredSnapshot } from './catalog.ts'

/**
 * Finds a snapshot by what a person types: a dataset (its newest), `dataset/snapshot`, the path or URL of a
 * snapshot's folder, a snapshot's name, or at least six hex digits of a digest.
 */
export async function findSnapshot(home: Home, ref: string): Promise<SnapshotRef> {
  const all = await home.snapshots()
  const found = newestOf(all, ref) ?? refOfPath(home.root, ref, all)
  if (found !== undefined) return found
  const wanted = ref.toLowerCase()
  const isDigest = /^[0-9a-f]{6,64}$/.test(wanted)
  const matching = all.filter(({ name }) => {
    const short = name.slice(-12)
    return name === ref || (isDigest && (wanted.startsWith(short) || short.startsWith(wanted)))
  })
  const [first] = matching
  if (first === undefined) throw notFound(ref, [...new Set(all.map(({ dataset }) => dataset))])
  // The same rows may have been published again: the newest of them stands for all.
  const others = matching.filter(
    ({ dataset, name }) => dataset !== first.dataset || name.slice(-12) !== first.name.slice(-12),
  )
  if (others.length > 0) throw ambiguous(ref, matching)
  return matching.at(-1) ?? first
}

/** Finds and reads it. */
export async function loadSnapshot(home: Home, ref: string): Promise<StoredSnapshot> {
  return await readSnapshot(home, await findSnapshot(home, ref))
}

function newestOf(all: readonly SnapshotRef[], wanted: string): SnapshotRef | undefined {
  return all.findLast(({ dataset }) => dataset === wanted)
}

function refOfPath(root: string, ref: string, all: readonly SnapshotRef[]): SnapshotRef | undefined {
  for (const [wanted = '', name] of isUrl(root) ? insideUrl(root, ref) : insideFolder(root, ref)) {
    const found =
      name === undefined
        ? newestOf(all, wanted)
        : all.find((one) => one.dataset === wanted && one.name === name)
    if (found !== undefined) return found
  }
  return undefined
}

/** What the reference may mean below `data/raw`, as names. */
function insideFolder(root: string, ref: string): string[][] {
  const base = datasetsFolder(root)
  return [path.join(base, ref), path.resolve(root, ref), path.resolve(ref)]
    .map((candidate) => path.relative(base, candidate).split(path.sep))
    .filter(([first = '']) => first !== '..' && !path.isAbsolute(first))
}

function insideUrl(root: string, ref: string): string[][] {
  const plain = ref.replace(/\/+$/, '')
  const bases = [`${datasetsFolder(root)}/`, 'data/raw/']
  const inside = bases.filter((base) => plain.startsWith(base)).map((base) => plain.slice(base.length))
  return [plain, ...inside].map((names) => names.split('/'))
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
