import type { Position } from '@omni/spec'
import type { Format, PartReceipt } from '../encode/index.ts'
import type { MaskPolicy, MaskReport } from '../mask/index.ts'
import type { Json } from '../redact/redactor.ts'

/** Where a record went: `read` = `kept` + `quarantined` + `filtered`, always. */
export interface Counts {
  readonly read: number
  readonly kept: number
  readonly quarantined: number
  readonly filtered: number
}

/** One column of a stream, as it is in the files. */
export interface ManifestField {
  readonly name: string
  /** As `typeToString` of `@omni/arrow` writes it: `int64`, `decimal(18,4)`, `list<utf8>`. */
  readonly type: string
  readonly nullable: boolean
  /** What the source itself calls the type. */
  readonly sourceType?: string
  /** The kind of personal data that was found, as in `email`; absent: none. */
  readonly class?: string
  /** What was done to it. */
  readonly mask?: string
}

/** One stream of a snapshot. */
export interface ManifestStream {
  readonly name: string
  /** Its folder inside the snapshot; empty when the snapshot has one stream only. */
  readonly folder: string
  readonly counts: Counts
  /** `omni-sha256/1` root of the stream, hex. */
  readonly digest: string
  readonly schema: readonly ManifestField[]
  /** Parts in the order of their rows; paths from the snapshot's folder, with `/`. */
  readonly files: readonly PartReceipt[]
  readonly mask: MaskReport
}

/** How far a stream, or a split of it, had been read before and after this snapshot. */
export interface PositionEntry {
  readonly stream: string
  readonly split: string | null
  readonly from: Position | null
  readonly to: Position | null
}

/** `manifest.json`: what a snapshot is. Its JSON Schema is published as docs/schema/manifest-1.json. */
export interface Manifest {
  readonly version: 1
  readonly dataset: string
  /** The snapshot's folder name. */
  readonly snapshot: string
  /** The snapshot before it in the dataset. */
  readonly previous: string | null
  readonly source: {
    readonly name: string
    readonly label: string
    readonly options: Readonly<Record<string, Json>>
  }
  readonly startedAt: string
  readonly finishedAt: string
  readonly format: Format
  readonly counts: Counts
  readonly digest: { readonly algorithm: 'omni-sha256/1'; readonly value: string }
  readonly streams: readonly ManifestStream[]
  readonly quarantine: {
    readonly path: string
    readonly bytes: number
    readonly records: number
    readonly sha256: string
  } | null
  readonly policy: MaskPolicy
  readonly position: readonly PositionEntry[]
  /** Present when the run was told to stop early. */
  readonly limit?: number
  /** What the object store of the root said of itself when the snapshot was written; present when it said something. */
  readonly notes?: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly lineage: { readonly run: string; readonly namespace: string; readonly job: string }
  readonly tools: Readonly<Record<string, string>>
}

/** Zero of everything. */
export const NO_COUNTS: Counts = { read: 0, kept: 0, quarantined: 0, filtered: 0 }

/** Counts of several streams together. */
export function sumCounts(all: readonly Counts[]): Counts {
  return all.reduce(
    (sum, one) => ({
      read: sum.read + one.read,
      kept: sum.kept + one.kept,
      quarantined: sum.quarantined + one.quarantined,
      filtered: sum.filtered + one.filtered,
    }),
    NO_COUNTS,
  )
}

/** The manifest as the exact text of its file. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}
