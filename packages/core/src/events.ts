import type { Counts } from './manifest/manifest.ts'

/** What a collect tells while it runs. No event holds a value of the data, or a secret. */
export type CollectEvent =
  | {
      readonly type: 'start'
      readonly label: string
      readonly dataset: string
      readonly planned: readonly string[]
    }
  | {
      readonly type: 'progress'
      readonly stream: string
      /** Rows taken in so far. */
      readonly rows: number
      /** Bytes taken from the system so far. */
      readonly bytes: number
      readonly totalRows?: number
      readonly totalBytes?: number
      /** Values masked so far. */
      readonly masked: number
      readonly quarantined: number
    }
  | { readonly type: 'restart'; readonly stream: string; readonly why: string }
  | { readonly type: 'recovered'; readonly dataset: string; readonly what: string }
  | { readonly type: 'warning'; readonly what: string }
  /** Of the place where snapshots are kept, as its versioning or encryption. */
  | { readonly type: 'note'; readonly what: string }
  | {
      readonly type: 'published'
      readonly dataset: string
      readonly snapshot: string
      /** Absolute path of the snapshot's folder. */
      readonly path: string
      readonly digest: string
      readonly counts: Counts
    }
  | {
      readonly type: 'unchanged'
      readonly dataset: string
      readonly snapshot: string
      readonly counts: Counts
    }

/** Takes events; what it throws is not the run's failure. */
export type Emit = (event: CollectEvent) => void
