import type { ColumnNode } from '../column-choice.ts'
import { arrowFault, corrupt } from './errors.ts'
import type { FlatTable } from './flatbuffer.ts'

/** Numbers of the union Type; https://github.com/apache/arrow/blob/main/format/Schema.fbs */
export const TYPE = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixed: 15,
  fixedList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  runEnd: 22,
  binaryView: 23,
  utf8View: 24,
  listView: 25,
  largeListView: 26,
} as const

/** A field as the file has it: the type of its values, and of its keys where there is a dictionary. */
export interface IpcField {
  readonly name: string
  readonly nullable: boolean
  readonly type: IpcType
  readonly children: readonly IpcField[]
  readonly dictionary?: { readonly id: bigint; readonly keyBits: number; readonly isSigned: boolean }
  readonly metadata: ReadonlyMap<string, string>
}

/** One of {@link TYPE} with the parameters it has; the others are zero. */
export interface IpcType {
  readonly id: number
  readonly bits: number
  readonly isSigned: boolean
  readonly precision: number
  readonly scale: number
  readonly unit: number
  readonly zone: string | null
  readonly bytes: number
  readonly listSize: number
  /** 1 for a dense union, which has offsets. */
  readonly mode: number
}

const MAX_DEPTH = 64

/** The fields of a table Schema: 0 endianness, 1 fields. */
export function readSchema(table: FlatTable): readonly IpcField[] {
  if (table.int16(0) !== 0) {
    throw arrowFault('file.arrow.unsupported', 'The Arrow file was written on a big-endian machine.')
  }
  return table.tables(1).map((field) => readField(field, 0))
}

/** Field: 0 name, 1 nullable, 2 type_type, 3 type, 4 dictionary, 5 children, 6 custom_metadata. */
function readField(table: FlatTable, depth: number): IpcField {
  if (depth > MAX_DEPTH) throw corrupt('its columns nest without end')
  const id = table.int8(2)
  const field = {
    name: table.text(0) ?? '',
    nullable: table.flag(1),
    type: readType(id, table.table(3)),
    children: table.tables(5).map((child) => readField(child, depth + 1)),
    metadata: new Map(table.tables(6).map((pair) => [pair.text(0) ?? '', pair.text(1) ?? ''])),
  }
  expectChildren(field)
  const encoding = table.table(4)
  if (!encoding) return field
  // DictionaryEncoding: 0 id, 1 indexType, which is an int32 where it is left out.
  const key = encoding.table(1)
  const keyBits = key ? key.int32(0) : 32
  if (![8, 16, 32, 64].includes(keyBits)) throw corrupt('a dictionary has keys of no known width')
  return { ...field, dictionary: { id: encoding.int64(0), keyBits, isSigned: key ? key.flag(1) : true } }
}

function readType(id: number, table: FlatTable | undefined): IpcType {
  const type = {
    id,
    bits: 0,
    isSigned: false,
    precision: 0,
    scale: 0,
    unit: 0,
    zone: null as string | null,
    bytes: 0,
    listSize: 0,
    mode: 0,
  }
  switch (id) {
    case TYPE.int:
      type.bits = table?.int32(0) ?? 0
      type.isSigned = table?.flag(1) ?? false
      expectOneOf(type.bits, [8, 16, 32, 64])
      break
    case TYPE.float:
      type.precision = table?.int16(0) ?? 0
      expectOneOf(type.precision, [0, 1, 2])
      break
    case TYPE.decimal:
      type.precision = table?.int32(0) ?? 0
      type.scale = table?.int32(1) ?? 0
      type.bits = table?.int32(2, 128) ?? 128
      expectOneOf(type.bits, [32, 64, 128, 256])
      break
    case TYPE.date:
    case TYPE.duration:
      type.unit = table?.int16(0, 1) ?? 1
      expectOneOf(type.unit, id === TYPE.date ? [0, 1] : [0, 1, 2, 3])
      break
    case TYPE.time:
      type.unit = table?.int16(0, 1) ?? 1
      expectOneOf(type.unit, [0, 1, 2, 3])
      expectOneOf(table?.int32(1, 32) ?? 32, type.unit < 2 ? [32] : [64])
      break
    case TYPE.timestamp:
      type.unit = table?.int16(0) ?? 0
      type.zone = table?.text(1) || null
      expectOneOf(type.unit, [0, 1, 2, 3])
      break
    case TYPE.interval:
      type.unit = table?.int16(0) ?? 0
      expectOneOf(type.unit, [0, 1, 2])
      break
    case TYPE.fixed:
      type.bytes = table?.int32(0) ?? 0
      if (type.bytes < 0) throw corrupt('a type has a negative width')
      break
    case TYPE.fixedList:
      type.listSize = table?.int32(0) ?? 0
      if (type.listSize < 0) throw corrupt('a type has a negative width')
      break
    case TYPE.union:
      type.mode = table?.int16(0) ?? 0
      break
    default:
      if (id < TYPE.null || id > TYPE.largeListView) throw unknownType(id)
  }
  return type
}

function expectOneOf(value: number, allowed: readonly number[]): void {
  if (!allowed.includes(value)) throw corrupt('a type has a parameter that does not exist')
}

function expectChildren({ type, children }: Pick<IpcField, 'type' | 'children'>): void {
  const lists: readonly number[] = [
    TYPE.list,
    TYPE.largeList,
    TYPE.fixedList,
    TYPE.listView,
    TYPE.largeListView,
  ]
  if (lists.includes(type.id) && children.length !== 1) throw corrupt('a list has not one kind of item')
  if (type.id !== TYPE.map) return
  const [entries] = children
  if (children.length !== 1 || entries?.type.id !== TYPE.struct || entries.children.length !== 2) {
    throw corrupt('a map has not keys and values')
  }
}

function unknownType(id: number): Error {
  return arrowFault(
    'file.arrow.unsupported',
    `The Arrow file has columns of a type that is not known (${id}).`,
  )
}

/** What can be chosen of the fields. */
export function nodesOf(fields: readonly IpcField[]): readonly ColumnNode[] {
  return fields.map(({ name, type, children }) =>
    type.id === TYPE.struct ? { name, children: nodesOf(children) } : { name },
  )
}
