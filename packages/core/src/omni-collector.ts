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
import { diskFault, redactFault } from './faults/classify.ts'
import type { Home, SnapshotRef } from './home/home.ts'
import { createHomes } from './home/open-home.ts'
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
import { readSnapshot } from './snapshot/catalog.ts'
import { loadSnapshot } from './snapshot/find.ts'
import { createSnapshot, type Snapshot } from './snapshot/snapshot.ts'
import { type OnStep, STEPS } from './steps.ts'
import { findScope, type VerifyReport, verifyRoot } from './verify/verify.ts'

/** How an {@link OmniCollector} is set up. */
export interface OmniCollectorOptions {
  /** Folder, or URL of an object store, under which `data/raw` and `logs` are. Default: the working folder. */
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
  /** Absolute path, or URL. */
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
    const log = options.log ?? SILENT_LOG
    const { rootOptions = {}, now = Date.now } = options
    const storages = checkStorages(options.storages ?? [])
    const homes = createHomes({ root: options.root ?? '.', rootOptions, storages, log, now })
    this.root = homes.root
    this.#engine = {
      root: homes.root,
      openHome: homes.open,
      rootRedactor: homes.redactor,
      rootOptions,
      storages,
      log,
      signal: options.signal,
      now,
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
    return createSnapshot(outcome.stored, this.#engine.openHome, outcome.unchanged)
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
    return this.#read(async (home) => {
      const found: DatasetInfo[] = []
      for (const [name, refs] of Map.groupBy(await home.snapshots(), ({ dataset }) => dataset)) {
        const latest = refs.at(-1)
        if (latest !== undefined) {
          found.push({ name, snapshots: refs.length, latest: await readInfo(home, latest) })
        }
      }
      return found
    })
  }

  /** Snapshots of one dataset or of all, by dataset, oldest first. */
  snapshots(dataset?: string): Promise<readonly SnapshotInfo[]> {
    return this.#read(async (home) => {
      const found: SnapshotInfo[] = []
      for (const ref of await home.snapshots(dataset)) found.push(await readInfo(home, ref))
      return found
    })
  }

  /** A snapshot by dataset (its newest), `dataset/snapshot`, path, or the beginning of its digest. */
  open(ref: string): Promise<Snapshot> {
    return this.#read(async (home) => createSnapshot(await loadSnapshot(home, ref), this.#engine.openHome))
  }

  /** Checks snapshots and logs against each other; damage is in the report, never thrown. */
  verify(ref?: string): Promise<VerifyReport> {
    return this.#read(async (home) => {
      return await verifyRoot(home, ref === undefined ? {} : await findScope(home, ref))
    })
  }

  /** Proves that the object store of the root can commit a snapshot, and leaves nothing; for a person, what it is. */
  probe(): Promise<readonly string[]> {
    return this.#read(async (home) => {
      await home.probe()
      return await home.notes()
    })
  }

  /** Where the next collect of a dataset resumes. */
  state(dataset: string): Promise<readonly PositionEntry[]> {
    return this.#read(async (home) => (await loadSnapshot(home, dataset)).manifest.position)
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

  async #read<Result>(work: (home: Home) => Promise<Result>): Promise<Result> {
    const home = this.#engine.openHome()
    try {
      return await work(home)
    } catch (error) {
      throw redactFault(diskFault(error), this.#engine.rootRedactor)
    } finally {
      await home.close()
    }
  }
}

async function readInfo(home: Home, ref: SnapshotRef): Promise<SnapshotInfo> {
  const { dataset, name, path, manifest } = await readSnapshot(home, ref)
  return { dataset, name, path, manifest }
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
