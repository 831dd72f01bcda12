import { type Fault, type FaultKind, fault } from '@omni/spec'

type CsvCode =
  | 'file.csv.delimiter'
  | 'file.csv.quote'
  | 'file.csv.escape'
  | 'file.csv.comment'
  | 'file.csv.types'
  | 'file.csv.encoding'
  | 'file.csv.encoding.broken'
  | 'file.csv.header'
  | 'file.csv.record-size'
  | 'file.csv.changed'

const FAULTS: Readonly<Record<CsvCode, readonly [FaultKind, string]>> = {
  'file.csv.delimiter': ['config', 'Give the characters between two fields, or "tab".'],
  'file.csv.escape': ['config', 'Give one ASCII mark other than quote and delimiter, or nothing for none.'],
  'file.csv.comment': ['config', 'Give one ASCII character, as in "#", or nothing for none.'],
  'file.csv.types': [
    'config',
    'Write {"columns": {"id": "int64", "price": "decimal(18,4)", "day": "date"}}.',
  ],
  'file.csv.quote': ['config', 'Give one ASCII character other than the delimiter, or nothing for none.'],
  'file.csv.encoding': ['config', 'Name the encoding the file was written in, as in windows-1252.'],
  'file.csv.encoding.broken': [
    'data',
    'Name the encoding with --encoding, or write the file again as UTF-8.',
  ],
  'file.csv.header': ['data', 'Name the encoding with --encoding, or say --header no.'],
  'file.csv.record-size': [
    'data',
    'Look for a quote without its pair there, or switch quotes off with --quote "".',
  ],
  'file.csv.changed': ['unavailable', 'Collect it again when nothing writes to it any more.'],
}

/** The fault of that code; `why` says what and where, without a value of the data. */
export function csvFault(code: CsvCode, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}
