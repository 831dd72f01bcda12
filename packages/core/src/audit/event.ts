import type { Manifest } from '../manifest/manifest.ts'
import type { StoredSnapshot } from '../snapshot/catalog.ts'
import { sha256 } from '../snapshot/disk.ts'
import type { AuditEvent } from './record.ts'

/** The audit event of a published snapshot; everything in it comes from the manifest. */
export function publishedEvent(manifest: Manifest, manifestText: string): AuditEvent {
  return {
    event: 'snapshot',
    time: manifest.finishedAt,
    label: manifest.source.label,
    dataset: manifest.dataset,
    snapshot: manifest.snapshot,
    digest: manifest.digest.value,
    manifest: sha256(manifestText),
    counts: manifest.counts,
    run: manifest.lineage.run,
  }
}

/** The audit event of a run that found what the latest snapshot holds already. */
export function unchangedEvent(
  latest: StoredSnapshot,
  run: {
    readonly label: string
    readonly id: string
    readonly timeMs: number
    readonly counts: AuditEvent['counts']
  },
): AuditEvent {
  return {
    ...publishedEvent(latest.manifest, latest.text),
    event: 'unchanged',
    time: new Date(run.timeMs).toISOString(),
    label: run.label,
    counts: run.counts,
    run: run.id,
  }
}
