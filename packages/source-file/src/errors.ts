import { type Fault, type FaultInit, type FaultKind, fault, isFault, stopped } from '@omni/spec'

/** Codes of this package's faults; those of CSV are in its folder. */
export type FileCode =
  | 'file.empty'
  | 'file.changed'
  | 'file.short'
  | 'file.format.unknown'
  | 'file.truncated'
  | 'file.corrupt'
  | 'file.trailing'
  | 'file.bomb'
  | 'file.compression'
  | 'file.nesting'
  | 'file.member.ambiguous'
  | 'file.member.missing'
  | 'file.member.unneeded'
  | 'file.member.none'
  | 'file.member.many'
  | 'file.decode.timeout'
  | 'file.decode.memory'
  | 'file.decode.crash'
  | 'file.set.empty'
  | 'file.set.mixed'
  | 'file.set.pattern'
  | 'file.zip.path'
  | 'file.zip.encrypted'
  | 'file.zip.unsupported'
  | 'file.zip.corrupt'
  | 'file.tar.path'
  | 'file.tar.corrupt'
  | 'file.tar.unsupported'
  | 'file.records.path'
  | 'file.records.missing'
  | 'file.records.unneeded'
  | 'file.columns.missing'
  | 'file.option.unneeded'
  | 'file.table.missing'
  | 'file.sqlite.remote'
  | 'file.sqlite.log'
  | 'file.sqlite.package'
  | 'file.fixed.widths'
  | 'file.fixed.header'
  | 'file.log.pattern'
  | 'file.log.unknown'
  | 'file.html.encoding'
  | 'file.html.size'
  | 'file.html.depth'
  | 'file.html.none'
  | 'file.json.syntax'
  | 'file.json.utf8'
  | 'file.json.depth'
  | 'file.json.record-size'
  | 'file.parquet.truncated'
  | 'file.parquet.corrupt'
  | 'file.parquet.encrypted'
  | 'file.parquet.unsupported'
  | 'file.parquet.size'
  | 'file.parquet.archived'
  | 'file.parquet.row-groups'

