import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How JSON is read. */
export interface JsonOptions {
  /** Where the records are, as `data.items`, `$.data.items` or `/data/items`. */
  readonly records?: string | undefined
}

export const jsonOptions: OptionShape<JsonOptions> = {
  records: z
    .string()
    .optional()
    .describe('JSON: where the array of records is, as data.items, $.data.items or /data/items.'),
}
