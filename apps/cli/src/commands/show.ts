import type { Manifest, ManifestStream, Snapshot } from '@omni/core'
import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { formatBytes, formatCount, formatDuration, formatTime, plural } from '../view/numbers.ts'
import { shortPath } from '../view/result.ts'
import { formatTable } from '../view/table.ts'
import { printable, type Theme } from '../view/theme.ts'
import type { Invocation } from './invocation.ts'

const MAX_FILES = 20

/** `omni-collect show <ref>`: the manifest for a person, or as it is with `--output json`. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags, operands } = call
  const engine = await openEngine(call)
  const snapshot = await engine.open(operands[0] ?? '')
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, snapshot.manifest)
    return EXIT.done
  }
  const { theme, columns } = io.stdout
  const { manifest } = snapshot
  printLines(io.stdout, [
    ...headLines(snapshot, io.cwd, theme),
    ...manifest.streams.flatMap((stream) => streamLines(stream, manifest, columns, theme)),
    '',
    ...fileLines(manifest, columns, theme),
    ...positionLines(manifest, theme),
  ])
  return EXIT.done
}

function headLines({ manifest, path }: Snapshot, cwd: string, theme: Theme): string[] {
  const word = (text: string): string => theme.dim(text.padEnd(10))
  const { counts } = manifest
  const took = Date.parse(manifest.finishedAt) - Date.parse(manifest.startedAt)
  const where = [
    counts.quarantined > 0 ? `${formatCount(counts.quarantined)} quarantined` : '',
    counts.filtered > 0 ? `${formatCount(counts.filtered)} filtered` : '',
  ].filter((text) => text !== '')
  return [
    `${theme.strong(printable(manifest.dataset))}  ${theme.dim(manifest.snapshot)}`,
    '',
    `${word('from')}${printable(manifest.source.label)}`,
    `${word('folder')}${shortPath(path, cwd)}`,
    `${word('time')}${formatTime(manifest.finishedAt)} UTC, took ${formatDuration(took)}`,
    `${word('rows')}${[`${formatCount(counts.kept)} kept of ${formatCount(counts.read)} read`, ...where].join(' · ')}`,
    `${word('digest')}${manifest.digest.value}`,
    `${word('masking')}${manifest.policy.enabled ? `on (${manifest.policy.mode})` : theme.warn('off: --no-mask was given')}`,
    ...Object.entries(manifest.tags).map(
      ([key, value], i) => `${word(i === 0 ? 'tags' : '')}${printable(key)}=${printable(value)}`,
    ),
    ...(manifest.limit === undefined
      ? []
      : [`${word('limit')}${formatCount(manifest.limit)} rows of a stream`]),
    ...(manifest.notes ?? []).map((note, i) => `${word(i === 0 ? 'store' : '')}${printable(note)}`),
  ]
}

function streamLines(stream: ManifestStream, manifest: Manifest, columns: number, theme: Theme): string[] {
  const title =
    manifest.streams.length > 1
      ? [`${theme.strong(printable(stream.name))}  ${theme.dim(plural(stream.counts.kept, 'row'))}`]
      : []
  const rows = stream.schema.map((field) => {
    const masks = Object.entries(stream.mask.columns).filter(([path]) => isOf(path, field.name))
    return [
      printable(field.name),
      field.type,
      field.nullable ? 'yes' : 'no',
      field.sourceType ?? '',
      masks
        .map(([path, mask]) => maskText(path === field.name ? '' : path, mask))
        .filter((text) => text !== '')
        .join('; '),
    ]
  })
  return [
    '',
    ...title,
    ...formatTable(
      [
        { title: 'column', style: theme.accent, min: 12 },
        { title: 'type', min: 10 },
        { title: 'null' },
        { title: 'source type', min: 8 },
        { title: 'masked', min: 12, style: theme.good },
      ],
      rows,
      columns,
      theme,
    ),
  ]
}

/** Paths of masks go into nested values: `user.contact`, `phones[]`. */
function isOf(path: string, column: string): boolean {
  return path === column || path.startsWith(`${column}.`) || path.startsWith(`${column}[`)
}

function maskText(path: string, mask: ManifestStream['mask']['columns'][string]): string {
  const hits = Object.entries(mask.hits).filter(([, count]) => count > 0)
  const found = hits.map(([kind, count]) => `${formatCount(count)} ${kind}`).join(', ')
  const action =
    mask.action === 'redact' ? found : [mask.action, found].filter((text) => text !== '').join(': ')
  return action === '' ? '' : `${path === '' ? '' : `${printable(path)} `}${action}`
}

function fileLines(manifest: Manifest, columns: number, theme: Theme): string[] {
  const files = manifest.streams.flatMap((stream) => stream.files)
  const rows = files
    .slice(0, MAX_FILES)
    .map((file) => [file.path, formatCount(file.rows), formatBytes(file.bytes), file.sha256])
  if (manifest.quarantine !== null) {
    const { path, records, bytes, sha256 } = manifest.quarantine
    rows.push([path, formatCount(records), formatBytes(bytes), sha256])
  }
  const more =
    files.length > MAX_FILES ? [theme.dim(`… ${plural(files.length - MAX_FILES, 'more file')}`)] : []
  const table = formatTable(
    [
      { title: 'file' },
      { title: 'rows', right: true },
      { title: 'size', right: true },
      { title: 'sha256', min: 12 },
    ],
    rows,
    columns,
    theme,
  )
  return [...table, ...more]
}

function positionLines(manifest: Manifest, theme: Theme): string[] {
  const known = manifest.position.filter((entry) => entry.to !== null)
  if (known.length === 0) return []
  return [
    '',
    theme.dim('resumes after'),
    ...known.slice(0, MAX_FILES).map(({ stream, split, to }) => {
      const name = split === null ? stream : `${stream} ${split}`
      const facts = Object.entries(to ?? {}).map(([key, value]) => `${key}=${String(value)}`)
      return `${printable(name)}  ${printable(facts.join(' '))}`
    }),
  ]
}
