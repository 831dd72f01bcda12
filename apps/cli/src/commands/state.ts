import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { formatTable } from '../view/table.ts'
import { printable } from '../view/theme.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect state <dataset>`: where the next collect resumes. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags, operands } = call
  const engine = await openEngine(call)
  const positions = await engine.state(operands[0] ?? '')
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, positions)
    return EXIT.done
  }
  const { theme, columns } = io.stdout
  const known = positions.filter((entry) => entry.to !== null)
  if (known.length === 0) {
    printLines(io.stdout, ['It has no positions: the next collect reads all.'])
    return EXIT.done
  }
  const rows = known.map(({ stream, split, to }) => [
    printable(stream),
    printable(split ?? ''),
    Object.entries(to ?? {})
      .map(([key, value]) => printable(`${key}=${String(value)}`))
      .join(' '),
  ])
  const titles = [
    { title: 'stream', style: theme.accent },
    { title: 'split' },
    { title: 'resumes after', min: 20 },
  ]
  printLines(io.stdout, formatTable(titles, rows, columns, theme))
  return EXIT.done
}
