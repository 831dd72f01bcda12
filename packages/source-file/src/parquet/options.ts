import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How Parquet is read. */
export interface ParquetOptions {
  /** Row groups to read, counted from 0, as `0-3,7`. */
  readonly rowGroups?: string | undefined
}

export const parquetOptions: OptionShape<ParquetOptions> = {
  rowGroups: z
    .string()
    .regex(/^\s*\d{1,9}(?:\s*-\s*\d{1,9})?(?:\s*,\s*\d{1,9}(?:\s*-\s*\d{1,9})?)*\s*$/, {
      error: 'Write row groups as 0-3,7.',
    })
    .optional()
    .describe('Parquet: row groups to read, counted from 0, as 0-3,7. Default: all.'),
}
