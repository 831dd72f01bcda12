import type { Format } from '../format.ts'
import { decodeExcel } from './decode.ts'
import { describeExcel, excelTables } from './describe.ts'

/** Workbooks: .xlsx by a reader of our own (ECMA-376), .xls, .xlsb, .ods and XML 2003 through SheetJS. */
export const excel: Format = {
  access: 'random',
  tables: excelTables,
  describe: describeExcel,
  decode: decodeExcel,
}
