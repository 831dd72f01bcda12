import type { Column } from '@omni/spec'
import { bitAt } from './bits.ts'
import { takeValues } from './take.ts'

/**
 * The column with nothing hidden under its nulls: a null in a variable-length column has no bytes and no items.
 * Arrow allows them, but they would make equal values of different size.
 */
export function emptyNulls(column: Column): Column {
  if (hidesItems(column))
    return takeValues(
      column,
      Int32Array.from({ length: column.length }, (_, i) => i),
    )
  if (column.children.length === 0) return column
  const children = column.children.map(emptyNulls)
  return children.every((child, i) => child === column.children[i]) ? column : { ...column, children }
}

function hidesItems(column: Column): boolean {
  const { offsets, validity } = column
  if (offsets === null || validity === null || column.nullCount === 0) return false
  for (let i = 0; i < column.length; i++) {
    if (offsets[i] !== offsets[i + 1] && !bitAt(validity, i)) return true
  }
  return false
}
