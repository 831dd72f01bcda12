import path from 'node:path'
import { openLedger } from '../audit/ledger.ts'
import { datasetFolder, datasetNames, datasetsFolder, snapshotNames } from '../snapshot/catalog.ts'
import { listNames } from '../snapshot/disk.ts'
import { findSnapshot } from '../snapshot/find.ts'
import { checkLogs, type LoggedSnapshot } from './check-logs.ts'
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
export async function verifyRoot(root: string, scope: VerifyScope): Promise<VerifyReport> {
  const findings: Finding[] = []
  const note = (code: string, where: string, what: string): void => {
    findings.push({ code, where, what })
  }
  let logged = new Map<string, LoggedSnapshot>()
  try {
    logged = await checkLogs(openLedger(root, Date.now).files, note)
  } catch {
    note('log.unreadable', 'logs', 'The logs cannot be read.')
  }
  const isWanted = (dataset: string, snapshot: string): boolean =>
    (scope.dataset ?? dataset) === dataset && (scope.snapshot ?? snapshot) === snapshot
  const places = (await findPlaces(root)).filter(({ dataset, name }) => isWanted(dataset, name))
  for (const place of places) {
    try {
      await checkSnapshot(place, logged.get(`${place.dataset}/${place.name}`), note)
    } catch {
      note('snapshot.unreadable', place.shown, 'The snapshot cannot be read.')
    }
  }
  const there = new Set(places.map(({ dataset, name }) => `${dataset}/${name}`))
  for (const [key, { dataset, snapshot, line }] of logged) {
    if (!isWanted(dataset, snapshot) || there.has(key)) continue
    note('snapshot.missing', `data/raw/${key}`, `The snapshot of logs/ingest.jsonl:${line} is not there.`)
  }
  return { ok: findings.length === 0, snapshots: places.length, findings }
}

/** The scope that a person means; also a dataset or snapshot that only the log still knows. */
export async function findScope(root: string, ref: string): Promise<VerifyScope> {
  if ((await datasetNames(root)).includes(ref)) return { dataset: ref }
  try {
    const { dataset, name } = await findSnapshot(root, ref)
    return { dataset, snapshot: name }
  } catch (error) {
    const [dataset = '', snapshot] = ref.split('/')
    const logged = await checkLogs(openLedger(root, Date.now).files, () => undefined)
    const isLogged = [...logged.values()].some(
      (one) => one.dataset === dataset && (snapshot ?? one.snapshot) === one.snapshot,
    )
    if (!isLogged) throw error
    return { dataset, ...(snapshot === undefined ? {} : { snapshot }) }
  }
}

async function findPlaces(root: string): Promise<SnapshotPlace[]> {
  const places: SnapshotPlace[] = []
  for (const dataset of await listNames(datasetsFolder(root))) {
    if (dataset.startsWith('.')) continue
    for (const name of await snapshotNames(root, dataset)) {
      const folder = path.join(datasetFolder(root, dataset), name)
      places.push({ dataset, name, folder, shown: `data/raw/${dataset}/${name}` })
    }
  }
  return places
}
