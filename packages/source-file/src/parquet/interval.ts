import type { Column, DataType, Field } from '@omni/spec'

const PARTS: readonly Field[] = ['months', 'days', 'milliseconds'].map((name) => ({
  name,
  type: { kind: 'int', bits: 32, signed: false },
  nullable: false,
}))

/**
 * Intervals, which came as 12 bytes each: three unsigned little-endian integers of 32 bits. A month has no fixed length,
 * so they stay apart. https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#interval
 */
export function toIntervals(column: Column): Column {
  const { length, values } = column
  const type: DataType = { kind: 'struct', fields: PARTS }
  const children = PARTS.map((part, index): Column => {
    const out = new Uint8Array(length * 4)
    for (let i = 0; i < length; i++) {
      const from = i * 12 + index * 4
      out.set(values.subarray(from, from + 4), i * 4)
    }
    return {
      type: part.type,
      length,
      nullCount: 0,
      validity: null,
      offsets: null,
      values: out,
      children: [],
    }
  })
  return { ...column, type, offsets: null, values: new Uint8Array(0), children }
}
