import type { ColumnNode } from '../column-choice.ts'
import { fileFault } from '../errors.ts'
import { BINARY, I32, STRUCT, type ThriftReader } from './thrift.ts'

/** A column as the metadata names it, with the leaves below it: `from` and up to `to`. */
export interface SchemaNode extends ColumnNode {
  readonly from: number
  readonly to: number
  /** Of a struct only: a list or map is read whole. */
  readonly children?: readonly SchemaNode[]
}

/** One SchemaElement of the flat list that the metadata has, which is the tree in depth-first order. */
export interface SchemaElement {
  readonly name: string
  /** Undefined for a leaf. */
  readonly childCount: number | undefined
  readonly isRepeated: boolean
  /** List or map, by either of the two annotations. */
  readonly isCollection: boolean
  readonly kind: LeafKind
}

/** What the decoder does not read exactly, and so gets as bytes. */
export type LeafKind = 'int96' | 'interval' | 'plain'

/** Replaces `remove` bytes at `at` of the metadata. */
export interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: readonly number[]
}

const INT96 = 3n
const REPEATED = 2n
/** ConvertedType INTERVAL: the decoder would drop its months. */
const INTERVAL = 21n
/** ConvertedType MAP, MAP_KEY_VALUE and LIST. */
const COLLECTIONS: ReadonlySet<bigint> = new Set([1n, 2n, 3n])
/** zigzag(7), FIXED_LEN_BYTE_ARRAY, and zigzag(12). */
const FIXED = 14
const TWELVE = 24
/** Deeper than people nest, and than the stack is endangered. */
const MAX_DEPTH = 100

/**
 * SchemaElement: 1 type, 2 type_length, 3 repetition_type, 4 name, 5 num_children, 6 converted_type, 10 logicalType.
 * An INT96 gets the edits that make it FIXED_LEN_BYTE_ARRAY(12), which it is; an INTERVAL loses its annotation.
 */
export function readElement(reader: ThriftReader, edits: Edit[]): SchemaElement {
  let name = ''
  let childCount: number | undefined
  let isLeaf = false
  let isRepeated = false
  let isCollection = false
  let kind: LeafKind = 'plain'
  let before = 0
  /** The field before the one that was taken out, and where that ended. */
  let cut: { readonly before: number; readonly end: number } | undefined
  let afterType = 0
  reader.struct((field, type, headerAt) => {
    if (cut?.end === headerAt && reader.at === headerAt + 1) {
      edits.push({ at: headerAt, remove: 1, insert: [((field - cut.before) << 4) | type] })
    }
    const last = before
    before = field
    if (field === 1 && type === I32) {
      isLeaf = true
      const at = reader.at
      if (reader.integer() === INT96) kind = 'int96'
      afterType = reader.at
      if (kind === 'int96') edits.push({ at, remove: afterType - at, insert: [FIXED] })
      return true
    }
    if (kind === 'int96' && headerAt === afterType) insertLength(reader, field, type, edits, headerAt)
    if (field === 3 && type === I32) isRepeated = reader.integer() === REPEATED
    else if (field === 4 && type === BINARY) name = Buffer.from(reader.binary()).toString('utf8')
    else if (field === 5 && type === I32) childCount = Number(reader.integer())
    else if (field === 6 && type === I32) {
      const converted = reader.integer()
      if (COLLECTIONS.has(converted)) isCollection = true
      if (converted === INTERVAL) {
        kind = 'interval'
        edits.push({ at: headerAt, remove: reader.at - headerAt, insert: [] })
        cut = { before: last, end: reader.at }
      }
    } else if (field === 10 && type === STRUCT) {
      reader.struct((logical) => {
        // The union LogicalType: 2 MAP, 3 LIST.
        if (logical === 2 || logical === 3) isCollection = true
        return false
      })
    } else return false
    return true
  })
  return { name, childCount: isLeaf ? undefined : (childCount ?? 0), isRepeated, isCollection, kind }
}

/** Puts type_length 12 between the type and the field after it, whose header counts from the field before. */
function insertLength(
  reader: ThriftReader,
  field: number,
  type: number,
  edits: Edit[],
  headerAt: number,
): void {
  const header = [0x15, TWELVE]
  const isShort = reader.at === headerAt + 1
  if (field === 2) throw corrupt('a timestamp of 96 bits has a length')
  edits.push({
    at: headerAt,
    remove: isShort ? 1 : 0,
    insert: isShort ? [...header, ((field - 2) << 4) | type] : header,
  })
}

/** The columns below the root, which is the first element, and the path of each leaf as the decoder spells it. */
export function buildSchema(elements: readonly SchemaElement[]): {
  readonly columns: readonly SchemaNode[]
  readonly leafPaths: readonly string[]
} {
  const leafPaths: string[] = []
  let next = 1
  const build = (above: string, depth: number): SchemaNode => {
    const element = elements[next++]
    if (!element || depth > MAX_DEPTH) throw corrupt('its columns do not fit together')
    const path = above === '' ? element.name : `${above}.${element.name}`
    const from = leafPaths.length
    if (element.childCount === undefined) {
      leafPaths.push(path)
      return { name: element.name, from, to: from + 1 }
    }
    const children = buildAll(element.childCount, path, depth + 1)
    const node = { name: element.name, from, to: leafPaths.length }
    return element.isCollection || element.isRepeated ? node : { ...node, children }
  }
  const buildAll = (count: number, path: string, depth: number): SchemaNode[] => {
    if (count < 0 || count > elements.length) throw corrupt('its columns do not fit together')
    return Array.from({ length: count }, () => build(path, depth))
  }
  const columns = buildAll(elements[0]?.childCount ?? 0, '', 0)
  if (next < elements.length) throw corrupt('its columns do not fit together')
  return { columns, leafPaths }
}

function corrupt(what: string): Error {
  return fileFault('file.parquet.corrupt', `The Parquet file is damaged: ${what}.`)
}
