import type { Collector } from '@omni/core'
import type { ExitCode } from '../exit.ts'
import type { CommonFlags } from '../flags/common.ts'
import type { Io } from '../io.ts'

/** One call of a command, read from the command line. */
export interface Invocation {
  readonly io: Io
  readonly flags: CommonFlags
  /** What is left after the target: a dataset, a reference, a configuration. */
  readonly operands: readonly string[]
  /** The configured source, for commands with a target. */
  readonly collector?: Collector | undefined
  readonly signal: AbortSignal
}

/** What a command's module exports. */
export type Run = (call: Invocation) => Promise<ExitCode>
