import { randomUUID } from 'node:crypto'
import {
  type Collector,
  type Context,
  type Fault,
  fault,
  type Log,
  type Reader,
  type Storage,
  type Stream,
} from '@omni/spec'
import { type CollectRun, collect, type Outcome } from './collect.ts'
import { createContext } from './context/context.ts'
import { STORAGE_OPTIONS, type StorageOptions, secretsOf } from './context/stores.ts'
import type { Emit } from './events.ts'
import { abortedFault, diskFault, redactFault, sourceFault } from './faults/classify.ts'
import type { Home } from './home/home.ts'
import { guardReader } from './intake/guard-reader.ts'
import { withinGrace } from './intake/iterate.ts'
import { failEvent } from './lineage/outbox.ts'
import { createTextMasker } from './mask/index.ts'
import { type CollectOptions, datasetOf, makePlan, type Plan, type PlanInput, printable } from './plan.ts'
import { recover } from './recover/recover.ts'
import { createRedactor, type Redactor } from './redact/redactor.ts'
import { latestSnapshot } from './snapshot/catalog.ts'
import type { OnStep } from './steps.ts'

/** What every run under one root shares. */
export interface Engine {
  /** An absolute path, or the URL of an object store. */
  readonly root: string
  readonly openHome: () => Home
  /** Knows the secrets of `rootOptions`. */
  readonly rootRedactor: Redactor
  readonly rootOptions: StorageOptions
  readonly storages: readonly Storage[]
  readonly log: Log
  readonly signal: AbortSignal | undefined
  readonly emit: Emit
  readonly now: () => number
  readonly threads: number | undefined
  readonly onStep: OnStep
}

/** An open collector. */
export interface Session {
  readonly collector: Collector
  readonly reader: Reader
  readonly home: Home
  readonly redactor: Redactor
  readonly context: Context
  readonly signal: AbortSignal
}

/**
 * Opens the collector, does the work, and closes it in any case. Whatever goes wrong leaves as a fault without a
 * secret in it; the work ends soon after the signal.
 */
export async function withSession<Result>(
  engine: Engine,
  collector: Collector,
  signal: AbortSignal | undefined,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const stop = AbortSignal.any([engine.signal, signal].filter((one) => one !== undefined))
  const { storages, rootOptions, log, now } = engine
  const secrets = [...(collector.source.secrets ?? []), ...secretsOf(storages)]
  const redactor = createRedactor(collector.options, secrets, { [STORAGE_OPTIONS]: rootOptions })
  const redact = (text: string): string => redactor.text(text)
  const { context, stores } = createContext({ signal: stop, log, now, redact, storages })
  const home = engine.openHome()
  let reader: Reader | undefined
  try {
    if (stop.aborted) throw abortedFault()
    reader = guardReader(openReader(collector, context, redactor), collector.source, redactor)
    return await work({ collector, reader, home, redactor, context, signal: stop })
  } catch (error) {
    if (stop.aborted) throw abortedFault()
    throw redactFault(diskFault(error), redactor)
  } finally {
    await withinGrace(reader?.close?.())
    await withinGrace(stores.close())
    await withinGrace(home.close())
  }
}

/** The collector's streams with their splits, in their order. */
export async function discoverStreams(
  session: Session,
  only?: readonly string[],
): Promise<PlanInput['streams']> {
  const { reader, collector, signal } = session
  const streams = checkNames(await untilAborted(reader.discover(), signal), collector)
  const found: PlanInput['streams'][number][] = []
  for (const stream of streams) {
    const isWanted = only === undefined || only.includes(stream.name)
    if (isWanted && reader.splits !== undefined && collector.source.capabilities.splits) {
      found.push({ stream, splits: await untilAborted(reader.splits(stream), signal) })
    } else found.push({ stream })
  }
  return found
}

/** Plans without writing anything. */
export async function planSession(engine: Engine, session: Session, options: CollectOptions): Promise<Plan> {
  const { collector, redactor, home } = session
  const streams = await discoverStreams(session, options.streams)
  const latest = await latestSnapshot(home, datasetOf(collector, options, redactor))
  return makePlan({ root: engine.root, collector, options, streams, latest, redactor })
}

