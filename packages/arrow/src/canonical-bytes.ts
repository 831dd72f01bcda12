import type { Batch, Column } from '@omni/spec'
import { bitBytes } from './bits.ts'
import { valueWidth } from './types.ts'

/**
 * Bytes of a batch in the digest's encoding: for each column its tag and row count (8 bytes), validity bits, then
 * fixed-width values, or u32 lengths and the bytes; children too. It depends on the values alone, so parts and row
 * groups cut by it are the same everywhere.
 */
export function canonicalBytes(batch: Batch): number {
  return batch.columns.reduce((sum, column) => sum + columnBytes(column, column.length), 0)
}

function columnBytes(column: Column, length: number): number {
  const head = 8 + bitBytes(length)
  const { type } = column
  switch (type.kind) {
    case 'null':
      return head
    case 'bool':
      return head + bitBytes(length)
    case 'utf8':
    case 'binary':
      return head + 4 * length + (column.offsets?.[length] ?? 0)
    case 'list':
    case 'map': {
      const items = column.offsets?.[length] ?? 0
      return head + 4 * length + column.children.reduce((sum, child) => sum + columnBytes(child, items), 0)
    }
    case 'struct':
      return head + column.children.reduce((sum, child) => sum + columnBytes(child, length), 0)
    default:
      return head + length * valueWidth(type)
  }
}
