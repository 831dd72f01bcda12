import { isDeepStrictEqual } from 'node:util'
import type { Limits, Reader, Source } from '@omni/spec'
import { publishedEvent, unchangedEvent } from './audit/event.ts'
import type { Ledger } from './audit/ledger.ts'
import { combineDigests } from './digest/index.ts'
import type { Emit } from './events.ts'
import { acknowledge, recordLineage } from './finish.ts'
import type { Home, Staging } from './home/home.ts'
import { createTally, readStream } from './intake/read-stream.ts'
import { progressOf } from './intake/report.ts'
import type { Lock } from './lock/lock.ts'
import { buildManifest, checkCounts, countStream, type ReadStream } from './manifest/build.ts'
import { sumCounts } from './manifest/manifest.ts'
import { type Plan, type PlannedStream, printablePolicy } from './plan.ts'
import type { Redactor } from './redact/redactor.ts'
import type { StoredSnapshot } from './snapshot/catalog.ts'
import { createQuarantine, type Quarantine } from './snapshot/quarantine.ts'
import { createStreamWriter, type StreamWriter } from './snapshot/stream-writer.ts'
import type { OnStep } from './steps.ts'
import { createStreamRules, type StreamRules } from './stream-rules.ts'

/** Everything that one collect works with. */
export interface CollectRun {
  readonly id: string
  readonly home: Home
  /** The dataset's, held. */
  readonly lock: Lock
  readonly plan: Plan
  readonly source: Source
  readonly reader: Reader
  readonly latest: StoredSnapshot | undefined
  readonly ledger: Ledger
  /** What the place of the snapshots says of itself; printable. */
  readonly notes: readonly string[]
  readonly redactor: Redactor
  readonly printable: (text: string) => string
  readonly limits: Limits
  readonly threads: number | undefined
  readonly signal: AbortSignal
  readonly startedMs: number
  readonly now: () => number
  readonly emit: Emit
  readonly onStep: OnStep
}

/** What a collect ended with. */
export interface Outcome {
  readonly stored: StoredSnapshot
  readonly unchanged: boolean
}

/**
 * The loop: read, block, mask, scan, digest, encode; then publish (the commit), audit, acknowledge. Until the commit
 * nothing is visible; after it nothing can be lost.
 */
export async function collect(run: CollectRun): Promise<Outcome> {
  const { plan, latest, ledger, onStep, home, lock, signal } = run
  const staging = await home.stage({ dataset: plan.dataset, previous: plan.previous, lock, signal })
  onStep('staged')
  const rules = createStreamRules(plan.policy, plan.streams.length)
  const quarantine = createQuarantine(staging.createLog, plan.policy.enabled, run.printable)
  try {
    const streams: ReadStream[] = []
    for (const planned of plan.streams) {
      streams.push(await collectStream(run, planned, { staging, quarantine, rules }))
    }
    rules.checkAllUsed()
    onStep('parts-synced')
    const rejects = await quarantine.close()
    onStep('quarantine-synced')
    for (const stream of streams) checkCounts(stream)
    const counts = sumCounts(streams.map((stream) => stream.counts))
    const digest = Buffer.from(combineDigests(streams)).toString('hex')

    if (latest !== undefined && isUnchanged(run, latest, streams, digest)) {
      await staging.discard()
      const timeMs = run.now()
      await ledger.append(unchangedEvent(latest, { label: plan.label, id: run.id, timeMs, counts }), onStep)
      run.emit({ type: 'unchanged', dataset: plan.dataset, snapshot: latest.name, counts })
      await acknowledge(run, streams)
      return { stored: latest, unchanged: true }
    }
    signal.throwIfAborted()
    const manifest = buildManifest(run, streams, counts, digest, rejects)
    const stored = await staging.publish(manifest, onStep)
    const { repaired } = await ledger.append(publishedEvent(manifest, stored.text), onStep)
    if (repaired !== undefined) run.emit({ type: 'recovered', dataset: plan.dataset, what: repaired })
    const { name: snapshot, path: folder } = stored
    run.emit({ type: 'published', dataset: plan.dataset, snapshot, path: folder, digest, counts })
    await acknowledge(run, streams)
    onStep('acknowledged')
    await recordLineage(run, stored)
    onStep('lineage-written')
    return { stored, unchanged: false }
  } catch (error) {
    await quarantine.abort()
    await staging.discard()
    throw error
  }
}

async function collectStream(
  run: CollectRun,
  planned: PlannedStream,
  {
    staging,
    quarantine,
    rules,
  }: { readonly staging: Staging; readonly quarantine: Quarantine; readonly rules: StreamRules },
): Promise<ReadStream> {
  const { plan, source, reader, limits, signal, onStep } = run
  const folder = await staging.folder(planned.folder)
  const tally = createTally()
  let writer: StreamWriter | undefined
  try {
    const report = (): void =>
      run.emit(progressOf(run.printable(planned.name), planned, tally, writer?.masked() ?? 0))
    const reading = { source, reader, planned, limit: plan.limit, limits, signal, reuse: true }
    for await (const item of readStream(reading, tally)) {
      switch (item.kind) {
        case 'begin':
          writer = createStreamWriter({ ...run, folder, schema: item.schema, rules })
          break
        case 'block':
          await writer?.write(item.block)
          break
        case 'rejected':
          await quarantine.add(planned.name, item.split, item.records)
          break
        case 'forget':
          await writer?.abort()
          writer = undefined
          await quarantine.forget(planned.name)
          run.emit({ type: 'restart', stream: run.printable(planned.name), why: run.printable(item.why) })
          break
        case 'chunk':
          onStep('chunk')
          report()
      }
    }
    const written = await writer!.close()
    report()
    const counts = countStream(tally, written, quarantine.count(planned.name))
    return { ...written, planned, tally, name: run.printable(planned.name), counts }
  } catch (error) {
    await writer?.abort()
    throw error
  }
}

/** Nothing new: no rows since the position, or all of a repeatable source is as it was, under the same policy. */
function isUnchanged(
  run: CollectRun,
  { manifest }: StoredSnapshot,
  streams: readonly ReadStream[],
  digest: string,
): boolean {
  const { plan, source, redactor } = run
  const { replay, versions } = source.capabilities
  const read = sumCounts(streams.map((stream) => stream.counts)).read
  const isNewVersion = versions === true && streams.some(({ tally }) => tally.positions.size > 0)
  if (!replay || !(plan.isFull || isNewVersion)) return read === 0
  const isSame = manifest.digest.value === digest && read === manifest.counts.read
  const policy = printablePolicy(plan.policy, redactor)
  return isSame && manifest.format === plan.format && isDeepStrictEqual(manifest.policy, policy)
}
