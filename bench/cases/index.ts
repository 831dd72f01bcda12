import { avroFile, orc, xlsx, zippedCsv } from './packed.ts'
import { clean, ndjson, quoted, ragged, utf16 } from './text.ts'

/** One kind of input, and the lanes that can read it. */
export interface Case {
  readonly title: string
  readonly suffix: string
  /** Writes about that many bytes (before packing); the number of rows, or undefined where it cannot be made here. */
  readonly generate: (path: string, bytes: number) => number | undefined | Promise<number | undefined>
  /** The first is the one that others are compared with. */
  readonly lanes: readonly string[]
}

const CSV_LANES = ['omni', 'omni, no mask', 'duckdb', 'duckdb, regexp_replace', 'rows, csv-parse'] as const

export const CASES: Readonly<Record<string, Case>> = {
  csv: { title: 'CSV', suffix: '.csv', generate: clean, lanes: CSV_LANES },
  quoted: { title: 'CSV, 20 % quoted', suffix: '.csv', generate: quoted, lanes: CSV_LANES },
  ragged: { title: 'CSV, ragged', suffix: '.csv', generate: ragged, lanes: CSV_LANES },
  utf16: { title: 'CSV, UTF-16', suffix: '.csv', generate: utf16, lanes: CSV_LANES },
  zip: { title: 'CSV in a zip', suffix: '.zip', generate: zippedCsv, lanes: ['omni', 'rows, csv-parse'] },
  ndjson: {
    title: 'NDJSON',
    suffix: '.ndjson',
    generate: ndjson,
    lanes: ['omni', 'omni, no mask', 'duckdb', 'duckdb, regexp_replace', 'rows, JSON.parse'],
  },
  xlsx: {
    title: 'XLSX, 20 columns',
    suffix: '.xlsx',
    generate: xlsx,
    lanes: ['omni', 'omni, read only', 'exceljs', 'sheetjs'],
  },
  avro: {
    title: 'Avro, deflate',
    suffix: '.avro',
    generate: avroFile,
    lanes: ['omni', 'omni, read only', 'avsc'],
  },
  orc: { title: 'ORC, zstd', suffix: '.orc', generate: orc, lanes: ['omni', 'omni, read only'] },
}
