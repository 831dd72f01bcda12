import { decimalOf, fieldOf, types } from '@omni/arrow'
import type { DataType, Field } from '@omni/spec'
import type { ChosenColumn, ColumnNode } from '../column-choice.ts'
import { damaged, orcFault } from './errors.ts'

/** A type of the file and those below it; https://orc.apache.org/specification/ORCv1/#type-information */
export interface OrcType {
  /** Its column: the place in the file's list of types. */
  readonly id: number
  readonly kind: OrcKind
  readonly children: readonly OrcType[]
  /** Of a struct's children. */
  readonly names: readonly string[]
  /** Of a char or varchar; 0 where there is none. */
  readonly maxLength: number
  readonly precision: number
  readonly scale: number
}

/** Names of the kinds, by their number in the file. */
const KINDS = [
  'boolean',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'float',
  'double',
  'string',
  'binary',
  'timestamp',
  'list',
  'map',
  'struct',
  'union',
  'decimal',
  'date',
  'varchar',
  'char',
  'timestamp with local time zone',
  'geometry',
  'geography',
] as const

/** What a column is. */
export type OrcKind = (typeof KINDS)[number]

/** A type as it stands in the footer: its children by number. */
export interface RawType {
  readonly kind: number
  readonly subtypes: readonly number[]
  readonly names: readonly string[]
  readonly maxLength: number
  readonly precision: number
  readonly scale: number
}

/** Types inside each other, at most. */
const MAX_DEPTH = 64

/** The tree of types; the list must be in preorder, so that no type is below itself or twice below others. */
export function typeTree(raws: readonly RawType[]): OrcType {
  let next = 0
  const build = (depth: number): OrcType => {
    const id = next++
    const raw = raws[id]
    if (!raw) throw damaged('a type is missing')
    if (depth > MAX_DEPTH)
      throw orcFault('file.orc.unsupported', `More than ${MAX_DEPTH} types are inside each other.`)
    const kind = KINDS[raw.kind]
    if (kind === undefined) {
      throw orcFault(
        'file.orc.unsupported',
        `Column ${id} has the type number ${raw.kind}, which is not known.`,
      )
    }
    const expected = { list: 1, map: 2 }[kind as string] ?? (kind === 'struct' ? raw.names.length : undefined)
    if (expected !== undefined && raw.subtypes.length !== expected) throw damaged(`type ${id} lacks a part`)
    if (kind === 'union' ? raw.subtypes.length > 127 : expected === undefined && raw.subtypes.length > 0) {
      throw damaged(`type ${id} has parts that it cannot have`)
    }
    const children = raw.subtypes.map((child) => {
      if (child !== next) throw damaged('its types are not in order')
      return build(depth + 1)
    })
    const { names, maxLength, precision, scale } = raw
    return { id, kind, children, names, maxLength, precision, scale }
  }
  return build(0)
}

/** How a column is read where the usual type does not hold its values: found while reading, by column. */
export type Widening = 'us' | 'text' | 'binary' | 'entries'

/** Widened columns by {@link OrcType.id}. */
export type Widenings = ReadonlyMap<number, Widening>

/** Hive 0.11 wrote decimals of any scale under a type without one. */
const HIVE_11: DataType = decimalOf(38, 18)

/** The type that holds the values of a column. */
export function dataType(type: OrcType, widenings: Widenings): DataType {
  const wide = widenings.get(type.id)
  switch (type.kind) {
    case 'boolean':
      return types.bool
    case 'tinyint':
      return types.int8
    case 'smallint':
      return types.int16
    case 'int':
      return types.int32
    case 'bigint':
      return types.int64
    case 'float':
      return types.float32
    case 'double':
      return types.float64
    case 'string':
    case 'varchar':
    case 'char':
      return wide === 'binary' ? types.binary : types.utf8
    case 'binary':
    case 'geometry':
    case 'geography':
      return types.binary
    case 'date':
      return types.date
    case 'decimal':
      if (wide === 'text') return types.utf8
      return type.precision === 0 ? HIVE_11 : decimalOf(type.precision, type.scale)
    case 'timestamp':
    case 'timestamp with local time zone': {
      if (wide === 'text') return types.utf8
      const zone = type.kind === 'timestamp' ? null : 'UTC'
      return { kind: 'timestamp', unit: wide === 'us' ? 'us' : 'ns', zone }
    }
    case 'list':
      return { kind: 'list', item: fieldOfType('item', type.children[0] as OrcType, widenings) }
    case 'map': {
      const value = fieldOfType('value', type.children[1] as OrcType, widenings)
      const key = fieldOfType('key', type.children[0] as OrcType, widenings)
      return wide === 'entries'
        ? { kind: 'list', item: fieldOf('item', { kind: 'struct', fields: [key, value] }, false) }
        : { kind: 'map', key: { ...key, nullable: false }, value }
    }
    case 'struct':
      return {
        kind: 'struct',
        fields: type.children.map((child, i) => fieldOfType(type.names[i] as string, child, widenings)),
      }
    case 'union':
      return {
        kind: 'struct',
        fields: [
          fieldOf('tag', types.int8),
          ...type.children.map((child, i) => fieldOfType(`value${i}`, child, widenings)),
        ],
      }
  }
}

/** A nullable field that also says what the file calls its type. */
export function fieldOfType(name: string, type: OrcType, widenings: Widenings): Field {
  return { name, type: dataType(type, widenings), nullable: true, sourceType: typeText(type) }
}

/** The type as Hive writes it. */
function typeText(type: OrcType): string {
  const inner = type.children.map(typeText)
  switch (type.kind) {
    case 'list':
      return `array<${inner.join(',')}>`
    case 'map':
      return `map<${inner.join(',')}>`
    case 'union':
      return `uniontype<${inner.join(',')}>`
    case 'struct':
      return `struct<${inner.map((text, i) => `${type.names[i]}:${text}`).join(',')}>`
    case 'decimal':
      return type.precision === 0 ? 'decimal' : `decimal(${type.precision},${type.scale})`
    case 'char':
    case 'varchar':
      return `${type.kind}(${type.maxLength})`
    default:
      return type.kind
  }
}

/** The columns that a person can name. */
export function nodesOf(type: OrcType): readonly ColumnNode[] {
  return type.children.map((child, i) => {
    const name = type.names[i] as string
    return child.kind === 'struct' ? { name, children: nodesOf(child) } : { name }
  })
}

/** The struct with nothing but the chosen columns. */
export function projectType(type: OrcType, chosen: readonly ChosenColumn[] | undefined): OrcType {
  if (!chosen) return type
  return {
    ...type,
    names: chosen.map(({ index }) => type.names[index] as string),
    children: chosen.map(({ index, children }) => projectType(type.children[index] as OrcType, children)),
  }
}
