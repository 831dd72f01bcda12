export { type BatchBuilder, createBatchBuilder, encodeRows } from './batch-builder.ts'
export { bitAt, bitBytes, clearBit, copyBits, countOnes, fillBits, setBit, sliceBits } from './bits.ts'
export type { BytesBuilder } from './build-bytes.ts'
export type { ColumnBuilder } from './builder.ts'
export { canonicalBytes } from './canonical-bytes.ts'
export { checkBatch } from './check-batch.ts'
export { concatBatches, concatColumns } from './concat.ts'
export { createColumnBuilder } from './create-builder.ts'
export { ExactNumber, isExactNumber, numberOfToken, splitDecimal } from './exact-number.ts'
export { fromArrow } from './from-arrow.ts'
export { type Contradiction, createRowInferrer, type RowInference, type RowInferrer } from './infer-rows.ts'
export { emptyBatch, fromIpc, toIpc } from './ipc.ts'
export { jsonOfValue, parseExactJson, textOfValue } from './json-text.ts'
export { normalizeBatch } from './normalize.ts'
export { decimalText } from './number-text.ts'
export { appendJson, appendText, parseText } from './parse-text.ts'
export { type ColumnReader, jsonAt, readColumn, rowAt, rowsOf, textAt, valueAt } from './read-column.ts'
export { createReblocker, type Reblocker } from './reblock.ts'
export { asLong, fieldsOfShapes, joinShapes, observeKeys, type Shape } from './shape.ts'
export { sliceBatch, sliceColumn } from './slice.ts'
export { takeValues } from './take.ts'
export { dateText } from './time-text.ts'
export { toArrow, toArrowSchema, toArrowTable } from './to-arrow.ts'
export { parseType, typeToString } from './type-text.ts'
export {
  BLOCK_ROWS,
  childFields,
  decimalOf,
  fieldOf,
  listOf,
  mapOf,
  sameFields,
  sameSchema,
  sameType,
  schemaOf,
  types,
  valueWidth,
} from './types.ts'
export { widenFields, widenType } from './widen.ts'
