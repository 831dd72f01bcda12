import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How delimited text is read; what is left out is detected. */
export interface CsvOptions {
  /** Text encoding, as a WHATWG label. Default: by byte order mark, else UTF-8. */
  readonly encoding?: string | undefined
  /** The character between fields; `tab`, or one character. */
  readonly delimiter?: string | undefined
  /** The character around fields; empty for none. */
  readonly quote?: string | undefined
  /** Whether the first row holds the column names. Default `auto`. */
  readonly header: 'auto' | 'yes' | 'no'
  /** `infer` finds column types that keep every value as it is; `text` keeps all columns text. */
  readonly types: 'infer' | 'text'
  /** The text that stands for null, besides nothing at all between two delimiters. */
  readonly nullText?: string | undefined
}

export const csvOptions: OptionShape<CsvOptions> = {
  encoding: z
    .string()
    .min(1)
    .optional()
    .describe('CSV, TSV: text encoding, as in windows-1252. Default: byte order mark, else UTF-8.'),
  delimiter: z.string().min(1).optional().describe('CSV: the character between fields, or "tab".'),
  quote: z.string().max(1).optional().describe('CSV: the character around fields; empty for none.'),
  header: z
    .enum(['auto', 'yes', 'no'])
    .default('auto')
    .describe('CSV: whether the first row holds the column names.'),
  types: z
    .enum(['infer', 'text'])
    .default('infer')
    .describe('CSV: infer finds types that keep every value as it is; text keeps all columns text.'),
  nullText: z.string().optional().describe('CSV: the text that stands for null, as in NULL or \\N.'),
}
