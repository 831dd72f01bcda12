import path from 'node:path'
import {
  type Collector,
  fault,
  isCollector,
  isStorage,
  type Log,
  type Position,
  type Storage,
  type Stream,
} from '@omni/spec'
import { SILENT_LOG } from './context/context.ts'
import type { CollectEvent } from './events.ts'
import { diskFault } from './faults/classify.ts'
import type { Manifest, PositionEntry } from './manifest/manifest.ts'
import type { CollectOptions, Plan } from './plan.ts'
import { PREVIEW_ROWS, type Preview, previewSession } from './preview.ts'
import { createSaveCollector, type Saveable } from './save/save-collector.ts'
import {
  collectSession,
  discoverStreams,
  type Engine,
  planSession,
  type Session,
  withSession,
} from './session.ts'
import { datasetNames, latestSnapshot, readSnapshot, snapshotNames } from './snapshot/catalog.ts'
import { loadSnapshot } from './snapshot/find.ts'
import { createSnapshot, type Snapshot } from './snapshot/snapshot.ts'
import { type OnStep, STEPS } from './steps.ts'
import { findScope, type VerifyReport, verifyRoot } from './verify/verify.ts'

/** How an {@link OmniCollector} is set up. */
export interface OmniCollectorOptions {
  /** Folder under which `data/raw` and `logs` are. Default: the working folder. */
  readonly root?: string
  /** Options of the storage that holds the root. */
  readonly rootOptions?: Readonly<Record<string, unknown>>
  /** Object stores that may be read and written: what packages such as `@omni/storage-s3` export. */
  readonly storages?: readonly Storage[]
  /** What sources say of their progress. Default: nobody listens. */
  readonly log?: Log
  /** Stops every run of this collector. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: CollectEvent) => void
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** Threads that encode. */
  readonly threads?: number
  /** For crash tests. */
  readonly [STEPS]?: OnStep
}

/** What `save` needs to know beside the rows. */
export interface SaveOptions extends CollectOptions {
  readonly dataset: string
  /** Kind of source and name, as in `web:pricelist`. */
  readonly label: string
}

/** A snapshot in a listing. */
export interface SnapshotInfo {
  readonly dataset: string
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly manifest: Manifest
}

/** A dataset in a listing. */
export interface DatasetInfo {
  readonly name: string
  readonly snapshots: number
  readonly latest: SnapshotInfo
}

/** Collects sources into immutable, masked, checksummed snapshots under one root. */
export class OmniCollector {
  readonly root: string
  readonly #engine: Engine

