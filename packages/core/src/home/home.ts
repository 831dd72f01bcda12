import type { Ledger } from '../audit/ledger.ts'
import type { Lock } from '../lock/lock.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { StoredSnapshot } from '../snapshot/catalog.ts'
import type { OnStep } from '../steps.ts'

// Where snapshots and logs are kept, as the rest of core sees it: docs/decisions/0010-home.md. There are two: a
// folder of this machine (local-home.ts) and a place in an object store (store-home.ts).

/** Bytes and SHA-256 of a finished file. */
export interface FileReceipt {
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** A file of a snapshot that is not published yet, written once, from its first byte to its last. */
export interface DraftFile {
  /** Bytes written so far. */
  readonly size: number
  /** The bytes are the caller's again when it resolves. After a failure only `abandon` may follow. */
  append(bytes: Uint8Array): Promise<void>
  /** Makes it durable and read-only. */
  finish(): Promise<FileReceipt>
  /** Closes it and takes it away. Never rejects. */
  abandon(): Promise<void>
}

/** A file whose end may be taken back before it is finished. */
export interface DraftLog extends DraftFile {
  /** Cuts off what was appended after this size. */
  rewind(size: number): Promise<void>
}

/** A folder of a snapshot that is not published yet. */
export interface DraftFolder {
  /** A file of this name that is there already is a fault. */
  create(name: string): Promise<DraftFile>
  /** Takes a finished file away. Never rejects. */
  remove(name: string): Promise<void>
}

/** A snapshot before its commit: nobody sees it. */
export interface Staging {
  /** The folder of a stream, made; the empty name is the snapshot's own folder. */
  folder(name: string): Promise<DraftFolder>
  /** A file beside the streams. */
  createLog(name: string): Promise<DraftLog>
  /** Writes the manifest and makes the snapshot appear, whole: the commit. Every file is finished by then. */
  publish(manifest: Manifest, onStep: OnStep): Promise<StoredSnapshot>
  /** Takes away everything. */
  discard(): Promise<void>
}

/** What a staging needs to know of its run. */
export interface StagingRequest {
  readonly dataset: string
  /** The dataset's newest snapshot, from whose positions the run went on. */
  readonly previous: string | null
  /** The dataset's lock, which is held. */
  readonly lock: Lock
  readonly signal: AbortSignal
}

/** A finished file to be read. Errors are faults. */
export interface HomeFile {
  readonly size: number
  /** Exactly these bytes; the fault `part.damaged` where the file is shorter. */
  read(start: number, bytes: number): Promise<Buffer>
  /** All bytes in order. */
  stream(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** A snapshot by its name. */
export interface SnapshotRef {
  readonly dataset: string
  readonly name: string
}

/** Where snapshots and logs are kept. Places are paths or URLs, made by `placeBelow`. */
export interface Home {
  /** An absolute path, or a URL without a slash at its end. */
  readonly root: string
  /** Published snapshots, of one dataset or of all: by dataset, oldest first. */
  snapshots(dataset?: string): Promise<readonly SnapshotRef[]>
  /** A small file, whole; one that is not there is an error for `isMissing`. */
  read(file: string): Promise<Buffer>
  /** Bytes of a file, or undefined where there is none. */
  sizeOf(file: string): Promise<number | undefined>
  open(file: string): Promise<HomeFile>
  /** Files below a folder, from it, with `/`, sorted. */
  filesBelow(folder: string): Promise<readonly string[]>
  /** Makes the place of a dataset; what it returns takes back what was made, as long as it is empty. */
  prepare(dataset: string): Promise<() => Promise<void>>
  /** Takes the lock of a dataset; the fault `lock.held` where another run has it. */
  lock(dataset: string, nowMs: number): Promise<Lock>
  /** Removes what crashed runs left, under the dataset's lock. Returns how many snapshots that would have been. */
  removeUnfinished(dataset: string): Promise<number>
  stage(request: StagingRequest): Promise<Staging>
  ledger(now: () => number): Ledger
  /** Puts an event into the outbox `logs/lineage`, from where a later run or program sends it. */
  putLineage(runId: string, event: object): Promise<void>
  /** For a person, of the place that will be written: versioning, object lock, encryption. */
  notes(): Promise<readonly string[]>
  /** Proves that a snapshot can be committed here, and leaves nothing; rejects with a fault. */
  probe(): Promise<void>
  close(): Promise<void>
}
