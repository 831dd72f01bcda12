import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { plural } from '../view/numbers.ts'
import { printable } from '../view/theme.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect verify [ref]`: exit code 2 when anything is not as it was written. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags, operands } = call
  const engine = await openEngine(call)
  const report = await engine.verify(operands[0])
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, report)
    return report.ok ? EXIT.done : EXIT.fixable
  }
  const { good, bad, dim } = io.stdout.theme
  printLines(io.stdout, [
    ...report.findings.flatMap(({ where, what, code }) => [
      `${bad('damaged')}  ${printable(where)}`,
      `         ${printable(what)}  ${dim(code)}`,
    ]),
    report.ok
      ? `${good('ok')}  ${plural(report.snapshots, 'snapshot')} and the log are as they were written`
      : bad(
          `${plural(report.findings.length, 'finding')}: what is named above was changed after it was written`,
        ),
  ])
  return report.ok ? EXIT.done : EXIT.fixable
}
