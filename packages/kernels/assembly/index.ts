export { bool, decimal, float64, int64, kinds, nullCount, slowCount, text, time } from './columns'
export { configure, split } from './csv'
export { jsonConfigure, jsonIsWide, jsonPack, jsonRun, jsonShift, jsonTruncate } from './json'
export { indexCsv, sweep } from './sweep'

/** First byte of memory that nothing static uses; the caller lays out its buffers from here. */
export function heapBase(): usize {
  return __heap_base
}
