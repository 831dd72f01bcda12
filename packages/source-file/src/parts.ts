import type { Schema } from '@omni/spec'
import type { FormatName } from './options.ts'

/** Which table of a file: the way through its archives, and the table in the file at its end. */
export interface PartId {
  /** Names of members, outermost first; empty for a file that is no archive. */
  readonly members: readonly string[]
  readonly table?: string
}

/** One table of a file, as it was found. */
export interface Part {
  readonly id: PartId
  readonly format: FormatName
  /** For a person: what was detected and why. */
  readonly notes: readonly string[]
  readonly schema?: Schema
  readonly rows?: number
}

/** A name for a part within its file; undefined where the file is just that part. */
export function partName({ members, table }: PartId): string | undefined {
  const names = [...members, ...(table === undefined ? [] : [table])]
  return names.length === 0 ? undefined : names.join('/')
}
