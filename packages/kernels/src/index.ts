export type {
  CsvDialect,
  CsvFixed,
  CsvInsert,
  CsvKinds,
  CsvPiece,
  CsvRecord,
  CsvRejected,
  CsvSplit,
  CsvSplitter,
  CsvText,
  CsvType,
} from './csv.ts'
export { KIND, MAX_ROWS } from './csv.ts'
export type { JsonColumn, JsonDecoder, JsonKind, JsonMode, JsonNode, JsonRun, JsonStop } from './json.ts'
export { listNodes } from './json.ts'
export type { Kernels } from './kernels.ts'
export { loadKernels, loadKernelsSync, twins } from './load.ts'
export type { PageBlock, PageDictionary, PageEncoder, PageShape, PageValues } from './pages.ts'
export type { Utf16Decoder } from './utf16.ts'
