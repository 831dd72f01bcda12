import { z } from 'zod'
import { type ColumnarOptions, columnarOptions } from './columnar-options.ts'
import { type CsvOptions, csvOptions } from './csv/options.ts'
import { type ExcelOptions, excelOptions } from './excel/options.ts'
import { type FixedOptions, fixedOptions } from './fixed/options.ts'
import { type JsonOptions, jsonOptions } from './json/options.ts'
import { type LogOptions, logOptions } from './log/options.ts'
import { type OrcOptions, orcOptions } from './orc/options.ts'
import { type ParquetOptions, parquetOptions } from './parquet/options.ts'
import { type TableOptions, tableOptions } from './table-options.ts'

/** What a file can be read as. */
const FORMATS = [
  'csv',
  'tsv',
  'json',
  'ndjson',
  'parquet',
  'orc',
  'arrow',
  'xml',
  'avro',
  'excel',
  'sqlite',
  'fixed',
  'log',
  'html',
] as const

/** What a file is read as; `auto` looks at its bytes and then its name. */
export type FormatName = (typeof FORMATS)[number]

/** How to read files. Only `path` is needed; everything else is detected. */
export interface FileOptions
  extends CsvOptions,
    JsonOptions,
    ColumnarOptions,
    ParquetOptions,
    OrcOptions,
    ExcelOptions,
    TableOptions,
    FixedOptions,
    LogOptions {
  /** Local path or URL of a file, a folder, or a pattern of files as `data/*.csv`. */
  readonly path: string
  /** What the file is read as. Default `auto`. */
  readonly format: FormatName | 'auto'
  /** Which files of an archive: a name, or a glob with `*`, `**` and `?`. Several become streams. */
  readonly member?: string | undefined
  /** Options of the storage that holds it: what `omni-collect sources s3` lists. */
  readonly storageOptions?: Readonly<Record<string, unknown>> | undefined
  /** `auto` makes columns of folders called `name=value`, as Hive does; `none` does not. Default `auto`. */
  readonly partitions: 'auto' | 'none'
  /** Milliseconds for which a decoder may give no sign of life. Default 30,000. */
  readonly decodeTimeoutMs: number
  /** Bytes of memory that a decoder may use. Default 1 GiB. */
  readonly maxMemoryBytes: number
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
    .describe('Local path or URL of a file, a folder, or a pattern of files such as "data/**/*.csv".'),
  format: z
    .enum(['auto', ...FORMATS])
    .default('auto')
    .describe('What the file is read as; auto looks at its bytes.'),
  member: z
    .string()
    .min(1)
    .optional()
    .describe('Which files of an archive: a name, or a glob such as "*.csv".'),
  storageOptions: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('An option of the object store, as in region=eu-central-1.'),
  partitions: z
    .enum(['auto', 'none'])
    .default('auto')
    .describe('Folders called name=value, as Hive writes them: auto makes columns of them, none does not.'),
  decodeTimeoutMs: z
    .int()
    .min(100)
    .default(30_000)
    .describe('Milliseconds for which a decoder may give no sign of life before it is stopped.'),
  maxMemoryBytes: z
    .int()
    .min(64 * 2 ** 20)
    .default(2 ** 30)
    .describe('Bytes of memory that a decoder may use before it is stopped.'),
  ...csvOptions,
  ...jsonOptions,
  ...columnarOptions,
  ...parquetOptions,
  ...orcOptions,
  ...excelOptions,
  ...tableOptions,
  ...fixedOptions,
  ...logOptions,
})
