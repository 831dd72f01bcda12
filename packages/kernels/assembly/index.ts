export { bool, decimal, float64, int64, kinds, nullCount, slowCount, text, time } from './columns'
export { configure, split } from './csv'
export { rowsAlone, rowsStarting } from './csv-rows'
export { jsonConfigure, jsonRun, jsonTruncate } from './json'
export { jsonIsWide, jsonPack, jsonShift } from './json-pack'
export { pagesBegin, pagesLength, pagesPlaces, pagesSize } from './page-dictionary'
export { pagesHybrid } from './page-hybrid'
export { pagesBytes, pagesDecimals, pagesWords } from './page-values'
export { indexCsv, sweep } from './sweep'
export { utf16Read, utf16ToUtf8 } from './utf16'

/** First byte of memory that nothing static uses; the caller lays out its buffers from here. */
export function heapBase(): usize {
  return __heap_base
}
