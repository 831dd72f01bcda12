import type { fromArrow } from '@omni/arrow'
import { arrowFault, corrupt } from './errors.ts'
import type { Layout, Place } from './layout.ts'
import { type IpcField, type IpcType, TYPE } from './schema.ts'

/** A column as `fromArrow` takes it. */
export type ArrowData = Parameters<typeof fromArrow>[0]['data']
export type ArrowField = Parameters<typeof fromArrow>[0]['schema']['fields'][number]
type ArrowType = ArrowData['type']

/** The bytes of a buffer, unpacked. */
export type LoadBuffer = (place: Place) => Promise<Uint8Array>

/** Values of dictionaries so far, by id: several where they grew. */
export type Dictionaries = ReadonlyMap<bigint, readonly ArrowData[]>

const NO_BYTES = new Uint8Array(0)
/** Type id that `fromArrow` knows dictionaries by. */
const DICTIONARY = -1
const UNREAD: ReadonlyMap<number, string> = new Map([
  [TYPE.union, 'unions'],
  [TYPE.runEnd, 'run-end encoded values'],
  [TYPE.listView, 'list views'],
  [TYPE.largeListView, 'list views'],
])

/** Bytes of one value of types with fixed width; 0 for the others. */
function widthOf(type: IpcType): number {
  switch (type.id) {
    case TYPE.int:
    case TYPE.decimal:
      return type.bits / 8
    case TYPE.float:
      return [2, 4, 8][type.precision] ?? 8
    case TYPE.date:
      return type.unit === 0 ? 4 : 8
    case TYPE.time:
      return type.unit < 2 ? 4 : 8
    case TYPE.timestamp:
    case TYPE.duration:
      return 8
    case TYPE.interval:
      return [4, 8, 16][type.unit] ?? 0
    case TYPE.fixed:
      return type.bytes
    case TYPE.binaryView:
    case TYPE.utf8View:
      return 16
    default:
      return 0
  }
}

/** The field as `fromArrow` takes it; refuses types that are not read. */
export function toArrowField(field: IpcField): ArrowField {
  const { name, nullable, metadata } = field
  const type = valueType(field)
  if (!field.dictionary) return { name, nullable, type, metadata }
  const { keyBits, isSigned } = field.dictionary
  const indices = plainType({ ...field.type, id: TYPE.int, bits: keyBits, isSigned }, [])
  return { name, nullable, metadata, type: { ...type, typeId: DICTIONARY, indices, dictionary: type } }
}

function valueType({ name, type, children }: IpcField): ArrowType {
  const unread = UNREAD.get(type.id)
  if (unread !== undefined) {
    throw arrowFault(
      'file.arrow.unsupported',
      `Column ${JSON.stringify(name)} holds ${unread}, which are not read.`,
    )
  }
  if (type.id === TYPE.interval) return intervalType(type)
  // Decimals of 32 and 64 bits are widened, which keeps their values.
  const bits = type.id === TYPE.decimal ? Math.max(128, type.bits) : type.bits
  return plainType({ ...type, bits }, children.map(toArrowField))
}

function plainType(type: IpcType, children: readonly ArrowField[]): ArrowType {
  const base = {
    typeId: type.id,
    bitWidth: type.bits,
    isSigned: type.isSigned,
    precision: type.precision,
    scale: type.scale,
    unit: type.unit,
    timezone: type.zone,
    byteWidth: type.bytes,
    listSize: type.listSize,
    children,
  }
  // Only a dictionary has keys and values of its own.
  return { ...base, indices: base as ArrowType, dictionary: base as ArrowType }
}

/** An interval as a struct of its parts, since a month has no fixed length: name, byte where it is, bits. */
const INTERVAL_PARTS: readonly (readonly (readonly [string, number, 32 | 64])[])[] = [
  [['months', 0, 32]],
  [
    ['days', 0, 32],
    ['milliseconds', 4, 32],
  ],
  [
    ['months', 0, 32],
    ['days', 4, 32],
    ['nanoseconds', 8, 64],
  ],
]

function intervalType(type: IpcType): ArrowType {
  const parts = INTERVAL_PARTS[type.unit] ?? []
  const children = parts.map(([name, , bits]) => ({
    name,
    nullable: false,
    type: plainType({ ...type, id: TYPE.int, bits, isSigned: true }, []),
  }))
  return plainType({ ...type, id: TYPE.struct }, children)
}

