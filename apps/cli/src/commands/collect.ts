import type { Snapshot } from '@omni/core'
import { collectOptionsOf, openEngine } from '../engine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'
import { resolveRoot } from '../root.ts'
import { createEventView } from '../view/events.ts'
import { printJson } from '../view/json.ts'
import { resultOf, shortPath, summaryOf } from '../view/result.ts'
import { collectorOf } from './collector.ts'
import type { Invocation } from './invocation.ts'

/** `omni-collect <source> <locator>`. */
export async function run(call: Invocation): Promise<ExitCode> {
  const snapshot = await collect(call)
  printResult(snapshot, call)
  return exitCodeFor(snapshot)
}

/** Collects, with progress on stderr; prints no result. */
export async function collect(call: Invocation): Promise<Snapshot> {
  const { io, flags } = call
  const view = flags.quiet ? undefined : createEventView(io)
  const engine = await openEngine(call, view?.take, view?.note)
  try {
    return await engine.collect(collectorOf(call), collectOptionsOf(call))
  } finally {
    view?.finish()
  }
}

/** 4 when records of this very run are in quarantine. */
export function exitCodeFor(snapshot: Snapshot): ExitCode {
  return snapshot.counts.quarantined > 0 && !snapshot.unchanged ? EXIT.quarantined : EXIT.done
}

/** Prints one result on stdout. */
export function printResult(snapshot: Snapshot, { io, flags }: Invocation): void {
  if (flags.output !== 'text') {
    printJson(io.stdout, flags.output, resultOf(snapshot, io.cwd))
  } else if (flags.quiet) {
    printLines(io.stdout, [shortPath(snapshot.path, io.cwd)])
  } else {
    const root = shortPath(resolveRoot(io.cwd, flags.root), io.cwd)
    const rootFlag = root === '.' ? '' : ` --root ${shellWord(root)}`
    printLines(io.stdout, summaryOf(snapshot, io.cwd, rootFlag, io.stdout.theme))
  }
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
