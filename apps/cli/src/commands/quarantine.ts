import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { plural } from '../view/numbers.ts'
import { formatTable } from '../view/table.ts'
import { printable } from '../view/theme.ts'
import type { Invocation } from './invocation.ts'

const MAX_ROWS = 50

interface QuarantinedRecord {
  readonly stream?: unknown
  readonly locator?: unknown
  readonly code?: unknown
  readonly reason?: unknown
}

/** `omni-collect quarantine <ref>`: records that could not be kept; raw text is masked already. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags, operands } = call
  const engine = await openEngine(call)
  const { manifest, path } = await engine.open(operands[0] ?? '')
  const { quarantine } = manifest
  const records: QuarantinedRecord[] = []
  if (quarantine !== null) {
    const lines = createInterface({
      input: createReadStream(join(path, quarantine.path)),
      crlfDelay: Number.POSITIVE_INFINITY,
    })
    for await (const line of lines) {
      if (flags.output === 'ndjson') io.stdout.write(`${line}\n`)
      else if (flags.output === 'json' || records.length < MAX_ROWS)
        records.push(JSON.parse(line) as QuarantinedRecord)
    }
  }
  if (flags.output === 'json') printJson(io.stdout, 'json', records)
  if (flags.output !== 'text') return EXIT.done
  if (quarantine === null) {
    printLines(io.stdout, ['Nothing is in quarantine.'])
    return EXIT.done
  }
  const { theme, columns } = io.stdout
  const hasStreams = manifest.streams.length > 1
  const rows = records.map((record) => [
    ...(hasStreams ? [text(record.stream)] : []),
    text(record.locator),
    text(record.code),
    text(record.reason),
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

function text(value: unknown): string {
  return value === undefined || value === null ? '' : printable(String(value))
}
