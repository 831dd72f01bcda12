import { isUtf8 } from 'node:buffer'
import type { Batch, Column, DataType, Field } from '@omni/spec'
import { bitBytes } from './bits.ts'
import { emptyNulls } from './empty-nulls.ts'
import { damaged } from './faults.ts'
import { childFields, sameType, valueWidth } from './types.ts'

/**
 * The batch, if its buffers are as its types say: long enough, offsets rising from 0, text valid UTF-8, children as
 * long as needed. Without it a source's slip would become wrong data, or a crash far from it. What only differs in
 * form (misaligned values, bytes under a null) is put right.
 */
export function checkBatch(batch: Batch): Batch {
  const { fields } = batch.schema
  if (batch.columns.length !== fields.length) throw damaged('', 'the batch has not one column a field')
  const columns = fields.map((field, i) => {
    const column = batch.columns[i] as Column
    if (column.length !== batch.rows) throw damaged(field.name, 'it is not as long as the batch')
    if (!field.nullable && column.nullCount > 0)
      throw damaged(field.name, 'it has nulls, and its field allows none')
    return emptyNulls(checkColumn(column, field, field.name))
  })
  return columns.every((column, i) => column === batch.columns[i]) ? batch : { ...batch, columns }
}

function checkColumn(column: Column, field: Field, name: string): Column {
  const { type, length, validity } = column
  if (type !== field.type && !sameType(type, field.type))
    throw damaged(name, 'its type is not that of its field')
  if (
    type.kind !== 'null' &&
    column.nullCount > 0 &&
    (validity === null || validity.length < bitBytes(length))
  ) {
    throw damaged(name, 'it says it has nulls and does not say where')
  }
  const fields = childFields(type)
  if (column.children.length !== fields.length) throw damaged(name, 'a child is missing')
  const childLength = column.offsets === null ? length : checkOffsets(column, name)
  if (usesOffsets(type) !== (column.offsets !== null)) throw damaged(name, 'offsets do not go with its type')
  const children = column.children.map((child, i) => {
    if (child.length !== childLength) throw damaged(name, 'a child is not as long as it must be')
    return checkColumn(child, fields[i] as Field, name)
  })
  const aligned = checkValues(column, name)
  const same = aligned === column.values && children.every((child, i) => child === column.children[i])
  return same ? column : { ...column, values: aligned, children }
}

function usesOffsets(type: DataType): boolean {
  return type.kind === 'utf8' || type.kind === 'binary' || type.kind === 'list' || type.kind === 'map'
}

/** The last offset, once all are known to rise. */
function checkOffsets(column: Column, name: string): number {
  const offsets = column.offsets as Int32Array
  if (offsets.length <= column.length || offsets[0] !== 0)
    throw damaged(name, 'its offsets do not begin at 0')
  let before = 0
  let sinks = 0
  for (let i = 1; i <= column.length; i++) {
    const offset = offsets[i] as number
    // The sign bit of the difference; gathered, so that the loop has no branch.
    sinks |= offset - before
    before = offset
  }
  if (sinks < 0) throw damaged(name, 'its offsets do not rise')
  return before
}

function checkValues(column: Column, name: string): Uint8Array {
  const { type, values, length } = column
  const width = valueWidth(type)
  const end = column.offsets?.[length] ?? 0
  const needed = type.kind === 'bool' ? bitBytes(length) : width * length
  if (values.length < needed) throw damaged(name, 'its values are too short')
  if (type.kind === 'utf8' || type.kind === 'binary') {
    if (values.length < end) throw damaged(name, 'its values are too short')
    if (type.kind === 'utf8') checkUtf8(column, end, name)
  }
  const alignment = type.kind === 'fixed' ? 1 : Math.min(width, 8)
  return alignment > 1 && values.byteOffset % alignment !== 0 ? values.slice() : values
}

function checkUtf8(column: Column, end: number, name: string): void {
  const bytes = column.values.subarray(0, end)
  if (!isUtf8(bytes)) throw damaged(name, 'its text is not UTF-8')
  const offsets = column.offsets as Int32Array
  for (let i = 1; i < column.length; i++) {
    // A value that begins inside a character: 10xxxxxx.
    if (((bytes[offsets[i] as number] ?? 0) & 0xc0) === 0x80)
      throw damaged(name, 'a value begins inside a character')
  }
}
