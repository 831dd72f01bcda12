import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How ORC is read. */
export interface OrcOptions {
  /** Stripes to read, counted from 0, as `0-3,7`. */
  readonly stripes?: string | undefined
  /** Time zone in which the file was written, for files so old that they do not say it. */
  readonly writerZone?: string | undefined
}

export const orcOptions: OptionShape<OrcOptions> = {
  stripes: z
    .string()
    .regex(/^\s*\d{1,9}(?:\s*-\s*\d{1,9})?(?:\s*,\s*\d{1,9}(?:\s*-\s*\d{1,9})?)*\s*$/, {
      error: 'Write stripes as 0-3,7.',
    })
    .optional()
    .describe('ORC: stripes to read, counted from 0, as 0-3,7. Default: all.'),
  writerZone: z
    .string()
    .min(1)
    .optional()
    .describe('ORC: time zone of the writer, for old files that do not say it. Default: UTC.'),
}
