import { type Fault, type FaultInit, type FaultKind, fault, isFault, stopped } from '@omni/spec'

/** Codes of this package's own faults. */
export type SqliteCode =
  | 'sqlite.remote'
  | 'sqlite.folder'
  | 'sqlite.table.missing'
  | 'sqlite.query'
  | 'sqlite.columns'

const FAULTS: Readonly<Record<SqliteCode, readonly [FaultKind, string]>> = {
  'sqlite.remote': ['unsupported', 'Copy the database to a local disk first.'],
  'sqlite.folder': ['config', 'Name the database file in it.'],
  'sqlite.table.missing': ['missing', 'Correct the name; discover lists the tables and views.'],
  'sqlite.query': ['config', 'Give one SELECT, as it runs in the sqlite3 shell.'],
  'sqlite.columns': ['data', 'Give every column of the query a name of its own, with AS.'],
}

/** The fault of that code; `why` says what and where, without a value of the data. */
export function sqliteFault(code: SqliteCode, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}

type Known = Omit<FaultInit, 'kind'> & { readonly kind: FaultKind }

/** Primary result codes, https://www.sqlite.org/rescode.html */
const RESULTS: Readonly<Record<number, readonly [FaultKind, string, string, string]>> = {
  1: ['config', 'sqlite.query', 'SQLite does not accept the statement.', FAULTS['sqlite.query'][1]],
  3: ['auth', 'sqlite.permission', 'The database may not be read.', 'Give yourself the right to read it.'],
  5: ['unavailable', 'sqlite.busy', 'Another process is writing to the database.', 'Try again later.'],
  6: ['unavailable', 'sqlite.busy', 'A table of the database is locked.', 'Try again later.'],
  7: ['unavailable', 'sqlite.memory', 'SQLite has no more memory.', 'Read less at once, or give it more.'],
  8: [
    'unsupported',
    'sqlite.recovery',
    'The database was not closed properly, and needs to be repaired by writing to it.',
    'Open it once with the program that it belongs to, or with the sqlite3 shell.',
  ],
  9: ['aborted', 'run.aborted', 'The run was stopped.', 'Run it again.'],
  10: ['unavailable', 'sqlite.io', 'The disk did not answer.', 'Try again; check the disk.'],
  11: [
    'data',
    'sqlite.corrupt',
    'The database is damaged.',
    'Restore it, or try .recover of the sqlite3 shell.',
  ],
  14: [
    'auth',
    'sqlite.open',
    'The database cannot be opened.',
    'Check the rights to the file and its folder.',
  ],
  18: [
    'unsupported',
    'sqlite.size',
    'A value is larger than SQLite gives.',
    'Leave that column out with --query.',
  ],
  23: ['auth', 'sqlite.permission', 'The statement is not allowed.', FAULTS['sqlite.query'][1]],
  26: [
    'data',
    'sqlite.not-a-database',
    'The file is no SQLite database, or is encrypted.',
    'Check the path; decrypt the file first.',
  ],
}

/** What an error of node:sqlite means; undefined when it is not known. */
export function classify(error: unknown): Known | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  const row = RESULTS[Number(error.errcode) & 0xff]
  return row && { kind: row[0], code: row[1], why: row[2], fix: row[3], cause: error }
}

/** An error as the fault that leaves this package; what is not known stays as it is. */
export function toFault(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted && !(isFault(error) && error.kind === 'aborted')) {
    return stopped()
  }
  if (isFault(error)) return error
  const known = classify(error)
  return known ? fault(known) : error
}