/** Every fault of this package but those of a format's own folder: its kind, and what the person can do. */
const FAULTS: Readonly<Record<FileCode, readonly [FaultKind, string]>> = {
  'file.empty': ['data', 'Check the program that writes it; an empty file has no columns.'],
  'file.short': ['unavailable', 'Collect it again; if it stays so, the storage does not keep its word.'],
  'file.changed': ['unavailable', 'Collect it again when nothing writes to it any more.'],
  'file.format.unknown': [
    'unsupported',
    'Say what it is with --file-format (csv, json, fixed and so on), or convert it to a format that is read.',
  ],
  'file.truncated': ['data', 'Copy or download the file again, in full.'],
  'file.corrupt': ['data', 'Copy or download the file again; if it stays so, its writer made it wrong.'],
  'file.trailing': [
    'data',
    'Remove what follows the end of the compressed data, or compress the file again.',
  ],
  'file.bomb': ['data', 'If you trust the file, unpack it yourself and collect the result.'],
  'file.compression': ['unsupported', 'Unpack it first, or compress it with gzip or zstd.'],
  'file.nesting': ['unsupported', 'Unpack the outer layers first.'],
  'file.member.ambiguous': ['config', 'Choose those of one kind with --member, as in "*.csv".'],
  'file.member.missing': ['config', 'Choose one of its members with --member.'],
  'file.member.unneeded': ['config', 'Leave --member out; the file is not an archive.'],
  'file.member.none': ['data', 'Collect an archive that holds a data file.'],
  'file.member.many': ['unsupported', 'Choose some with --member "folder/*.csv", or unpack it first.'],
  'file.decode.timeout': [
    'data',
    'Do not trust the file; if you do, allow more time with --decode-timeout-ms.',
  ],
  'file.decode.memory': [
    'data',
    'Do not trust the file; if you do, allow more memory with --max-memory-bytes.',
  ],
  'file.decode.crash': ['data', 'Copy or download the file again; if it stays so, do not trust it.'],
  'file.set.empty': ['missing', 'Check the path and the pattern; names that begin with . or _ are left out.'],
  'file.set.mixed': ['config', 'Name the files of one kind with a pattern, as in "folder/**/*.csv".'],
  'file.set.pattern': ['unsupported', 'Name one file, or a folder of an object store.'],
  'file.zip.path': ['data', 'Do not trust this archive; ask its author for a clean one.'],
  'file.zip.encrypted': ['unsupported', 'Decrypt the archive first.'],
  'file.zip.unsupported': [
    'unsupported',
    'Unpack it with a tool that knows it, or pack it again as a plain zip.',
  ],
  'file.zip.corrupt': [
    'data',
    'Copy or download the archive again; if it stays so, its writer made it wrong.',
  ],
  'file.tar.unsupported': ['unsupported', 'Unpack it yourself, and collect the result.'],
  'file.tar.path': ['data', 'Do not trust this archive; ask its author for a clean one.'],
  'file.tar.corrupt': [
    'data',
    'Copy or download the archive again; if it stays so, its writer made it wrong.',
  ],
  'file.records.path': ['config', 'Write it as data.items, $.data.items or /data/items.'],
  'file.records.unneeded': ['config', 'Leave --records out, or say --file-format json.'],
  'file.records.missing': ['config', 'Look at the document, and correct --records.'],
  'file.columns.missing': ['config', 'Correct --columns; a part of a struct is named as address.city.'],
  'file.option.unneeded': ['config', 'Leave the option out, or say what the file is with --file-format.'],
  'file.table.missing': ['missing', 'Correct --table; discover lists the tables.'],
  'file.sqlite.remote': ['unsupported', 'Copy or unpack the database to a local disk first.'],
  'file.sqlite.log': [
    'unsupported',
    'Read it with omni-collect sqlite, or when the program that writes to it has closed it.',
  ],
  'file.sqlite.package': ['unsupported', 'Install it: npm install @omni/source-sqlite'],
  'file.fixed.widths': ['config', 'Say them with --widths, as in 10,8,12 or id:10,name:8.'],
  'file.fixed.header': [
    'config',
    'Correct --header, or say the places and the names with --widths, as in id:10,name:8.',
  ],
  'file.log.pattern': [
    'config',
    'Correct --pattern: common, combined, a log_format with $variables, or (?<name>…) groups.',
  ],
  'file.log.unknown': ['config', 'Say how the lines look with --pattern.'],
  'file.html.encoding': ['data', 'Correct the charset of the page, or convert it to UTF-8.'],
  'file.html.size': ['unsupported', 'Cut the page into smaller ones.'],
  'file.html.depth': ['unsupported', 'Flatten the page before collecting it.'],
  'file.html.none': [
    'data',
    'Collect a page that has a <table> with data; tables made of other elements are not read.',
  ],
  'file.json.syntax': ['data', 'Correct the document, or say what it is with --file-format.'],
  'file.json.utf8': [
    'data',
    'Convert the file to UTF-8, the only encoding JSON is exchanged in (RFC 8259, 8.1).',
  ],
  'file.json.depth': ['unsupported', 'Flatten the document before collecting it.'],
  'file.json.record-size': [
    'unsupported',
    'Name the array of records with --records, or use one line a record.',
  ],
  'file.parquet.truncated': ['data', 'Copy or download the file again, in full.'],
  'file.parquet.corrupt': [
    'data',
    'Copy or download the file again; if it stays so, its writer made it wrong.',
  ],
  'file.parquet.encrypted': ['unsupported', 'Decrypt it first.'],
  'file.parquet.unsupported': ['unsupported', 'Write the file again without it.'],
  'file.parquet.size': ['unsupported', 'Write the file again with smaller row groups and pages.'],
  'file.parquet.row-groups': ['config', 'Correct --row-groups; discover says how many there are.'],
  'file.parquet.archived': ['unsupported', 'Unpack it first: Parquet is read from its end.'],
}

/** The fault of that code; `why` says what and where, without a value of the data. */
export function fileFault(code: FileCode, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}

/** Node's file system codes, https://nodejs.org/api/errors.html#common-system-errors. */
const SYSTEM: Readonly<Record<string, readonly [FaultKind, string, string, string]>> = {
  ENOENT: ['missing', 'file.missing', 'There is no such file.', 'Check the path.'],
  ENOTDIR: ['missing', 'file.missing', 'A part of the path is not a folder.', 'Check the path.'],
  EISDIR: ['config', 'file.is-folder', 'The path is a folder.', 'Name a file in it, or the folder itself.'],
  EACCES: ['auth', 'file.permission', 'The file may not be read.', 'Give yourself the right to read it.'],
  EPERM: ['auth', 'file.permission', 'The file may not be read.', 'Give yourself the right to read it.'],
  EMFILE: ['unavailable', 'file.handles', 'Too many files are open.', 'Close some, or raise the limit.'],
  EIO: ['unavailable', 'file.io', 'The disk did not answer.', 'Try again; check the disk.'],
}

/** What a system error means; undefined when it is not known. */
export function classify(error: unknown): (Omit<FaultInit, 'kind'> & { kind: FaultKind }) | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const row = SYSTEM[code]
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
