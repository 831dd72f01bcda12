import type { Collector } from '@omni/core'

/** What may be set beside the source in one entry of `collectors`. */
export interface EntrySettings {
  readonly dataset?: string
  readonly tags?: Readonly<Record<string, string>>
  /** Column to action: `{ note: 'redact', id: 'keep' }`. */
  readonly masks?: Readonly<Record<string, string>>
  /** `false` writes personal data as it came, and the manifest says so. */
  readonly mask?: boolean
  /** What parts are written as. */
  readonly format?: 'parquet' | 'csv' | 'ndjson'
  readonly limit?: number
  /** Streams to read; default all. */
  readonly streams?: readonly string[]
}

/** One collector by name of its source, as YAML writes it. */
export interface NamedEntry extends EntrySettings {
  readonly source: string
  /** Fills the source's locator option. */
  readonly locator?: string
  readonly options?: Readonly<Record<string, unknown>>
}

/** One collector that was made in code: `{ collector: file('users.csv'), dataset: 'users' }`. */
export interface MadeEntry extends EntrySettings {
  readonly collector: Collector
}

/** The whole of `omni.config.ts` or `omni.config.yaml`. */
export interface OmniConfig {
  /** Where `data/raw` and `logs` go: a folder, relative to the file, or the URL of an object store. */
  readonly root?: string
  /** Options of the storage, where the root is a URL. */
  readonly rootOptions?: Readonly<Record<string, unknown>>
  readonly collectors: Readonly<Record<string, NamedEntry | MadeEntry | Collector>>
}

/** Types an `omni.config.ts`: `export const config = defineConfig({ … })`. */
export function defineConfig(config: OmniConfig): OmniConfig {
  return config
}