/** Loads the buffers of a column, and checks that they are as long as its values need. */
export async function loadColumn(
  layout: Layout,
  load: LoadBuffer,
  dictionaries: Dictionaries,
): Promise<ArrowData> {
  const { field, length, nullCount } = layout
  const { type } = toArrowField(field)
  const base = { type, offset: 0, length }
  if (field.type.id === TYPE.null && !field.dictionary) return { ...base, nullCount: length, children: [] }
  const buffers = await Promise.all(layout.buffers.map(load))
  const nullBitmap = validityOf(buffers[0] ?? NO_BYTES, length, nullCount)
  // What is not zero makes the reader count for itself.
  const common = { ...base, nullBitmap, nullCount: nullBitmap ? 1 : 0 }
  if (field.dictionary) {
    const { id, keyBits, isSigned } = field.dictionary
    const keys = atLeast(buffers[1], length * (keyBits / 8))
    const data = dictionaries.get(id)
    if (!data && nullCount < length) throw corrupt('a dictionary comes after the record batch that needs it')
    const dictionary = { data: data ?? [] }
    return { ...common, values: keysOf(keys, keyBits, isSigned, length), dictionary, children: [] }
  }
  const children = await Promise.all(layout.children.map((child) => loadColumn(child, load, dictionaries)))
  switch (field.type.id) {
    case TYPE.bool:
      return { ...common, values: atLeast(buffers[1], Math.ceil(length / 8)), children }
    case TYPE.utf8:
    case TYPE.binary:
    case TYPE.largeUtf8:
    case TYPE.largeBinary:
      return {
        ...common,
        valueOffsets: offsetsOf(buffers[1], field, length),
        values: buffers[2] ?? NO_BYTES,
        children,
      }
    case TYPE.list:
    case TYPE.largeList:
    case TYPE.map:
      return { ...common, valueOffsets: offsetsOf(buffers[1], field, length), children }
    case TYPE.struct:
    case TYPE.fixedList: {
      const needed = field.type.id === TYPE.struct ? length : length * field.type.listSize
      if (children.some((child) => child.length < needed))
        throw corrupt('a column is shorter than the one it is in')
      return { ...common, children }
    }
    case TYPE.utf8View:
    case TYPE.binaryView: {
      const variadicBuffers = await Promise.all(layout.variadic.map(load))
      return { ...common, values: atLeast(buffers[1], length * 16), variadicBuffers, children }
    }
    default:
      return withValues(common, field.type, atLeast(buffers[1], length * widthOf(field.type)))
  }
}

function withValues(common: Omit<ArrowData, 'children'>, type: IpcType, values: Uint8Array): ArrowData {
  const { length } = common
  if (type.id === TYPE.decimal && type.bits < 128) {
    return { ...common, values: widen(values, type.bits / 8, length), children: [] }
  }
  if (type.id !== TYPE.interval) return { ...common, values, children: [] }
  const width = widthOf(type)
  const parts = INTERVAL_PARTS[type.unit] ?? []
  const children = parts.map(([, at, bits], i): ArrowData => {
    const part = new Uint8Array((length * bits) / 8)
    for (let row = 0; row < length; row++) {
      part.set(values.subarray(row * width + at, row * width + at + bits / 8), (row * bits) / 8)
    }
    const { type: partType } = intervalType(type).children?.[i] ?? common
    return { type: partType, offset: 0, length, nullCount: 0, values: part, children: [] }
  })
  return { ...common, children }
}

/** Two's complement, little-endian, to 16 bytes. */
function widen(values: Uint8Array, width: number, length: number): Uint8Array {
  const out = new Uint8Array(length * 16)
  for (let i = 0; i < length; i++) {
    out.set(values.subarray(i * width, (i + 1) * width), i * 16)
    if ((values[(i + 1) * width - 1] as number) & 0x80) out.fill(0xff, i * 16 + width, i * 16 + 16)
  }
  return out
}

function validityOf(bytes: Uint8Array, length: number, nullCount: number): Uint8Array | null {
  if (nullCount > length) throw corrupt('a column has more nulls than values')
  if (bytes.length > 0) return atLeast(bytes, Math.ceil(length / 8))
  if (nullCount > 0) throw corrupt('a column says that it has nulls and not where')
  return null
}

function atLeast(bytes: Uint8Array | undefined, needed: number): Uint8Array {
  if (bytes === undefined || bytes.length < needed) throw corrupt('a buffer is shorter than its column')
  return bytes
}

function offsetsOf(
  bytes: Uint8Array | undefined,
  { type }: IpcField,
  length: number,
): Int32Array | BigInt64Array {
  const large: readonly number[] = [TYPE.largeUtf8, TYPE.largeBinary, TYPE.largeList]
  const isLarge = large.includes(type.id)
  // A column without values may have no offsets at all.
  if (length === 0) return isLarge ? new BigInt64Array(1) : new Int32Array(1)
  const whole = aligned(atLeast(bytes, (length + 1) * (isLarge ? 8 : 4)))
  return isLarge
    ? new BigInt64Array(whole.buffer, whole.byteOffset, length + 1)
    : new Int32Array(whole.buffer, whole.byteOffset, length + 1)
}

const KEYS = {
  signed: { 8: Int8Array, 16: Int16Array, 32: Int32Array, 64: BigInt64Array },
  unsigned: { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array, 64: BigUint64Array },
}

function keysOf(bytes: Uint8Array, bits: number, isSigned: boolean, length: number): ArrayBufferView {
  const Keys = KEYS[isSigned ? 'signed' : 'unsigned'][bits as 8 | 16 | 32 | 64]
  const whole = aligned(bytes)
  return new Keys(whole.buffer as ArrayBuffer, whole.byteOffset, length)
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
}
