import { type Fault, type FaultKind, fault } from '@omni/spec'

type ExcelCode =
  | 'file.excel.access'
  | 'file.excel.none'
  | 'file.excel.encrypted'
  | 'file.excel.corrupt'
  | 'file.excel.xml'
  | 'file.excel.entities'
  | 'file.excel.range'
  | 'file.excel.size'
  | 'file.excel.sheet'
  | 'file.excel.types'
  | 'file.excel.empty'
  | 'file.excel.changed'

const AGAIN = 'Open it in Excel or LibreOffice and save it again; if that fails, its writer made it wrong.'

const FAULTS: Readonly<Record<ExcelCode, readonly [FaultKind, string]>> = {
  'file.excel.access': ['unsupported', 'Unpack it first: a workbook is read here and there.'],
  'file.excel.none': [
    'unsupported',
    'Save what it holds as .xlsx or .csv, or say what it is with --file-format.',
  ],
  'file.excel.encrypted': ['unsupported', 'Remove the password in Excel, and save it again.'],
  'file.excel.corrupt': ['data', AGAIN],
  'file.excel.xml': ['data', AGAIN],
  'file.excel.entities': ['data', 'Do not trust this workbook; ask its author for a clean one.'],
  'file.excel.range': ['data', AGAIN],
  'file.excel.size': ['unsupported', 'Save it as .xlsx, or split it.'],
  'file.excel.sheet': ['config', 'Choose one with --sheet: a name, a number from 1, or "*" for all.'],
  'file.excel.types': [
    'config',
    'Say --types infer, exact or text: a workbook says itself what its cells are.',
  ],
  'file.excel.empty': [
    'data',
    'Collect a workbook whose sheets hold cells, or name a hidden sheet with --sheet.',
  ],
  'file.excel.changed': ['unavailable', 'Collect it again when nothing writes to it any more.'],
}

/** The fault of that code; `why` says what and where, without a value of the data. */
export function excelFault(code: ExcelCode, why: string, cause?: unknown): Fault {
  const [kind, fix] = FAULTS[code]
  return fault({ kind, code, why, fix, ...(cause === undefined ? {} : { cause }) })
}
