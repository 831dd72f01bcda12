import { dirname } from 'node:path'
import { entryCall, selectEntries, worse } from '../config/each.ts'
import { EXIT, type ExitCode, reportFailure } from '../exit.ts'
import { printLines } from '../io.ts'
import { printJson } from '../view/json.ts'
import { type ResultObject, resultOf } from '../view/result.ts'
import { collect, exitCodeFor, printResult } from './collect.ts'
import type { Invocation } from './invocation.ts'

/**
 * `omni-collect run [config] [name]`. With a name: as a collect. Without: every entry in turn; one that fails
 * does not stop the others, and the worst exit code counts.
 */
export async function run(call: Invocation): Promise<ExitCode> {
  const { config, names, isOne } = await selectEntries(call)
  // Relative locators in a configuration start at its folder, wherever it is called from.
  process.chdir(dirname(config.path))
  if (isOne) {
    const one = await entryCall(config.entry(names[0] ?? ''), config, call)
    const snapshot = await collect(one)
    printResult(snapshot, one)
    return exitCodeFor(snapshot)
  }
  const { io, flags } = call
  const results: ResultObject[] = []
  let worst: ExitCode = EXIT.done
  for (const [i, name] of names.entries()) {
    try {
      const one = await entryCall(config.entry(name), config, call)
      if (flags.output === 'text' && !flags.quiet) {
        printLines(io.stdout, [...(i > 0 ? [''] : []), io.stdout.theme.strong(name)])
      }
      const snapshot = await collect(one)
      if (flags.output === 'json') results.push(resultOf(snapshot, io.cwd))
      else printResult(snapshot, one)
      worst = worse(worst, exitCodeFor(snapshot))
    } catch (error) {
      worst = worse(worst, reportFailure(error, io, flags.output !== 'text', name))
      if (call.signal.aborted) break
    }
  }
  if (flags.output === 'json') printJson(io.stdout, 'json', { collects: results })
  return worst
}
