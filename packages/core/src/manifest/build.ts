import { fault } from '@omni/spec'
import type { Tally } from '../intake/read-stream.ts'
import { LINEAGE_NAMESPACE } from '../lineage/outbox.ts'
import { identityOf, type Plan, type PlannedStream, printablePolicy } from '../plan.ts'
import type { Redactor } from '../redact/redactor.ts'
import { snapshotName, snapshotTime } from '../snapshot/names.ts'
import type { QuarantineReceipt } from '../snapshot/quarantine.ts'
import type { WrittenStream } from '../snapshot/stream-writer.ts'
import { toolVersions } from '../tools.ts'
import { manifestFields } from './fields.ts'
import type { Counts, Manifest, ManifestStream, PositionEntry } from './manifest.ts'

/** A stream that was read and written to its end. */
export interface ReadStream extends WrittenStream {
  readonly planned: PlannedStream
  readonly tally: Tally
  /** Without secrets and personal data, as in the manifest and under the digest. */
  readonly name: string
  readonly counts: Counts
}

/** Counts of a stream: `read` from where it came in, the others from what was written. */
export function countStream(
  tally: Tally,
  written: Pick<WrittenStream, 'files'>,
  quarantined: number,
): Counts {
  return {
    read: tally.rows + tally.rejected + tally.filtered,
    kept: written.files.reduce((sum, { rows }) => sum + rows, 0),
    quarantined,
    filtered: tally.filtered,
  }
}

/** Promise 2: what came in is what was written, or there is no snapshot. */
export function checkCounts({ name, counts }: Pick<ReadStream, 'name' | 'counts'>): void {
  const { read, kept, quarantined, filtered } = counts
  if (read === kept + quarantined + filtered) return
  throw fault({
    kind: 'bug',
    code: 'collect.counts',
    why: `Stream ${JSON.stringify(name)}: ${read} records came in, but ${kept} were kept, ${quarantined} quarantined and ${filtered} filtered.`,
    fix: 'Nothing was published. Report this.',
  })
}

/** The manifest of a finished collect. */
export function buildManifest(
  run: {
    readonly id: string
    readonly plan: Plan
    readonly startedMs: number
    readonly now: () => number
    readonly printable: (text: string) => string
    readonly redactor: Redactor
    readonly notes: readonly string[]
  },
  streams: readonly ReadStream[],
  counts: Counts,
  digest: string,
  quarantine: QuarantineReceipt | null,
): Manifest {
  const { plan } = run
  // Names sort by time: never before the newest, even when the clock went back.
  const after = plan.previous === null ? 0 : (snapshotTime(plan.previous) ?? 0) + 1
  const finishedMs = Math.max(run.now(), after)
  return {
    version: 1,
    dataset: plan.dataset,
    snapshot: snapshotName(finishedMs, digest),
    previous: plan.previous,
    source: { name: plan.source, label: plan.label, options: plan.options },
    startedAt: new Date(run.startedMs).toISOString(),
    finishedAt: new Date(finishedMs).toISOString(),
    format: plan.format,
    counts,
    digest: { algorithm: 'omni-sha256/1', value: digest },
    streams: streams.map(manifestStream),
    quarantine,
    policy: printablePolicy(plan.policy, run.redactor),
    position: [...plan.carried, ...streams.flatMap(positionEntries)],
    ...(plan.limit === undefined ? {} : { limit: plan.limit }),
    ...(run.notes.length === 0 ? {} : { notes: run.notes }),
    tags: plan.tags,
    lineage: { run: run.id, namespace: LINEAGE_NAMESPACE, job: plan.dataset },
    tools: toolVersions(),
  }
}

function manifestStream(stream: ReadStream): ManifestStream {
  const { planned, name, counts, schema, files, mask, root } = stream
  const prefix = planned.folder === '' ? '' : `${planned.folder}/`
  return {
    name,
    folder: planned.folder,
    counts,
    digest: Buffer.from(root).toString('hex'),
    schema: manifestFields(schema, mask),
    files: files.map((file) => ({ ...file, path: `${prefix}${file.path}` })),
    mask,
  }
}

/** A share that gave no position keeps the one it began with. */
function positionEntries({ planned, tally }: ReadStream): PositionEntry[] {
  return planned.shares.flatMap(({ split, from }): PositionEntry[] => {
    const to = tally.positions.get(split?.id ?? null) ?? from
    if (to === undefined) return []
    const splitId = split === undefined ? null : identityOf(split.id)
    return [{ stream: identityOf(planned.name), split: splitId, from: from ?? null, to }]
  })
}
