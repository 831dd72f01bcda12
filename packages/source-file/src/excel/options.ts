import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How a workbook is read. */
export interface ExcelOptions {
  /** Which sheets: a name, a number from 1, or `*` for all, hidden ones too. Default: the visible ones that hold cells. */
  readonly sheet?: string | undefined
  /** `values` (the default) gives what the cells hold, typed; `displayed` the text that Excel shows. */
  readonly cells?: 'values' | 'displayed' | undefined
}

export const excelOptions: OptionShape<ExcelOptions> = {
  sheet: z
    .string()
    .min(1)
    .optional()
    .describe('Excel: which sheet, by name or number from 1, or "*" for all. Default: all visible ones.'),
  cells: z
    .enum(['values', 'displayed'])
    .optional()
    .describe('Excel: values (default) gives what cells hold, typed; displayed the text that Excel shows.'),
}