/** Plans and collects under the dataset's lock, after putting right what a crashed run left. */
export async function collectSession(
  engine: Engine,
  session: Session,
  options: CollectOptions,
): Promise<Outcome> {
  const { root, emit, now, onStep } = engine
  const { collector, redactor, home } = session
  const startedMs = now()
  const id = randomUUID()
  const dataset = datasetOf(collector, options, redactor)
  let undo: (() => Promise<void>) | undefined
  try {
    const streams = await discoverStreams(session, options.streams)
    const ledger = home.ledger(now)
    await ledger.check()
    undo = await home.prepare(dataset)
    const lock = await home.lock(dataset, startedMs)
    try {
      onStep('locked')
      if (lock.takenOver !== undefined) emit({ type: 'recovered', dataset, what: lock.takenOver })
      const latest = await recover(home, dataset, ledger, emit)
      onStep('recovered')
      const plan = makePlan({ root, collector, options, streams, latest, redactor })
      emit({
        type: 'start',
        label: plan.label,
        dataset,
        planned: plan.streams.map(({ name }) => printable(redactor, name)),
      })
      onStep('planned')
      const notes = (await notesOf(home)).map((note) => printable(redactor, note))
      for (const what of notes) emit({ type: 'note', what })
      return await collect(runOf(engine, session, { id, plan, lock, latest, ledger, notes, startedMs }))
    } finally {
      await lock.release()
      onStep('unlocked')
    }
  } catch (error) {
    await undo?.()
    await recordFailure(engine, session, id, dataset, error)
    throw error
  }
}

function runOf(
  engine: Engine,
  session: Session,
  facts: Pick<CollectRun, 'id' | 'plan' | 'lock' | 'latest' | 'ledger' | 'notes' | 'startedMs'>,
): CollectRun {
  const { collector, reader, home, redactor, signal, context } = session
  const masker = createTextMasker()
  return {
    ...facts,
    home,
    source: collector.source,
    reader,
    redactor,
    printable: (text) => printable(redactor, text, masker.text),
    limits: context.limits,
    threads: engine.threads,
    signal,
    now: engine.now,
    emit: engine.emit,
    onStep: engine.onStep,
  }
}

/** A root that never had a snapshot keeps nothing of a run that failed. */
async function recordFailure(
  engine: Engine,
  session: Session,
  id: string,
  dataset: string,
  error: unknown,
): Promise<void> {
  const { collector, home, redactor, signal } = session
  const failure: Fault = signal.aborted ? abortedFault() : diskFault(error)
  try {
    if (await home.ledger(engine.now).isEmpty()) return
    const label = printable(redactor, collector.label)
    const facts = { id, dataset, source: collector.source.name, label, timeMs: engine.now() }
    const why = printable(redactor, failure.why)
    await home.putLineage(id, failEvent(facts, { code: failure.code, why }))
  } catch {
    engine.emit({ type: 'warning', what: 'The lineage event could not be put into logs/lineage.' })
  }
}

/** What the place says of itself is no reason to fail: the rights to ask may be missing. */
async function notesOf(home: Home): Promise<readonly string[]> {
  try {
    return await home.notes()
  } catch {
    return []
  }
}

function openReader(collector: Collector, context: Context, redactor: Redactor): Reader {
  try {
    return collector.source.open(collector.options, context)
  } catch (error) {
    throw sourceFault(error, collector.source, redactor)
  }
}

async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(abortedFault())
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function checkNames(streams: readonly Stream[], collector: Collector): readonly Stream[] {
  const names = new Set(streams.map(({ name }) => name))
  if (names.size === streams.length) return streams
  throw fault({
    kind: 'bug',
    code: `${collector.source.name}.streams`,
    why: `The source ${collector.source.name} gave two streams the same name.`,
    fix: 'Report it to the author of the source.',
  })
}
