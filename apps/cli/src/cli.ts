import type { Storage } from '@omni/core'
import type { Invocation } from './commands/invocation.ts'
import type { CommandInfo } from './commands/table.ts'
import { EXIT, type ExitCode, reportFailure } from './exit.ts'
import { type CommonFlags, readCommonFlags, TAKEN } from './flags/common.ts'
import { flagsOfSource, isLocator } from './flags/from-schema.ts'
import { type Grammar, helpOf, parseWords } from './flags/parse.ts'
import { type Io, printLines } from './io.ts'
import { findRoute, type Route } from './route.ts'
import type { Target } from './target.ts'

/** Runs one command line and returns the exit code; every error is reported, none escapes. */
export async function runCli(argv: readonly string[], io: Io, signal: AbortSignal): Promise<ExitCode> {
  try {
    const route = findRoute(argv)
    if (route === undefined) return await welcome(argv, io)
    return await runRoute(route, io, signal)
  } catch (error) {
    return reportFailure(error, io, wantsJsonErrors(argv))
  }
}

async function runRoute(route: Route, io: Io, signal: AbortSignal): Promise<ExitCode> {
  const { command } = route
  const target = await targetOf(route, io)
  const grammar = grammarOf(command, target)
  if (route.wantsHelp) {
    io.stdout.write(helpOf(grammar, io))
    return EXIT.done
  }
  const parsed = parseWords(route.rest, grammar, io)
  const flags = await fillRootOptions(readCommonFlags(parsed.common.toOptions()), io)
  if (command.target === 'source' && target === undefined) {
    // No source of that name: an entry of the configuration, or all of them.
    const words = route.target === undefined ? parsed.operands : [route.target, ...parsed.operands]
    const { forEachEntry } = await import('./config/each.ts')
    const { run } = await command.load()
    return await forEachEntry({ io, flags, operands: words, signal }, run)
  }
  const missing = command.minOperands - parsed.operands.length
  if (command.target === 'none' && missing > 0) {
    const { missingOperand } = await import('./commands/missing.ts')
    throw missingOperand(command)
  }
  const call: Invocation = { io, flags, operands: parsed.operands, signal }
  const { run } = await command.load()
  if (target === undefined) return await run(call)
  const { configureTarget } = await import('./target.ts')
  const storage = await storageOf(target.locator ?? parsed.operands[0] ?? '', io)
  return await run({
    ...call,
    operands: [],
    collector: configureTarget(target, parsed.operands, parsed.source.toOptions(), io, storage),
  })
}

/** The storage that a locator names, so that its package loads only then. */
async function storageOf(locator: string, io: Io): Promise<Storage | undefined> {
  if (!locator.includes('://')) return undefined
  const { findStorage, schemesIn } = await import('./sources/storages.ts')
  const [scheme] = schemesIn(locator)
  return scheme === undefined ? undefined : (await findStorage(scheme, io.cwd))?.storage
}

/** `${env:NAME}` and `${file:path}` in `--root-options`, filled in. */
async function fillRootOptions(flags: CommonFlags, io: Io): Promise<CommonFlags> {
  if (Object.keys(flags.rootOptions).length === 0) return flags
  const { warnOfSecrets } = await import('./flags/secrets.ts')
  const { interpolate } = await import('./config/interpolate.ts')
  warnOfSecrets(['*'], flags.rootOptions, io)
  const filled = interpolate(flags.rootOptions, { env: io.env, folder: io.cwd }, 'rootOptions')
  return { ...flags, rootOptions: filled as CommonFlags['rootOptions'] }
}

async function targetOf(route: Route, io: Io): Promise<Target | undefined> {
  if (route.target === undefined || route.command.target === 'none') return undefined
  const { findTarget } = await import('./target.ts')
  if (route.command.name === 'collect') return await findTarget(route.target, io.cwd)
  const { isEntry } = await import('./config/each.ts')
  return (await isEntry(route.target, io)) ? undefined : await findTarget(route.target, io.cwd)
}

function grammarOf(command: CommandInfo, target: Target | undefined): Grammar {
  const verb = command.name === 'collect' ? '' : ` ${command.name}`
  const { summary, operands, maxOperands } = command
  if (target === undefined) {
    const usage = `omni-collect${verb}${operands === '' ? '' : ` ${operands}`}`
    return { command, usage, summary, maxOperands, sourceFlags: [] }
  }
  const { source } = target.loaded
  return {
    command,
    usage: `omni-collect${verb} ${target.locator === undefined ? `${source.name} <${source.locator}>` : `<${source.locator}>`}`,
    summary: command.name === 'collect' ? source.summary : summary,
    maxOperands: target.locator === undefined ? 1 : 0,
    sourceName: source.name,
    sourceFlags: flagsOfSource(source, TAKEN).filter((flag) => !isLocator(flag, source)),
  }
}

async function welcome(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { firstRun, overview } = await import('./view/welcome.ts')
  const wantsHelp = argv.some((word) => word === '--help' || word === '-h' || word === 'help')
  const flag = argv.find((word) => word.startsWith('-'))
  if (!wantsHelp && flag !== undefined) {
    const { missingTarget } = await import('./commands/missing.ts')
    throw missingTarget()
  }
  printLines(io.stdout, wantsHelp ? overview(io) : firstRun(io))
  return EXIT.done
}

/** Read by hand: the command line itself may be what is wrong. */
function wantsJsonErrors(argv: readonly string[]): boolean {
  return argv.some((word, i) =>
    word === '--output' ? argv[i + 1]?.endsWith('json') === true : /^--output=(nd)?json$/.test(word),
  )
}
