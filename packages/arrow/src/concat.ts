import { type Batch, type Column, fault } from '@omni/spec'
import { bitBytes, copyBits, fillBits } from './bits.ts'
import { tooLarge } from './faults.ts'
import { sliceColumn } from './slice.ts'
import { sameSchema, valueWidth } from './types.ts'

/** One column of several of the same type, in canonical form (see `sliceColumn`). */
export function concatColumns(columns: readonly Column[]): Column {
  const first = columns[0] as Column
  if (columns.length === 1) return sliceColumn(first, 0, first.length)
  const { type } = first
  const length = columns.reduce((sum, column) => sum + column.length, 0)
  const base = { type, length, ...concatValidity(columns, length) }
  const none = first.values.subarray(0, 0)
  switch (type.kind) {
    case 'null':
      return { ...base, nullCount: length, offsets: null, values: none, children: [] }
    case 'bool':
      return { ...base, offsets: null, values: concatBits(columns, length), children: [] }
    case 'utf8':
    case 'binary':
      return { ...base, offsets: concatOffsets(columns, length), values: concatBytes(columns), children: [] }
    case 'list':
    case 'map':
      return {
        ...base,
        offsets: concatOffsets(columns, length),
        values: none,
        children: concatChildren(columns, true),
      }
    case 'struct':
      return { ...base, offsets: null, values: none, children: concatChildren(columns, false) }
    default: {
      const width = valueWidth(type)
      const values = new Uint8Array(length * width)
      let at = 0
      for (const column of columns) {
        values.set(column.values.subarray(0, column.length * width), at)
        at += column.length * width
      }
      return { ...base, offsets: null, values, children: [] }
    }
  }
}

function concatValidity(columns: readonly Column[], length: number): Pick<Column, 'nullCount' | 'validity'> {
  const nullCount = columns.reduce((sum, column) => sum + column.nullCount, 0)
  if (nullCount === 0 || columns[0]?.type.kind === 'null') return { nullCount: 0, validity: null }
  const validity = new Uint8Array(bitBytes(length))
  let at = 0
  for (const column of columns) {
    if (column.validity === null) fillBits(validity, at, column.length)
    else copyBits(column.validity, 0, validity, at, column.length)
    at += column.length
  }
  return { nullCount, validity }
}

function concatBits(columns: readonly Column[], length: number): Uint8Array {
  const values = new Uint8Array(bitBytes(length))
  let at = 0
  for (const column of columns) {
    copyBits(column.values, 0, values, at, column.length)
    at += column.length
  }
  return values
}

function concatOffsets(columns: readonly Column[], length: number): Int32Array {
  const offsets = new Int32Array(length + 1)
  let at = 0
  let base = 0
  for (const column of columns) {
    const own = column.offsets as Int32Array
    for (let i = 1; i <= column.length; i++) offsets[at + i] = base + (own[i] as number)
    at += column.length
    base += own[column.length] as number
    if (base > 0x7fff_ffff) throw tooLarge(column.type)
  }
  return offsets
}

function concatBytes(columns: readonly Column[]): Uint8Array {
  const sizes = columns.map((column) => column.offsets?.[column.length] as number)
  const values = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0))
  let at = 0
  for (const [i, column] of columns.entries()) {
    const size = sizes[i] as number
    values.set(column.values.subarray(0, size), at)
    at += size
  }
  return values
}

function concatChildren(columns: readonly Column[], behindOffsets: boolean): Column[] {
  const children = (columns[0] as Column).children
  return children.map((_, c) =>
    concatColumns(
      columns.map((column) => {
        const child = column.children[c] as Column
        const length = behindOffsets ? (column.offsets?.[column.length] as number) : column.length
        return child.length === length ? child : sliceColumn(child, 0, length)
      }),
    ),
  )
}

/** One batch of several with the same schema, in canonical form. At least one is needed. */
export function concatBatches(batches: readonly Batch[]): Batch {
  const first = batches[0]
  if (first === undefined) {
    throw fault({
      kind: 'bug',
      code: 'arrow.concat.none',
      why: 'There is no batch to join.',
      fix: 'Pass at least one; an empty one will do.',
    })
  }
  for (const batch of batches) {
    if (!sameSchema(batch.schema, first.schema)) throw schemaChanged()
  }
  return {
    schema: first.schema,
    rows: batches.reduce((sum, batch) => sum + batch.rows, 0),
    columns: first.columns.map((_, i) => concatColumns(batches.map((batch) => batch.columns[i] as Column))),
  }
}

/** The fault for a batch whose schema differs from the others of its stream. */
export function schemaChanged(): ReturnType<typeof fault> {
  return fault({
    kind: 'data',
    code: 'arrow.schema.changed',
    why: 'A batch has another schema than the ones before it in its stream.',
    fix: 'A source keeps one schema for a stream, or restarts with a wider one.',
  })
}
