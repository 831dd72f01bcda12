import { z } from 'zod'
import type { OptionShape } from './option-shape.ts'

/** What formats with several tables in a file (SQLite, HTML) have in common. */
export interface TableOptions {
  /** One of the tables in a file, by name or by number from 1. */
  readonly table?: string | undefined
}

export const tableOptions: OptionShape<TableOptions> = {
  table: z
    .string()
    .min(1)
    .optional()
    .describe('SQLite, HTML: which table of the file, by name or by number from 1. Default: all.'),
}
