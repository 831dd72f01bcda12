import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How fixed-width text is read. */
export interface FixedOptions {
  /** Characters of each column, as `10,8,12`, or with names `id:10,name:8`. */
  readonly widths?: string | undefined
}

export const fixedOptions: OptionShape<FixedOptions> = {
  widths: z
    .string()
    .regex(/^\s*(?:[^,:]+:)?\s*\d{1,6}\s*(?:,\s*(?:[^,:]+:)?\s*\d{1,6}\s*)*$/, {
      error: 'Write widths as 10,8,12 or id:10,name:8.',
    })
    .optional()
    .describe('Fixed width: characters of each column, as 10,8,12 or id:10,name:8. Default: from the lines.'),
}
