import type { Batch, Column } from '@omni/spec'
import { countOnes, sliceBits } from './bits.ts'
import { valueWidth } from './types.ts'

/**
 * Values `start` to `end` of a column as a column of its own, in canonical form: buffers exactly as long as needed,
 * padding bits zero, no validity where nothing is null. Shares memory; copies only bits that are not byte-aligned and
 * offsets that do not start at 0.
 */
export function sliceColumn(column: Column, start: number, end: number): Column {
  const length = end - start
  const { type } = column
  const base = { type, length, ...validityOf(column, start, end) }
  switch (type.kind) {
    case 'null':
      return { ...base, nullCount: length, offsets: null, values: column.values.subarray(0, 0), children: [] }
    case 'bool':
      return { ...base, offsets: null, values: sliceBits(column.values, start, end), children: [] }
    case 'utf8':
    case 'binary': {
      const [offsets, from, to] = offsetsOf(column, start, end)
      return { ...base, offsets, values: column.values.subarray(from, to), children: [] }
    }
    case 'list':
    case 'map': {
      const [offsets, from, to] = offsetsOf(column, start, end)
      const children = column.children.map((child) => sliceColumn(child, from, to))
      return { ...base, offsets, values: column.values.subarray(0, 0), children }
    }
    case 'struct': {
      const children = column.children.map((child) => sliceColumn(child, start, end))
      return { ...base, offsets: null, values: column.values.subarray(0, 0), children }
    }
    default: {
      const width = valueWidth(type)
      return {
        ...base,
        offsets: null,
        values: column.values.subarray(start * width, end * width),
        children: [],
      }
    }
  }
}

function validityOf(column: Column, start: number, end: number): Pick<Column, 'nullCount' | 'validity'> {
  if (column.validity === null || column.type.kind === 'null') return { nullCount: 0, validity: null }
  const nullCount = end - start - countOnes(column.validity, start, end)
  return { nullCount, validity: nullCount === 0 ? null : sliceBits(column.validity, start, end) }
}

function offsetsOf(column: Column, start: number, end: number): readonly [Int32Array, number, number] {
  const all = column.offsets as Int32Array
  const from = all[start] as number
  const to = all[end] as number
  if (from === 0) return [all.subarray(start, end + 1), from, to]
  const offsets = all.slice(start, end + 1)
  for (let i = 0; i < offsets.length; i++) offsets[i] = (offsets[i] as number) - from
  return [offsets, from, to]
}

/** Rows `start` (default 0) to `end` (default all) of a batch; see {@link sliceColumn}. */
export function sliceBatch(batch: Batch, start = 0, end: number = batch.rows): Batch {
  const from = Math.min(Math.max(0, start), batch.rows)
  const to = Math.min(Math.max(from, end), batch.rows)
  return {
    schema: batch.schema,
    rows: to - from,
    columns: batch.columns.map((column) => sliceColumn(column, from, to)),
  }
}
