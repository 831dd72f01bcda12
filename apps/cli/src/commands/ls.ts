import { fault } from '@omni/core'
import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { nearest } from '../flags/nearest.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { formatBytes, formatCount, formatTime } from '../view/numbers.ts'
import { shortPath } from '../view/result.ts'
import { formatTable } from '../view/table.ts'
import { printable } from '../view/theme.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect ls [dataset]`: the newest snapshot of each dataset, or every one of a dataset. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags, operands } = call
  const [dataset] = operands
  const engine = await openEngine(call)
  const all = await engine.snapshots()
  const known = [...new Set(all.map((snapshot) => snapshot.dataset))]
  if (dataset !== undefined && !known.includes(dataset)) {
    const close = nearest(dataset, known)
    throw fault({
      kind: 'missing',
      code: 'cli.no-dataset',
      why: `There is no dataset \`${dataset}\` below ${flags.root}.`,
      fix: close === undefined ? '`omni-collect ls` lists the datasets.' : `Did you mean \`${close}\`?`,
    })
  }
  const shown = dataset === undefined ? all : all.filter((snapshot) => snapshot.dataset === dataset)
  if (flags.output !== 'text') {
    const items = shown.map((info) => ({
      dataset: info.dataset,
      snapshot: shortPath(info.path, io.cwd),
      finishedAt: info.manifest.finishedAt,
      label: info.manifest.source.label,
      rows: info.manifest.counts,
      bytes: bytesOf(info.manifest),
      digest: info.manifest.digest.value,
    }))
    printJson(io.stdout, flags.output, items)
    return EXIT.done
  }
  if (shown.length === 0) {
    printLines(io.stdout, [
      `Nothing has been collected below ${shortPath(io.cwd, io.cwd) === flags.root ? 'this folder' : flags.root} yet.`,
      `Try \`omni-collect file users.csv\`, or \`omni-collect\` alone for more.`,
    ])
    return EXIT.done
  }
  const { theme } = io.stdout
  const rows = shown.map(({ dataset: name, manifest }) => [
    name,
    formatTime(manifest.finishedAt),
    formatCount(manifest.counts.kept),
    formatBytes(bytesOf(manifest)),
    manifest.digest.value.slice(0, 12),
    printable(manifest.source.label),
  ])
  printLines(
    io.stdout,
    formatTable(
      [
        { title: 'dataset', style: theme.accent, min: 12 },
        { title: 'time (UTC)' },
        { title: 'rows', right: true },
        { title: 'size', right: true },
        { title: 'digest', style: theme.dim },
        { title: 'from', min: 10 },
      ],
      rows,
      io.stdout.columns,
      theme,
    ),
  )
  return EXIT.done
}

function bytesOf(manifest: {
  readonly streams: readonly { readonly files: readonly { readonly bytes: number }[] }[]
}): number {
  return manifest.streams.flatMap((stream) => stream.files).reduce((sum, file) => sum + file.bytes, 0)
}
