import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How ORC is read. */
export interface OrcOptions {
  /** Time zone in which the file was written, for files so old that they do not say it. */
  readonly writerZone?: string | undefined
}

export const orcOptions: OptionShape<OrcOptions> = {
  writerZone: z
    .string()
    .min(1)
    .optional()
    .describe('ORC: time zone of the writer, for old files that do not say it. Default: UTC.'),
}
