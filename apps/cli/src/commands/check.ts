import { openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { printable } from '../view/theme.ts'
import { collectorOf } from './collector.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect check <source> <locator>`. A system that does not answer is a fault. */
export async function run(call: Invocation): Promise<ExitCode> {
  const { io, flags } = call
  const collector = collectorOf(call)
  const engine = await openEngine(call)
  const { ok, notes } = await engine.check(collector)
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, { ok, label: collector.label, notes })
  } else {
    const { good, dim } = io.stdout.theme
    printLines(io.stdout, [
      `${good('ok')}  ${printable(collector.label)} answers`,
      ...notes.map((note) => dim(`    ${printable(note)}`)),
    ])
  }
  return ok ? EXIT.done : EXIT.fixable
}
