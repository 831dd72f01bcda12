import { fault } from '@omni/spec'
import { publishedEvent } from '../audit/event.ts'
import type { Ledger } from '../audit/ledger.ts'
import type { Emit } from '../events.ts'
import type { Home } from '../home/home.ts'
import { completeEvent } from '../lineage/outbox.ts'
import { latestSnapshot, type StoredSnapshot } from '../snapshot/catalog.ts'
import { sha256 } from '../snapshot/disk.ts'

/**
 * Puts right what a crashed run of the dataset left, while its lock is held: unfinished snapshots go, and a published
 * snapshot without an audit record gets it, marked `recovered`. Each run recovers before it publishes, so that
 * only the newest snapshot can lack its record. Returns that snapshot.
 */
export async function recover(
  home: Home,
  dataset: string,
  ledger: Ledger,
  emit: Emit,
): Promise<StoredSnapshot | undefined> {
  const left = await home.removeUnfinished(dataset)
  if (left > 0) emit({ type: 'recovered', dataset, what: `Removed ${left} unfinished staging folder(s).` })
  const latest = await latestSnapshot(home, dataset)
  if (latest === undefined) return undefined
  const record = await ledger.find(dataset, latest.name)
  if (record !== undefined) {
    // The positions come from this manifest: going on from a changed one could lose rows.
    if (record.manifest !== sha256(latest.text)) throw changedFault(latest)
    return latest
  }
  const { repaired } = await ledger.append({
    ...publishedEvent(latest.manifest, latest.text),
    recovered: true,
  })
  emit({ type: 'recovered', dataset, what: `Wrote the missing audit line of snapshot ${latest.name}.` })
  if (repaired !== undefined) emit({ type: 'recovered', dataset, what: repaired })
  await home.putLineage(latest.manifest.lineage.run, completeEvent(home.root, latest)).catch(() => {
    emit({ type: 'warning', what: 'The lineage event could not be put into logs/lineage.' })
  })
  return latest
}

function changedFault(latest: StoredSnapshot): Error {
  return fault({
    kind: 'data',
    code: 'manifest.changed',
    why: `The manifest of ${latest.dataset}/${latest.name} is not the one of the audit log.`,
    fix: 'Run `omni-collect verify`, and bring the manifest back from a copy.',
  })
}
