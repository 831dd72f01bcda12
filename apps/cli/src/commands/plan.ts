import { collectOptionsOf, openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { maskNames } from '../view/names.ts'
import { shortPath } from '../view/result.ts'
import { printable } from '../view/theme.ts'
import { collectorOf } from './collector.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect plan <source> <locator>`: what a collect would do. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags } = call
  const engine = await openEngine(call)
  const plan = maskNames(await engine.plan(collectorOf(call), collectOptionsOf(call)))
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, plan)
    return EXIT.done
  }
  const { dim, strong, warn } = io.stdout.theme
  const word = (text: string): string => dim(text.padEnd(10))
  const { mode, enabled, rules } = plan.policy
  printLines(io.stdout, [
    `${word('read')}${strong(printable(plan.label))}`,
    ...plan.streams.flatMap((stream) => {
      const resumed = stream.shares.filter((share) => share.from !== undefined).length
      const shares = stream.shares.length > 1 ? `${stream.shares.length} splits, ` : ''
      const from =
        resumed === 0
          ? 'from the start'
          : `${shares}${shares === '' ? '' : `${resumed} of them `}after what was read before`
      const columns = stream.schema === undefined ? '' : `, ${stream.schema.fields.length} columns`
      return [`${word('stream')}${printable(stream.name)}: ${from}${columns}`]
    }),
    enabled
      ? `${word('mask')}${mode}: e-mail and phone in every text column`
      : `${warn('mask'.padEnd(10))}nothing: --no-mask was given`,
    ...rules.map((rule) => `${word('')}${printable(rule.column)}: ${rule.action}`),
    `${word('write')}${plan.format} into ${shortPath(plan.folder, io.cwd)}`,
    ...Object.entries(plan.tags).map(
      ([key, value], i) => `${word(i === 0 ? 'tags' : '')}${printable(key)}=${printable(value)}`,
    ),
    ...plan.why.map((why, i) => `${word(i === 0 ? 'why' : '')}${printable(why)}`),
    ...(flags.quiet
      ? []
      : ['', dim('Nothing was read or written. The same command without `plan` does it.')]),
  ])
  return EXIT.done
}
