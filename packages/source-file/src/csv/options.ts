import { z } from 'zod'
import type { OptionShape } from '../option-shape.ts'

/** How delimited text is read; what is left out is detected. */
export interface CsvOptions {
  /** Text encoding, as a WHATWG label, or utf-32le, utf-32be. Default: what the bytes look like. */
  readonly encoding?: string | undefined
  /** What stands between fields; `tab`, or any characters. */
  readonly delimiter?: string | undefined
  /** The character around fields; empty for none. */
  readonly quote?: string | undefined
  /** The character that makes the next one ordinary; empty for none but a doubled quote. */
  readonly escape?: string | undefined
  /** Whether the first row holds the column names; a number where several rows do. Default `auto`. */
  readonly header: 'auto' | 'yes' | 'no' | number
  /** Lines above the table that are passed over. */
  readonly skipLines?: number | undefined
  /** What a line begins with that is a comment; empty for none. */
  readonly comment?: string | undefined
  /**
   * `infer`, which is `exact` too, finds column types that keep every value as it is; `text` keeps all columns text;
   * anything else is a JSON schema of types, or the path of one.
   */
  readonly types: string
  /** The text that stands for null, besides nothing at all between two delimiters. */
  readonly nullText?: string | undefined
  /** Whether a record that does not fit is read in the one way that fits. Default yes. */
  readonly repair?: 'yes' | 'no' | undefined
}

export const csvOptions: OptionShape<CsvOptions> = {
  encoding: z
    .string()
    .min(1)
    .optional()
    .describe('CSV, TSV: text encoding, as in windows-1252 or shift_jis. Default: what the bytes look like.'),
  delimiter: z.string().min(1).max(8).optional().describe('CSV: what stands between fields, or "tab".'),
  quote: z.string().max(1).optional().describe('CSV: the character around fields; empty for none.'),
  escape: z
    .string()
    .max(1)
    .optional()
    .describe('CSV: the character before a quote within quotes, as in \\; empty for a doubled quote.'),
  header: z
    .union([z.enum(['auto', 'yes', 'no']), z.number().int().min(0).max(100)])
    .default('auto')
    .describe(
      'CSV, Excel, HTML, fixed width: whether the first row holds the column names; a number for several rows of them.',
    ),
  skipLines: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .optional()
    .describe('CSV, Excel, fixed width: lines above the table to pass over.'),
  comment: z
    .string()
    .max(1)
    .optional()
    .describe('CSV: what a comment line begins with, as in #; empty for none.'),
  types: z
    .string()
    .min(1)
    .default('infer')
    .describe(
      'CSV: infer or exact finds types that keep every value as it is; text keeps all columns text; else a JSON schema or its path.',
    ),
  nullText: z.string().optional().describe('CSV: the text that stands for null, as in NULL or \\N.'),
  repair: z
    .enum(['yes', 'no'])
    .optional()
    .describe(
      'CSV: no quarantines every record that does not fit, even when it can be read in one way only.',
    ),
}
