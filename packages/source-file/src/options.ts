import { z } from 'zod'
import { type ColumnarOptions, columnarOptions } from './columnar-options.ts'
import { type CsvOptions, csvOptions } from './csv/options.ts'
import { type JsonOptions, jsonOptions } from './json/options.ts'
import { type OrcOptions, orcOptions } from './orc/options.ts'
import { type ParquetOptions, parquetOptions } from './parquet/options.ts'

/** What a file can be read as. */
const FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'parquet', 'orc'] as const

/** What a file is read as; `auto` looks at its bytes and then its name. */
export type FormatName = (typeof FORMATS)[number]

/** How to read a file. Only `path` is needed; everything else is detected. */
export interface FileOptions extends CsvOptions, JsonOptions, ColumnarOptions, ParquetOptions, OrcOptions {
  /** Local path or URL of the file. */
  readonly path: string
  /** What the file is read as. Default `auto`. */
  readonly format: FormatName | 'auto'
  /** Which file of an archive: its name, or a glob with `*`, `**` and `?` that fits exactly one. */
  readonly member?: string | undefined
  /** Options of the storage that holds it: what `omni-collect sources s3` lists. */
  readonly storageOptions?: Readonly<Record<string, unknown>> | undefined
}

/** Options as a person writes them: only the path is required. */
export type FileInput = Pick<FileOptions, 'path'> & {
  readonly [Name in keyof FileOptions]?: FileOptions[Name] | undefined
}

/** Validates {@link FileOptions}; flags and help are generated from its JSON Schema. */
export const options: z.ZodType<FileOptions, FileInput> = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe(
      'Local path or URL of the file (CSV, TSV, JSON, NDJSON, Parquet; compressed; in a zip or tar).',
    ),
  format: z
    .enum(['auto', ...FORMATS])
    .default('auto')
    .describe('What the file is read as; auto looks at its bytes.'),
  member: z
    .string()
    .min(1)
    .optional()
    .describe('Which file of an archive: a name, or a glob such as "*.csv".'),
  storageOptions: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('An option of the object store, as in region=eu-central-1.'),
  ...csvOptions,
  ...jsonOptions,
  ...columnarOptions,
  ...parquetOptions,
  ...orcOptions,
})
