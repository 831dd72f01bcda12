import type { ArrowData } from './column.ts'
import { corrupt } from './errors.ts'
import { TYPE } from './schema.ts'

const NO_BYTES = new Uint8Array(0)
type Keys = ArrayBufferView & { subarray(from: number, to: number): ArrayBufferView }

/**
 * Values `from` to `to` of a column, at a cost of what is in them: a record batch may be the whole file, and decoding it
 * at once would take its size in memory again, times what its dictionaries save. Offsets are checked to rise.
 */
export function sliceData(data: ArrowData, from: number, to: number): ArrowData {
  const length = to - from
  const base = { ...data, length, offset: data.offset + from }
  switch (data.type.typeId) {
    case TYPE.null:
      return { ...base, nullCount: length }
    case TYPE.bool:
      return base
    case -1:
      return { ...base, values: (data.values as Keys).subarray(from, to) }
    case TYPE.utf8:
    case TYPE.binary:
    case TYPE.largeUtf8:
    case TYPE.largeBinary: {
      const { offsets, start, end } = offsetsOf(data, from, to, bytesOf(data.values).length)
      return { ...base, valueOffsets: offsets, values: bytesOf(data.values).subarray(start, end) }
    }
    case TYPE.list:
    case TYPE.largeList:
    case TYPE.map: {
      const [child] = data.children as [ArrowData]
      const { offsets, start, end } = offsetsOf(data, from, to, child.length)
      return { ...base, valueOffsets: offsets, children: [sliceData(child, start, end)] }
    }
    case TYPE.fixedList: {
      const size = data.type.listSize
      return { ...base, children: data.children.map((child) => sliceData(child, from * size, to * size)) }
    }
    case TYPE.struct:
      return { ...base, children: data.children.map((child) => sliceData(child, from, to)) }
    default: {
      const bytes = bytesOf(data.values)
      const width = widthOf(data)
      return { ...base, values: bytes.subarray(from * width, to * width) }
    }
  }
}

/** Offsets that begin at 0, and the part of the values that they stand for. */
function offsetsOf(
  { valueOffsets }: ArrowData,
  from: number,
  to: number,
  available: number,
): { readonly offsets: Int32Array; readonly start: number; readonly end: number } {
  const start = Number(valueOffsets?.[from] ?? 0)
  const end = Number(valueOffsets?.[to] ?? 0)
  if (start < 0 || end > available || end - start > 0x7fff_ffff) {
    throw corrupt('an offset lies outside of its column')
  }
  const offsets = new Int32Array(to - from + 1)
  let before = 0
  for (let i = from; i <= to; i++) {
    const offset = Number(valueOffsets?.[i] ?? 0) - start
    if (offset < before) throw corrupt('the offsets of a column do not rise')
    offsets[i - from] = offset
    before = offset
  }
  return { offsets, start, end }
}

function bytesOf(view: ArrayBufferView | null | undefined): Uint8Array {
  return view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : NO_BYTES
}

/** Every buffer was checked to be long enough, so its type says how wide a value is. */
function widthOf({ type }: ArrowData): number {
  switch (type.typeId) {
    case TYPE.int:
    case TYPE.decimal:
      return type.bitWidth / 8
    case TYPE.float:
      return [2, 4, 8][type.precision] ?? 8
    case TYPE.date:
      return type.unit === 0 ? 4 : 8
    case TYPE.time:
      return type.unit < 2 ? 4 : 8
    case TYPE.fixed:
      return type.byteWidth
    case TYPE.utf8View:
    case TYPE.binaryView:
      return 16
    default:
      return 8
  }
}
