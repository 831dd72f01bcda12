import { type DataType, type Fault, type Field, fault, type TimeUnit } from '@omni/spec'
import { type ArrowField, type ArrowType, SOURCE_TYPE_KEY, TYPE } from './arrow-data.ts'

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns']
const FLOAT_BITS = [16, 32, 64] as const

/**
 * Our type for one of apache-arrow: dictionaries by their values, large and view types by their plain ones, lists of
 * fixed size as lists, Date[ms] as timestamp(ms) without a zone (its values need not be whole days).
 */
export function typeFromArrow(type: ArrowType): DataType {
  switch (type.typeId) {
    case TYPE.null:
      return { kind: 'null' }
    case TYPE.int:
      return { kind: 'int', bits: type.bitWidth as 8 | 16 | 32 | 64, signed: type.isSigned }
    case TYPE.float:
      return { kind: 'float', bits: FLOAT_BITS[type.precision] ?? 64 }
    case TYPE.binary:
    case TYPE.largeBinary:
    case TYPE.binaryView:
      return { kind: 'binary' }
    case TYPE.utf8:
    case TYPE.largeUtf8:
    case TYPE.utf8View:
      return { kind: 'utf8' }
    case TYPE.bool:
      return { kind: 'bool' }
    case TYPE.decimal:
      if (type.bitWidth !== 128 && type.bitWidth !== 256) throw unsupported(`Decimal${type.bitWidth}`)
      return { kind: 'decimal', bits: type.bitWidth, precision: type.precision, scale: type.scale }
    case TYPE.date:
      return type.unit === 0 ? { kind: 'date' } : { kind: 'timestamp', unit: 'ms', zone: null }
    case TYPE.time:
      return { kind: 'time', unit: unitOf(type) }
    case TYPE.timestamp:
      return { kind: 'timestamp', unit: unitOf(type), zone: type.timezone ? type.timezone : null }
    case TYPE.duration:
      return { kind: 'duration', unit: unitOf(type) }
    case TYPE.fixed:
      return { kind: 'fixed', bytes: type.byteWidth }
    case TYPE.dictionary:
      return typeFromArrow(type.dictionary)
    default:
      return nestedFromArrow(type)
  }
}

function nestedFromArrow(type: ArrowType): DataType {
  const children = type.children ?? []
  switch (type.typeId) {
    case TYPE.list:
    case TYPE.largeList:
    case TYPE.fixedList:
      return { kind: 'list', item: fieldFromArrow(children[0] as ArrowField) }
    case TYPE.struct:
      return { kind: 'struct', fields: fieldsFromArrow(children) }
    case TYPE.map: {
      const [key, value] = (children[0] as ArrowField).type.children as [ArrowField, ArrowField]
      return { kind: 'map', key: fieldFromArrow(key), value: fieldFromArrow(value) }
    }
    case TYPE.interval:
      throw unsupported('Interval')
    case TYPE.union:
      throw unsupported('Union')
    default:
      throw unsupported(`type ${type.typeId}`)
  }
}

function unitOf(type: ArrowType): TimeUnit {
  return UNITS[type.unit] ?? 'ms'
}

function fieldFromArrow(field: ArrowField): Field {
  const sourceType = field.metadata?.get(SOURCE_TYPE_KEY)
  const own = { name: field.name, type: typeFromArrow(field.type), nullable: field.nullable }
  return sourceType === undefined ? own : { ...own, sourceType }
}

/** Our fields for those of apache-arrow; refuses two of one name, since a row could not hold both. */
export function fieldsFromArrow(fields: readonly ArrowField[]): readonly Field[] {
  if (new Set(fields.map((field) => field.name)).size !== fields.length) {
    throw fault({
      kind: 'data',
      code: 'arrow.names.duplicate',
      why: 'Two columns of a batch have the same name.',
      fix: 'Rename one of them, for instance with an alias in the query.',
    })
  }
  return fields.map(fieldFromArrow)
}

function unsupported(name: string): Fault {
  return fault({
    kind: 'unsupported',
    code: 'arrow.type.unsupported',
    why: `Columns of Arrow's ${name} are not supported.`,
    fix: 'Convert them before, for instance to a struct or to text.',
  })
}
