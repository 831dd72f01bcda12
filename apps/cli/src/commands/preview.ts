import { typeToString } from '@omni/core'
import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { formatTable } from '../view/table.ts'
import { printable } from '../view/theme.ts'
import { collectorOf } from './collector.ts'
import type { Invocation } from './invocation.ts'

const DEFAULT_ROWS = 10

/** `omni-collect preview <source> <locator>`: the first rows, masked, and the columns they make. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags } = call
  const engine = await openEngine(call)
  const { masks, mask, limit = DEFAULT_ROWS } = flags
  const streams = flags.streams.length === 0 ? {} : { streams: flags.streams }
  const previews = await engine.preview(collectorOf(call), { limit, masks, mask, ...streams })
  if (flags.output === 'json') {
    printJson(io.stdout, 'json', previews)
    return EXIT.done
  }
  for (const [i, { stream, schema, rows, notes }] of previews.entries()) {
    if (flags.output === 'ndjson') {
      printJson(io.stdout, 'ndjson', rows)
      continue
    }
    const { theme } = io.stdout
    const names = schema.fields.map((field) => field.name)
    printLines(io.stdout, [
      ...(i > 0 ? [''] : []),
      ...(previews.length > 1 ? [theme.strong(printable(stream))] : []),
      ...(notes.length > 0 ? [theme.dim(printable(notes.join(' · ')))] : []),
      ...formatTable(
        names.map((name) => ({ title: printable(name), min: 6 })),
        [
          schema.fields.map((field) => typeToString(field.type)),
          ...rows.map((row) => names.map((name) => cellText(row[name]))),
        ],
        Math.min(io.stdout.columns, 200),
        theme,
      ),
      ...(rows.length === 0 ? [theme.dim('no rows')] : []),
    ])
  }
  return EXIT.done
}

/** A value in one cell; null is told from empty text. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return '∅'
  if (typeof value === 'string') return printable(value)
  if (value instanceof Uint8Array) return `0x${Buffer.from(value.subarray(0, 16)).toString('hex')}`
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object') return String(value)
  return printable(
    JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item)),
  )
}
