import { z } from 'zod'

/** What a file is read as; `auto` looks at its bytes and then its name. */
export type FormatName = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet'

/** How to read a file. Only `path` is needed; everything else is detected. */
export interface FileOptions {
  /** Local path or URL of the file. */
  readonly path: string
  /** What the file is read as. Default `auto`. */
  readonly format: FormatName | 'auto'
  /** Which file of an archive: its name, or a glob with `*`, `**` and `?` that fits exactly one. */
  readonly member?: string | undefined
  /** JSON: where the records are, as `data.items`, `$.data.items` or `/data/items`. */
  readonly records?: string | undefined
  /** Text encoding of CSV and TSV, as a WHATWG label. Default: by byte order mark, else UTF-8. */
  readonly encoding?: string | undefined
  /** CSV: the character between fields; `tab`, or one character. */
  readonly delimiter?: string | undefined
  /** CSV: the character around fields; empty for none. */
  readonly quote?: string | undefined
  /** CSV: whether the first row holds the column names. Default `auto`. */
  readonly header: 'auto' | 'yes' | 'no'
  /** CSV: `infer` finds column types that keep every value as it is; `text` keeps all columns text. */
  readonly types: 'infer' | 'text'
  /** CSV: the text that stands for null, besides nothing at all between two delimiters. */
  readonly nullText?: string | undefined
}

/** Options as a person writes them: only the path is required. */
export type FileInput = Pick<FileOptions, 'path'> & {
  readonly [Name in keyof FileOptions]?: FileOptions[Name] | undefined
}

const FORMATS = ['auto', 'csv', 'tsv', 'json', 'ndjson', 'parquet'] as const

/** Validates {@link FileOptions}; flags and help are generated from its JSON Schema. */
export const options: z.ZodType<FileOptions, FileInput> = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe('Local path or URL of the file (CSV, TSV, JSON, NDJSON, Parquet; gzip, zstd; zip, tar).'),
  format: z.enum(FORMATS).default('auto').describe('What the file is read as; auto looks at its bytes.'),
  member: z
    .string()
    .min(1)
    .optional()
    .describe('Which file of an archive: a name, or a glob such as "*.csv".'),
  records: z
    .string()
    .optional()
    .describe('JSON: where the array of records is, as data.items, $.data.items or /data/items.'),
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
})
