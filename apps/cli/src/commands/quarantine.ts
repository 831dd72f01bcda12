import type { QuarantineRecord } from '@omni/core'
import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { plural } from '../view/numbers.ts'
import { formatTable } from '../view/table.ts'
import { printable } from '../view/theme.ts'
import type { Invocation } from './invocation.ts'

const MAX_ROWS = 50

/** `omni-collect quarantine <ref>`: records that could not be kept; raw text is masked already. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags, operands } = call
  const engine = await openEngine(call)
  const snapshot = await engine.open(operands[0] ?? '')
  const { quarantine, streams } = snapshot.manifest
  const records: QuarantineRecord[] = []
  for await (const record of snapshot.quarantined()) {
    if (flags.output === 'ndjson') io.stdout.write(`${JSON.stringify(record)}\n`)
    else records.push(record)
    if (flags.output === 'text' && records.length >= MAX_ROWS) break
  }
  if (flags.output === 'json') printJson(io.stdout, 'json', records)
  if (flags.output !== 'text') return EXIT.done
  if (quarantine === null) {
    printLines(io.stdout, ['Nothing is in quarantine.'])
    return EXIT.done
  }
  const { theme, columns } = io.stdout
  const hasStreams = streams.length > 1
  const rows = records.map((record) => [
    ...(hasStreams ? [printable(record.stream)] : []),
    printable(record.locator),
    printable(record.code),
    printable(record.reason),
  ])
  const titles = [
    ...(hasStreams ? [{ title: 'stream' }] : []),
    { title: 'where', style: theme.accent },
    { title: 'code', style: theme.dim },
    { title: 'why', min: 20 },
  ]
  const more = quarantine.records - records.length
  printLines(io.stdout, [
    ...formatTable(titles, rows, columns, theme),
    ...(more > 0 ? [theme.dim(`… ${plural(more, 'more record')}; --output ndjson prints all`)] : []),
  ])
  return EXIT.done
}
