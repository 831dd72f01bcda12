import type { Manifest } from '@omni/core'
import { fault } from '@omni/core'
import { diffManifests, type ManifestDiff } from '../diff-manifests.ts'
import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { formatCount } from '../view/numbers.ts'
import { formatTable } from '../view/table.ts'
import { printable, type Theme } from '../view/theme.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect diff <ref> [ref]`: two snapshots, or the last two of a dataset. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags } = call
  const [from, to] = await findPair(call)
  const diff = diffManifests(from, to)
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, diff)
    return EXIT.done
  }
  printLines(io.stdout, diffLines(diff, io.stdout.columns, io.stdout.theme))
  return EXIT.done
}

async function findPair(call: Invocation): Promise<readonly [Manifest, Manifest]> {
  const engine = await openEngine(call)
  const [first = '', second] = call.operands
  if (second !== undefined) {
    return [(await engine.open(first)).manifest, (await engine.open(second)).manifest]
  }
  const { dataset } = await engine.open(first)
  const all = await engine.snapshots(dataset)
  const ordered = all.map((info) => info.manifest).sort((a, b) => (a.snapshot < b.snapshot ? -1 : 1))
  const [from, to] = ordered.slice(-2)
  if (from !== undefined && to !== undefined) return [from, to]
  throw fault({
    kind: 'missing',
    code: 'cli.one-snapshot',
    why: `The dataset \`${dataset}\` has one snapshot only.`,
    fix: 'Collect it again when its source has changed, or name two snapshots.',
  })
}

function diffLines(diff: ManifestDiff, columns: number, theme: Theme): string[] {
  const word = (text: string): string => theme.dim(text.padEnd(10))
  const lines = [`${word('before')}${diff.from}`, `${word('after')}${diff.to}`]
  const counts = (['read', 'kept', 'quarantined', 'filtered'] as const).map((name) => {
    const [was, is] = [diff.rows.from[name], diff.rows.to[name]]
    const change = is - was
    return [
      name,
      formatCount(was),
      formatCount(is),
      change === 0 ? '' : `${change > 0 ? '+' : '-'}${formatCount(Math.abs(change))}`,
    ]
  })
  const right = true
  lines.push(
    `${word('content')}${diff.sameContent ? theme.good('the same rows') : 'differs'}`,
    '',
    ...formatTable(
      [{ title: 'rows' }, { title: 'before', right }, { title: 'after', right }, { title: 'change', right }],
      counts,
      columns,
      theme,
    ),
  )
  for (const stream of diff.streams.added) lines.push(theme.good(`+ stream ${printable(stream)}`))
  for (const stream of diff.streams.removed) lines.push(theme.bad(`- stream ${printable(stream)}`))
  if (diff.columns.length > 0) {
    const rows = diff.columns.map(({ column, what, from, to }) => [
      printable(column),
      what,
      from ?? '',
      to ?? '',
    ])
    lines.push(
      '',
      ...formatTable(
        [{ title: 'column', min: 12 }, { title: 'change' }, { title: 'before' }, { title: 'after' }],
        rows,
        columns,
        theme,
      ),
    )
  } else {
    lines.push('', theme.dim('the same columns'))
  }
  for (const { stream, split, from, to } of diff.position) {
    const name = split === null ? stream : `${stream} ${split}`
    lines.push(`${word('position')}${printable(`${name}: ${facts(from)} → ${facts(to)}`)}`)
  }
  return lines
}

function facts(position: Readonly<Record<string, unknown>> | null): string {
  if (position === null) return 'none'
  return Object.entries(position)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ')
}
