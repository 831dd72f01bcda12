import { runCli } from './cli.ts'
import { createProcessIo } from './io.ts'

const GRACE_MS = 2_000
const SIGNAL_EXIT: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 }

/** Runs one command line in this process: signals, closed pipes, the exit code. */
export async function runProcess(argv: readonly string[]): Promise<void> {
  followPackageScript()
  const stopped = new AbortController()
  const stop = (name: NodeJS.Signals): void => {
    if (stopped.signal.aborted) process.exit(SIGNAL_EXIT[name] ?? 3)
    stopped.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // `omni-collect ls | head` closes the pipe early: that is no failure.
      process.exit(error.code === 'EPIPE' ? 0 : 1)
    })
  }
  const exitCode = await runCli(argv, createProcessIo(), stopped.signal)
  process.off('SIGINT', stop)
  process.off('SIGTERM', stop)
  process.exitCode = exitCode
  endSoon()
}

/** A source that leaves a socket open must not keep the shell waiting; what is printed is still written out. */
function endSoon(): void {
  setTimeout(() => {
    if (process.stdout.writableLength + process.stderr.writableLength > 0) endSoon()
    else process.exit()
  }, GRACE_MS).unref()
}

/**
 * `pnpm omni-collect …` starts this program in the root of the workspace; the person is elsewhere. Package
 * managers say where in INIT_CWD. Inside any other script, the working folder is what its author chose.
 */
function followPackageScript(): void {
  const folder = process.env['INIT_CWD']
  if (process.env['npm_lifecycle_event'] === 'omni-collect' && folder) process.chdir(folder)
}
