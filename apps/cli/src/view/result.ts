import { isAbsolute, relative } from 'node:path'
import type { Manifest, PositionEntry, Snapshot } from '@omni/core'
import { formatBytes, formatCount, formatDuration, plural } from './numbers.ts'
import { printable, type Theme, widthOf } from './theme.ts'

/** What `--output json` prints of a collect: exactly this, whatever the source. */
export interface ResultObject {
  /** The snapshot's folder: relative to the working folder when inside it. */
  readonly snapshot: string
  readonly dataset: string
  readonly rows: {
    readonly read: number
    readonly kept: number
    readonly quarantined: number
    readonly filtered: number
  }
  /** `omni-sha256/1`, 64 hex digits. */
  readonly digest: string
  /** Paths are relative to the snapshot's folder. */
  readonly files: readonly {
    readonly path: string
    readonly bytes: number
    readonly rows: number
    readonly sha256: string
  }[]
  /** Hits by column and class of personal data. With several streams, columns are `stream.column`. */
  readonly masked: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Where the next collect resumes, per stream and split. */
  readonly position: readonly PositionEntry[]
  /** True when nothing new was found: `snapshot` is the one that was there. */
  readonly unchanged: boolean
}

/** The result of a collect, as a program reads it. */
export function resultOf(snapshot: Snapshot, cwd: string): ResultObject {
  const { manifest } = snapshot
  return {
    snapshot: shortPath(snapshot.path, cwd),
    dataset: snapshot.dataset,
    rows: snapshot.counts,
    digest: snapshot.digest,
    files: manifest.streams.flatMap((stream) =>
      stream.files.map(({ path, bytes, rows, sha256 }) => ({ path, bytes, rows, sha256 })),
    ),
    masked: maskedOf(manifest),
    position: manifest.position,
    unchanged: snapshot.unchanged,
  }
}

/** Hits by column and class; columns without a hit are left out. */
export function maskedOf(manifest: Manifest): Record<string, Record<string, number>> {
  const masked: Record<string, Record<string, number>> = {}
  for (const stream of manifest.streams) {
    for (const [column, mask] of Object.entries(stream.mask.columns)) {
      const hits = Object.entries(mask.hits).filter(([, count]) => count > 0)
      const name = manifest.streams.length > 1 ? `${stream.name}.${column}` : column
      if (hits.length > 0) masked[name] = Object.fromEntries(hits)
    }
  }
  return masked
}

/** A path as a person would type it from the working folder; a URL as it is. */
export function shortPath(path: string, cwd: string): string {
  if (path.includes('://')) return path
  const short = relative(cwd, path)
  if (short === '') return '.'
  return short.startsWith('..') || isAbsolute(short) ? path : short
}

/** The summary of a collect for a person. */
export function summaryOf(snapshot: Snapshot, cwd: string, rootFlag: string, theme: Theme): string[] {
  const { manifest, counts } = snapshot
  const { strong, dim, good, warn, accent } = theme
  const label = (word: string): string => dim(word.padEnd(10))
  const files = manifest.streams.flatMap((stream) => stream.files)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const ref = `${printable(snapshot.dataset)}${rootFlag}`
  if (snapshot.unchanged) {
    return [
      `${good('unchanged'.padEnd(10))}${strong(printable(snapshot.dataset))}: nothing new in ${printable(manifest.source.label)}`,
      `${label('snapshot')}${shortPath(snapshot.path, cwd)}`,
      `${label('digest')}${snapshot.digest}`,
      `${label('next')}${accent(`omni-collect show ${ref}`)}, or read all of it again with ${accent('--full')}`,
    ]
  }
  const lines = [
    `${good('saved'.padEnd(10))}${strong(printable(snapshot.dataset))} from ${printable(manifest.source.label)}`,
    `${label('snapshot')}${shortPath(snapshot.path, cwd)}`,
    `${label('rows')}${rowsLine(snapshot)}`,
    `${label('files')}${plural(files.length, `${manifest.format} file`)}, ${formatBytes(bytes)}`,
    `${label('digest')}${snapshot.digest}`,
    ...maskedLines(manifest, theme, label),
  ]
  if (counts.quarantined > 0) {
    lines.push(`${warn('next'.padEnd(10))}${accent(`omni-collect quarantine ${ref}`)}`)
  } else {
    lines.push(`${label('next')}${accent(`omni-collect show ${ref}`)}`)
  }
  return lines
}

function rowsLine({ counts, manifest }: Snapshot): string {
  const extra = [
    counts.quarantined > 0 ? `${formatCount(counts.quarantined)} quarantined` : '',
    counts.filtered > 0 ? `${formatCount(counts.filtered)} filtered` : '',
    manifest.streams.length > 1 ? `${manifest.streams.length} streams` : '',
  ].filter((text) => text !== '')
  const of = counts.read === counts.kept ? '' : ` of ${formatCount(counts.read)} read`
  const tookMs = Date.parse(manifest.finishedAt) - Date.parse(manifest.startedAt)
  return [`${formatCount(counts.kept)}${of} in ${formatDuration(tookMs)}`, ...extra].join(' · ')
}

function maskedLines(manifest: Manifest, theme: Theme, label: (word: string) => string): string[] {
  if (!manifest.policy.enabled) return [`${theme.warn('masked'.padEnd(10))}nothing: --no-mask was given`]
  const columns = new Map<string, string[]>()
  for (const [name, hits] of Object.entries(maskedOf(manifest))) {
    const found = Object.entries(hits).map(([kind, count]) => `${formatCount(count)} ${kind}`)
    columns.set(name, found)
  }
  for (const { column, action } of manifest.policy.rules) {
    const said = {
      redact: 'redacted, as asked',
      keep: 'kept as it is, as asked',
      drop: 'left out, as asked',
    }[action]
    columns.set(column, [...(columns.get(column) ?? []), said])
  }
  if (columns.size === 0) return [`${label('masked')}nothing found`]
  const width = Math.min(24, Math.max(...[...columns.keys()].map(widthOf)))
  return [...columns].map(([name, said], i) => {
    const gap = ' '.repeat(Math.max(0, width - widthOf(name)))
    return `${label(i === 0 ? 'masked' : '')}${printable(name)}${gap}  ${said.join(', ')}`
  })
}