  /** Does no I/O. */
  constructor(options: OmniCollectorOptions = {}) {
    this.root = path.resolve(options.root ?? '.')
    const log = options.log ?? SILENT_LOG
    this.#engine = {
      root: this.root,
      rootOptions: options.rootOptions ?? {},
      storages: checkStorages(options.storages ?? []),
      log,
      signal: options.signal,
      now: options.now ?? Date.now,
      threads: options.threads,
      onStep: options[STEPS] ?? (() => undefined),
      emit: (event) => {
        try {
          options.onEvent?.(event)
        } catch {
          log.warn('A listener of events failed.')
        }
      },
    }
  }

  /** What a collect would read, mask and write; writes nothing. */
  plan<Options extends object, P extends Position>(
    collector: Collector<Options, P>,
    options: CollectOptions = {},
  ): Promise<Plan> {
    return this.#open(collector, options, (session) => planSession(this.#engine, session, options))
  }

  /** Makes a snapshot, or returns the newest one when nothing is new. */
  async collect<Options extends object, P extends Position>(
    collector: Collector<Options, P>,
    options: CollectOptions = {},
  ): Promise<Snapshot> {
    const outcome = await this.#open(collector, options, (session) =>
      collectSession(this.#engine, session, options),
    )
    return createSnapshot(outcome.stored, outcome.unchanged)
  }

  /** Makes a snapshot of rows or batches that the program has. */
  async save(data: Saveable, options: SaveOptions): Promise<Snapshot> {
    const { label, dataset } = options
    return await this.collect(createSaveCollector({ data, label, dataset }), options)
  }

  /** A cheap proof that the system answers; rejects with a fault when it does not. */
  check<Options extends object, P extends Position>(
    collector: Collector<Options, P>,
    options: CollectOptions = {},
  ): Promise<{ ok: boolean; notes: readonly string[] }> {
    return this.#open(collector, options, async ({ reader }) => {
      // Without a check of its own, a source proves itself by naming its streams.
      if (reader.check === undefined) {
        const streams = await reader.discover()
        return { ok: true, notes: streams.flatMap((stream) => stream.notes ?? []) }
      }
      return { ok: true, notes: (await reader.check()).notes ?? [] }
    })
  }

  discover<Options extends object, P extends Position>(
    collector: Collector<Options, P>,
    options: CollectOptions = {},
  ): Promise<readonly Stream[]> {
    return this.#open(collector, options, async (session) =>
      (await discoverStreams(session)).map(({ stream }) => stream),
    )
  }

  /** The first rows of each stream, masked; default 10. Writes nothing. */
  preview<Options extends object, P extends Position>(
    collector: Collector<Options, P>,
    options: CollectOptions = {},
  ): Promise<readonly Preview[]> {
    const limited = { ...options, limit: options.limit ?? PREVIEW_ROWS }
    return this.#open(collector, options, (session) => previewSession(this.#engine, session, limited))
  }

  datasets(): Promise<readonly DatasetInfo[]> {
    return this.#read(async () => {
      const found: DatasetInfo[] = []
      for (const name of await datasetNames(this.root)) {
        const snapshots = (await snapshotNames(this.root, name)).length
        const latest = await latestSnapshot(this.root, name)
        if (latest !== undefined) found.push({ name, snapshots, latest: infoOf(latest) })
      }
      return found
    })
  }

  /** Snapshots of one dataset or of all, by dataset, oldest first. */
  snapshots(dataset?: string): Promise<readonly SnapshotInfo[]> {
    return this.#read(async () => {
      const found: SnapshotInfo[] = []
      for (const name of dataset === undefined ? await datasetNames(this.root) : [dataset]) {
        for (const snapshot of await snapshotNames(this.root, name)) {
          found.push(infoOf(await readSnapshot(this.root, name, snapshot)))
        }
      }
      return found
    })
  }

  /** A snapshot by dataset (its newest), `dataset/snapshot`, path, or the beginning of its digest. */
  open(ref: string): Promise<Snapshot> {
    return this.#read(async () => createSnapshot(await loadSnapshot(this.root, ref)))
  }

  /** Checks snapshots and logs against each other; damage is in the report, never thrown. */
  verify(ref?: string): Promise<VerifyReport> {
    return this.#read(async () => {
      return await verifyRoot(this.root, ref === undefined ? {} : await findScope(this.root, ref))
    })
  }

  /** Where the next collect of a dataset resumes. */
  state(dataset: string): Promise<readonly PositionEntry[]> {
    return this.#read(async () => (await loadSnapshot(this.root, dataset)).manifest.position)
  }

  async #open<Result, Options extends object, P extends Position>(
    collector: Collector<Options, P>,
    options: CollectOptions,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    if (!isCollector(collector)) throw notCollector()
    // The engine only hands the options and positions of a source back to it, so it need not know their types.
    return await withSession(this.#engine, collector, options.signal, work)
  }

  async #read<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      throw diskFault(error)
    }
  }
}

function infoOf({ dataset, name, path: folder, manifest }: SnapshotInfo): SnapshotInfo {
  return { dataset, name, path: folder, manifest }
}

function checkStorages(storages: readonly Storage[]): readonly Storage[] {
  if (storages.every(isStorage)) return storages
  throw fault({
    kind: 'config',
    code: 'collect.storage',
    why: 'What was given in `storages` is not a storage.',
    fix: 'Give what a storage package exports, as in `storages: [s3]`.',
  })
}

function notCollector(): Error {
  return fault({
    kind: 'config',
    code: 'collect.collector',
    why: 'What was given is not a collector.',
    fix: 'Give what the function of a source returns, as in `file("users.csv")`.',
  })
}
