import type { Home, SnapshotRef } from '../home/home.ts'
import { datasetFolder, placeBelow } from '../home/place.ts'
import { findSnapshot } from '../snapshot/find.ts'
import type { LoggedSnapshot } from './check-record.ts'
import { checkSnapshot, type SnapshotPlace } from './check-snapshot.ts'
import type { Finding } from './finding.ts'

/** What `verify` found. */
export interface VerifyReport {
  /** True when there is no finding. */
  readonly ok: boolean
  /** Snapshots that were checked. */
  readonly snapshots: number
  readonly findings: readonly Finding[]
}

/** What to verify: a dataset, or one snapshot of it; nothing means all. */
export interface VerifyScope {
  readonly dataset?: string
  readonly snapshot?: string
}

/** Checks snapshots and both logs against each other. Damage is reported, never thrown. */
export async function verifyRoot(home: Home, scope: VerifyScope): Promise<VerifyReport> {
  const findings: Finding[] = []
  const note = (code: string, where: string, what: string): void => {
    findings.push({ code, where, what })
  }
  let logged: ReadonlyMap<string, LoggedSnapshot> = new Map()
  try {
    logged = await home.ledger(Date.now).verify(note)
  } catch {
    note('log.unreadable', 'logs', 'The logs cannot be read.')
  }
  const isWanted = (dataset: string, snapshot: string): boolean =>
    (scope.dataset ?? dataset) === dataset && (scope.snapshot ?? snapshot) === snapshot
  const places = (await home.snapshots())
    .filter(({ dataset, name }) => isWanted(dataset, name))
    .map((ref) => placeOf(home.root, ref))
  for (const place of places) {
    try {
      await checkSnapshot(home, place, logged.get(`${place.dataset}/${place.name}`), note)
    } catch {
      note('snapshot.unreadable', place.shown, 'The snapshot cannot be read.')
    }
  }
  const there = new Set(places.map(({ dataset, name }) => `${dataset}/${name}`))
  for (const [key, { dataset, snapshot, where }] of logged) {
    if (!isWanted(dataset, snapshot) || there.has(key)) continue
    note('snapshot.missing', `data/raw/${key}`, `The snapshot of ${where} is not there.`)
  }
  return { ok: findings.length === 0, snapshots: places.length, findings }
}

/** The scope that a person means; also a dataset or snapshot that only the log still knows. */
export async function findScope(home: Home, ref: string): Promise<VerifyScope> {
  if ((await home.snapshots()).some(({ dataset }) => dataset === ref)) return { dataset: ref }
  try {
    const { dataset, name } = await findSnapshot(home, ref)
    return { dataset, snapshot: name }
  } catch (error) {
    const [dataset = '', snapshot] = ref.split('/')
    const logged = await home.ledger(Date.now).verify(() => undefined)
    const isLogged = [...logged.values()].some(
      (one) => one.dataset === dataset && (snapshot ?? one.snapshot) === one.snapshot,
    )
    if (!isLogged) throw error
    return { dataset, ...(snapshot === undefined ? {} : { snapshot }) }
  }
}

function placeOf(root: string, { dataset, name }: SnapshotRef): SnapshotPlace {
  const folder = placeBelow(datasetFolder(root, dataset), name)
  return { dataset, name, folder, shown: `data/raw/${dataset}/${name}` }
}
