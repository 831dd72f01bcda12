import { asLong, fieldsOfShapes, type Shape } from '@omni/arrow'
import { type JsonKind, type JsonNode, listNodes } from '@omni/kernels'
import type { DataType, Schema } from '@omni/spec'

/** The columns of records, as the decoder knows them and as the batch has them. */
export interface JsonTree {
  readonly root: JsonNode
  readonly schema: Schema
  /** The column that takes records that are no object, or -1. */
  readonly bare: number
  /** All nodes in the order of the decoder, with the type of each and its children by number. */
  readonly nodes: readonly TreeNode[]
}

/** One node of the tree. */
export interface TreeNode {
  readonly node: JsonNode
  readonly type: DataType
  readonly children: readonly number[]
  /** Notes that an integer was seen that a double does not hold. */
  noteWide(): void
}

/** The name of the column for records that are no object. */
export const BARE_NAME = 'value'

const KINDS: Readonly<Record<Exclude<Shape['kind'], 'struct'>, JsonKind>> = {
  null: 'null',
  bool: 'bool',
  int: 'int64',
  long: 'int64',
  huge: 'decimal',
  float: 'float64',
  text: 'text',
  // No JSON value has these shapes.
  date: 'text',
  bytes: 'text',
  list: 'list',
}

/** The tree for what is known of the columns. */
export function treeOf(shapes: Map<string, Shape>): JsonTree {
  const schema: Schema = { fields: fieldsOfShapes(shapes) }
  const notes = new Map<JsonNode, () => void>()
  const root = structNode(shapes, undefined, notes)
  const all = listNodes(root)
  const types = new Map<JsonNode, DataType>([[root, { kind: 'struct', fields: schema.fields }]])
  let next = 1
  const nodes = all.map((node): TreeNode => {
    const type = types.get(node) as DataType
    for (const [i, child] of node.children.entries()) {
      if (type.kind === 'list') types.set(child, type.item.type)
      if (type.kind === 'struct') types.set(child, type.fields[i]?.type as DataType)
    }
    const first = next
    next += node.children.length
    return {
      node,
      type,
      children: node.children.map((_, i) => first + i),
      noteWide: notes.get(node) ?? (() => undefined),
    }
  })
  return { root, schema, bare: schema.fields.findIndex(({ name }) => name === BARE_NAME), nodes }
}

type Notes = Map<JsonNode, () => void>

function structNode(fields: Map<string, Shape>, name: string | undefined, notes: Notes): JsonNode {
  const children = [...fields].map(([field, shape]) => {
    const child = nodeOf(shape, field, notes)
    notes.set(child, () => fields.set(field, asLong(shape)))
    return child
  })
  return { kind: 'struct', ...(name === undefined ? {} : { name }), children }
}

function nodeOf(shape: Shape, name: string | undefined, notes: Notes): JsonNode {
  const named = name === undefined ? {} : { name }
  if (shape.kind === 'struct') {
    return shape.fields.size === 0
      ? { kind: 'empty', ...named, children: [] }
      : structNode(shape.fields, name, notes)
  }
  if (shape.kind !== 'list') return { kind: KINDS[shape.kind], ...named, children: [] }
  const item = nodeOf(shape.item, undefined, notes)
  notes.set(item, () => {
    shape.item = asLong(shape.item)
  })
  return { kind: 'list', ...named, children: [item] }
}
