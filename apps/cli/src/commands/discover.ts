import { typeToString } from '@omni/core'
import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { maskNames } from '../view/names.ts'
import { formatBytes, plural } from '../view/numbers.ts'
import { formatTable } from '../view/table.ts'
import { printable } from '../view/theme.ts'
import { collectorOf } from './collector.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect discover <source> <locator>`: streams and, where known before reading, their columns. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags } = call
  const engine = await openEngine(call)
  const streams = maskNames(await engine.discover(collectorOf(call)))
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, streams)
    return EXIT.done
  }
  const { theme } = io.stdout
  for (const [i, stream] of streams.entries()) {
    const { rows, bytes } = stream.estimate ?? {}
    const facts = [
      rows === undefined ? '' : `about ${plural(rows, 'row')}`,
      bytes === undefined ? '' : formatBytes(bytes),
      stream.primaryKey === undefined ? '' : `key ${stream.primaryKey.join(', ')}`,
    ].filter((fact) => fact !== '')
    const fields = stream.schema?.fields.map((field) => [
      printable(field.name),
      typeToString(field.type),
      field.nullable ? '' : 'not null',
      field.sourceType ?? '',
    ])
    printLines(io.stdout, [
      ...(i > 0 ? [''] : []),
      `${theme.strong(printable(stream.name))}${facts.length > 0 ? `  ${theme.dim(facts.join(' · '))}` : ''}`,
      ...(stream.notes ?? []).map((note) => theme.dim(`  ${printable(note)}`)),
      ...(fields === undefined
        ? [theme.dim('  columns are found when it is read; `omni-collect preview` shows some rows')]
        : formatTable(
            [{ title: 'column', min: 12 }, { title: 'type' }, { title: '' }, { title: 'source type' }],
            fields,
            io.stdout.columns - 2,
            theme,
          ).map((line) => `  ${line}`)),
    ])
  }
  return EXIT.done
}
