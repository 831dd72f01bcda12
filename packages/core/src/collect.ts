import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Limits, Reader, Source } from '@omni/spec'
import { publishedEvent, unchangedEvent } from './audit/event.ts'
import type { Ledger } from './audit/ledger.ts'
import { combineDigests } from './digest/index.ts'
import type { Emit } from './events.ts'
import { acknowledge, recordLineage } from './finish.ts'
import { createTally, readStream } from './intake/read-stream.ts'
import { progressOf } from './intake/report.ts'
import { buildManifest, checkCounts, countStream, type ReadStream } from './manifest/build.ts'
import { sumCounts } from './manifest/manifest.ts'
import { type Plan, type PlannedStream, printablePolicy } from './plan.ts'
import type { Redactor } from './redact/redactor.ts'
import type { StoredSnapshot } from './snapshot/catalog.ts'
import { makeStaging, publish, removeFolder } from './snapshot/publish.ts'
import { createQuarantine, type Quarantine } from './snapshot/quarantine.ts'
import { createStreamWriter, type StreamWriter } from './snapshot/stream-writer.ts'
import type { OnStep } from './steps.ts'
import { createStreamRules, type StreamRules } from './stream-rules.ts'

/** Everything that one collect works with; the dataset's lock is held. */
export interface CollectRun {
  readonly id: string
  readonly root: string
  readonly plan: Plan
  readonly source: Source
  readonly reader: Reader
  readonly latest: StoredSnapshot | undefined
  readonly ledger: Ledger
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
 * The loop: read, block, mask, scan, digest, encode; then manifest, rename (the commit), audit, acknowledge. Until
 * the rename nothing is visible; after it nothing can be lost.
 */
export async function collect(run: CollectRun): Promise<Outcome> {
  const { plan, latest, ledger, onStep } = run
  const staging = await makeStaging(plan.folder)
  onStep('staged')
  const rules = createStreamRules(plan.policy, plan.streams.length)
  const quarantine = createQuarantine(staging, plan.policy.enabled, run.printable)
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
      await removeFolder(staging)
      const timeMs = run.now()
      await ledger.append(unchangedEvent(latest, { label: plan.label, id: run.id, timeMs, counts }), onStep)
      run.emit({ type: 'unchanged', dataset: plan.dataset, snapshot: latest.name, counts })
      await acknowledge(run, streams)
      return { stored: latest, unchanged: true }
    }
    run.signal.throwIfAborted()
    const manifest = buildManifest(run, streams, counts, digest, rejects)
    const stored = await publish(staging, plan.folder, manifest, onStep)
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
    await removeFolder(staging)
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
  }: { readonly staging: string; readonly quarantine: Quarantine; readonly rules: StreamRules },
): Promise<ReadStream> {
  const { plan, source, reader, limits, signal, onStep } = run
  const folder = path.join(staging, planned.folder)
  if (planned.folder !== '') await mkdir(folder)
  const tally = createTally()
  let writer: StreamWriter | undefined
  try {
    const report = (): void =>
      run.emit(progressOf(run.printable(planned.name), planned, tally, writer?.masked() ?? 0))
    const reading = { source, reader, planned, limit: plan.limit, limits, signal }
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
