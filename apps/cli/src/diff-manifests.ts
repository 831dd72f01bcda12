import type { Counts, Manifest, PositionEntry } from '@omni/core'

/** One column that two snapshots have differently. */
export interface ColumnChange {
  /** With several streams: `stream.column`. */
  readonly column: string
  readonly what: 'added' | 'removed' | 'type' | 'nullable' | 'mask'
  readonly from: string | null
  readonly to: string | null
}

/** What differs between two snapshots. */
export interface ManifestDiff {
  readonly from: string
  readonly to: string
  /** The same rows in the same order. */
  readonly sameContent: boolean
  readonly digest: { readonly from: string; readonly to: string }
  readonly rows: { readonly from: Counts; readonly to: Counts }
  readonly columns: readonly ColumnChange[]
  readonly streams: { readonly added: readonly string[]; readonly removed: readonly string[] }
  readonly position: readonly {
    readonly stream: string
    readonly split: string | null
    readonly from: PositionEntry['to']
    readonly to: PositionEntry['to']
  }[]
}

/** Compares two snapshots by their manifests; pure. */
export function diffManifests(from: Manifest, to: Manifest): ManifestDiff {
  const names = (manifest: Manifest): string[] => manifest.streams.map((stream) => stream.name)
  return {
    from: from.snapshot,
    to: to.snapshot,
    sameContent: from.digest.value === to.digest.value,
    digest: { from: from.digest.value, to: to.digest.value },
    rows: { from: from.counts, to: to.counts },
    columns: diffColumns(columnsOf(from), columnsOf(to)),
    streams: {
      added: names(to).filter((name) => !names(from).includes(name)),
      removed: names(from).filter((name) => !names(to).includes(name)),
    },
    position: diffPositions(from.position, to.position),
  }
}

interface ColumnFacts {
  readonly type: string
  readonly nullable: boolean
  readonly mask: string
}

function columnsOf(manifest: Manifest): Map<string, ColumnFacts> {
  const isOne = manifest.streams.length === 1
  return new Map(
    manifest.streams.flatMap((stream) =>
      stream.schema.map(({ name, type, nullable, mask }) => [
        isOne ? name : `${stream.name}.${name}`,
        { type, nullable, mask: mask ?? 'none' },
      ]),
    ),
  )
}

function diffColumns(from: Map<string, ColumnFacts>, to: Map<string, ColumnFacts>): ColumnChange[] {
  const changes: ColumnChange[] = []
  for (const [column, facts] of from) {
    const now = to.get(column)
    if (now === undefined) changes.push({ column, what: 'removed', from: facts.type, to: null })
    else changes.push(...diffFacts(column, facts, now))
  }
  for (const [column, facts] of to) {
    if (!from.has(column)) changes.push({ column, what: 'added', from: null, to: facts.type })
  }
  return changes
}

function diffFacts(column: string, from: ColumnFacts, to: ColumnFacts): ColumnChange[] {
  return (['type', 'nullable', 'mask'] as const)
    .filter((what) => from[what] !== to[what])
    .map((what) => ({ column, what, from: String(from[what]), to: String(to[what]) }))
}

function diffPositions(
  from: readonly PositionEntry[],
  to: readonly PositionEntry[],
): ManifestDiff['position'] {
  const key = (entry: PositionEntry): string => JSON.stringify([entry.stream, entry.split])
  const before = new Map(from.map((entry) => [key(entry), entry]))
  const after = new Map(to.map((entry) => [key(entry), entry]))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    const [a, b] = [before.get(id), after.get(id)]
    const [was, is] = [a?.to ?? null, b?.to ?? null]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    const { stream = '', split = null } = b ?? a ?? {}
    return [{ stream, split, from: was, to: is }]
  })
}
