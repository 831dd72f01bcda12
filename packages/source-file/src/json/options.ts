import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How JSON is read. */
export interface JsonOptions {
  /** Where the records are, as `data.items`, `$.data.items` or `/data/items`; of XML the element that is a record. */
  readonly records?: string | undefined
}

export const jsonOptions: OptionShape<JsonOptions> = {
  records: z
    .string()
    .optional()
    .describe('JSON, XML: where the records are, as data.items, $.data.items or /data/items.'),
}
