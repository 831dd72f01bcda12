import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How log lines are read. */
export interface LogOptions {
  /** `common`, `combined`, a `log_format` of nginx, or a regular expression with named groups. */
  readonly pattern?: string | undefined
}

export const logOptions: OptionShape<LogOptions> = {
  pattern: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'Log lines: common, combined, a log_format of nginx ("$remote_addr [$time_local] $status"), or a regular expression with named groups.',
    ),
}
