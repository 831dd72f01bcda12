import type { Batch, Column, DataType, Field, Schema } from '@omni/spec'
import { fileFault } from './errors.ts'

/** A column as a file's own schema names it: with `children` where it is a struct, whose parts can be chosen. */
export interface ColumnNode {
  readonly name: string
  readonly children?: readonly ColumnNode[]
}

/** A column that is read: its place among its siblings; with `children` where only these parts of it are. */
export interface ChosenColumn {
  readonly index: number
  readonly children?: readonly ChosenColumn[]
}

/** Names in a message, at most. */
const MAX_NAMES = 30

/**
 * The columns that the option `columns` names, in the order of the file; undefined where it is absent and all are read.
 * A whole name goes before a path, since names may hold dots; what is neither may be several with commas between.
 */
export function chooseColumns(
  nodes: readonly ColumnNode[],
  columns: readonly string[] | undefined,
): readonly ChosenColumn[] | undefined {
  if (columns === undefined) return undefined
  const paths = columns.flatMap((text) => pathsOf(nodes, text))
  return merge(paths)
}

/** Every column of that name: a file may have it twice. */
function pathsOf(nodes: readonly ColumnNode[], text: string): readonly (readonly number[])[] {
  const found = find(nodes, text)
  if (found.length > 0) return found
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > 1) return parts.flatMap((part) => pathsOf(nodes, part))
  const names = nodes.slice(0, MAX_NAMES).map(({ name }) => JSON.stringify(name))
  const more = nodes.length > MAX_NAMES ? ` and ${nodes.length - MAX_NAMES} more` : ''
  throw fileFault(
    'file.columns.missing',
    `The file has no column ${JSON.stringify(text)}; it has ${names.join(', ')}${more}.`,
  )
}

function find(nodes: readonly ColumnNode[], text: string): (readonly number[])[] {
  const whole = nodes.flatMap(({ name }, i) => (name === text ? [[i]] : []))
  if (whole.length > 0) return whole
  return nodes.flatMap(({ name, children }, i) =>
    children && text.startsWith(`${name}.`)
      ? find(children, text.slice(name.length + 1)).map((rest) => [i, ...rest])
      : [],
  )
}

/** Paths as a tree; a whole column swallows its parts. */
function merge(paths: readonly (readonly number[])[]): readonly ChosenColumn[] {
  const indices = [...new Set(paths.map((path) => path[0] as number))].sort((a, b) => a - b)
  return indices.map((index) => {
    const rests = paths.filter((path) => path[0] === index).map((path) => path.slice(1))
    return rests.some((rest) => rest.length === 0) ? { index } : { index, children: merge(rests) }
  })
}

/** The nodes of a schema, to choose from. */
export function columnNodes(fields: readonly Field[]): readonly ColumnNode[] {
  return fields.map(({ name, type }) =>
    type.kind === 'struct' ? { name, children: columnNodes(type.fields) } : { name },
  )
}

/** The schema with nothing but the chosen columns. */
export function projectSchema({ fields }: Schema, chosen: readonly ChosenColumn[] | undefined): Schema {
  return { fields: projectFields(fields, chosen) }
}

/** The batch with nothing but the chosen columns; shares their memory. */
export function projectBatch(batch: Batch, chosen: readonly ChosenColumn[] | undefined): Batch {
  if (chosen === undefined) return batch
  const fields = projectFields(batch.schema.fields, chosen)
  const columns = chosen.map(({ index, children }, i) =>
    projectColumn(batch.columns[index] as Column, (fields[i] as Field).type, children),
  )
  return { schema: { fields }, rows: batch.rows, columns }
}

function projectFields(
  fields: readonly Field[],
  chosen: readonly ChosenColumn[] | undefined,
): readonly Field[] {
  if (chosen === undefined) return fields
  return chosen.map(({ index, children }) => {
    const field = fields[index] as Field
    return field.type.kind === 'struct' && children
      ? { ...field, type: { ...field.type, fields: projectFields(field.type.fields, children) } }
      : field
  })
}

function projectColumn(column: Column, type: DataType, chosen: readonly ChosenColumn[] | undefined): Column {
  if (chosen === undefined || type.kind !== 'struct') return column
  const children = chosen.map((child, i) =>
    projectColumn(column.children[child.index] as Column, (type.fields[i] as Field).type, child.children),
  )
  return { ...column, type, children }
}
