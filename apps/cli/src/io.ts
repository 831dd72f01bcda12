import type { Writable } from 'node:stream'
import { createTheme, type Theme, wantsColours } from './view/theme.ts'

/** One output of the program. */
export interface Out {
  write(text: string): void
  /** Someone looks at it: it can be redrawn. */
  readonly isTerminal: boolean
  /** Cells in a line. Where nobody looks, effectively unlimited. */
  readonly columns: number
  readonly theme: Theme
}

/** The program's surroundings, given to everything that prints or reads the environment. */
export interface Io {
  /** Results, and nothing else. */
  readonly stdout: Out
  /** Progress, notes and errors. */
  readonly stderr: Out
  /** A person can be asked. */
  readonly isInteractive: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly now: () => number
}

type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** The surroundings of this process. */
export function createProcessIo(): Io {
  const env = process.env
  return {
    stdout: createOut(process.stdout, env),
    stderr: createOut(process.stderr, env),
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    env,
    cwd: process.cwd(),
    now: Date.now,
  }
}

function createOut(stream: Stream, env: Io['env']): Out {
  const theme = createTheme(wantsColours(stream, env))
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true && env['TERM'] !== 'dumb',
    get columns() {
      return stream.isTTY === true ? (stream.columns ?? 80) : 1_000
    },
    theme,
  }
}

/** Prints lines, each ended. */
export function printLines(out: Out, lines: readonly string[]): void {
  if (lines.length > 0) out.write(`${lines.join('\n')}\n`)
}
