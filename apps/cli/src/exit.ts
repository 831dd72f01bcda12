import { type Fault, type FaultKind, fault, isFault } from '@omni/core'
import { type Io, printLines } from './io.ts'
import { printable } from './view/theme.ts'

/** What the process ends with. */
export const EXIT = {
  done: 0,
  bug: 1,
  /** The user can fix it, or try again. */
  fixable: 2,
  aborted: 3,
  /** Done, with quarantined records. */
  quarantined: 4,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The exit code for a kind of fault. */
export function exitCodeOf(kind: FaultKind): ExitCode {
  if (kind === 'bug') return EXIT.bug
  return kind === 'aborted' ? EXIT.aborted : EXIT.fixable
}

const SYSTEM_ERRORS: Readonly<Record<string, readonly [kind: FaultKind, why: string, fix: string]>> = {
  EACCES: [
    'auth',
    'A file or folder may not be read or written.',
    'Change its permissions, or use another `--root`.',
  ],
  EPERM: [
    'auth',
    'The system refused an operation on a file.',
    'Change its permissions, or use another `--root`.',
  ],
  EROFS: ['auth', 'The file system is read-only.', 'Use another `--root`.'],
  ENOSPC: [
    'unavailable',
    'The disk is full.',
    'Free some space, then run it again; nothing was left behind.',
  ],
  EDQUOT: ['unavailable', 'The disk quota is used up.', 'Free some space, then run it again.'],
  EMFILE: ['unavailable', 'Too many files are open.', 'Raise the limit (`ulimit -n`), then run it again.'],
  EIO: ['unavailable', 'The disk reported an error.', 'Check the disk, then run it again.'],
}

/** Any error as a fault. What is not classified is our defect, and its message, which may quote data, is not shown. */
export function toFault(error: unknown): Fault {
  if (isFault(error)) return error
  const code = (error as { code?: unknown } | null)?.code
  const known = typeof code === 'string' ? SYSTEM_ERRORS[code] : undefined
  if (known !== undefined) {
    const [kind, why, fix] = known
    return fault({ kind, code: `system.${String(code).toLowerCase()}`, why, fix, cause: error })
  }
  const name = error instanceof Error ? error.name : typeof error
  return fault({
    kind: 'bug',
    code: 'cli.unexpected',
    why: `Something went wrong inside omni-collect (${printable(name)}).`,
    fix: 'Run it again with OMNI_DEBUG=1, and report what it prints.',
    cause: error,
  })
}

/**
 * Tells a person, or with `--output json` a program, what went wrong; returns the exit code. `collector` is the
 * entry of the configuration that it happened to, when there are several.
 */
export function reportFailure(error: unknown, io: Io, asJson: boolean, collector?: string): ExitCode {
  const { kind, code, why, fix, cause } = toFault(error)
  const exitCode = exitCodeOf(kind)
  if (asJson) {
    const which = collector === undefined ? {} : { collector }
    io.stderr.write(`${JSON.stringify({ ...which, error: { kind, code, why, fix } })}\n`)
  } else {
    const { bad, warn, dim } = io.stderr.theme
    const head = kind === 'aborted' ? warn('stopped') : bad('error')
    const pad = kind === 'aborted' ? 7 : 5
    printLines(io.stderr, [
      `${head}  ${collector === undefined ? '' : `${printable(collector)}: `}${printable(why)}`,
      `${dim('fix'.padStart(pad))}  ${printable(fix)}`,
      `${dim('code'.padStart(pad))}  ${dim(code)}`,
    ])
  }
  if (io.env['OMNI_DEBUG'] === '1') printDebug(error, cause, io)
  return exitCode
}

// Only on request: a stack and a driver's message may quote the data.
function printDebug(error: unknown, cause: unknown, io: Io): void {
  for (const item of [error, cause]) {
    if (item instanceof Error) printLines(io.stderr, [item.stack ?? String(item)])
  }
}
