import { valueWidth } from '@omni/arrow'
import type { DataType } from '@omni/spec'
import type { Storage } from '../../encode/parquet/leaves.ts'
import { fromWhole, WIDE } from '../../encode/parquet/negative-scale.ts'
import { damaged } from '../damaged.ts'

/** Present values only, in the layout of a column. */
export interface Dense {
  readonly values: Uint8Array
  readonly offsets: Int32Array | null
  readonly count: number
}

/** Reads `count` values in PLAIN encoding into the layout of their type. */
export function readPlain(type: DataType, storage: Storage, bytes: Uint8Array, count: number): Dense {
  switch (type.kind) {
    case 'null':
    case 'struct':
      return { values: new Uint8Array(0), offsets: null, count }
    case 'bool':
      return { values: new Uint8Array(need(bytes, (count + 7) >> 3)), offsets: null, count }
    case 'utf8':
    case 'binary':
      return readBytes(bytes, count)
    case 'int':
      return {
        values: readIntegers(need(bytes, count * Math.max(4, type.bits / 8)), type.bits, count),
        offsets: null,
        count,
      }
    case 'decimal':
      if (type.scale < 0) {
        const whole = readDecimals(bytes, storage, WIDE, count)
        return { values: fromWhole(whole, type.bits / 8, count, type.scale), offsets: null, count }
      }
      return { values: readDecimals(bytes, storage, type.bits / 8, count), offsets: null, count }
    case 'timestamp':
      if (type.unit === 's')
        return { values: readSeconds(need(bytes, count * 8), count), offsets: null, count }
      break
    case 'time':
      if (type.unit === 's')
        return { values: readClockSeconds(need(bytes, count * 4), count), offsets: null, count }
      break
    default:
  }
  return { values: new Uint8Array(need(bytes, count * valueWidth(type))), offsets: null, count }
}

/** The values of a dictionary at these places. */
export function gather(dictionary: Dense, places: Int32Array, width: number): Dense {
  const count = places.length
  const from = dictionary.values
  for (let i = 0; i < count; i++) if ((places[i] as number) >= dictionary.count) throw damaged()
  if (!dictionary.offsets) {
    const values = new Uint8Array(count * width)
    let to = 0
    for (let i = 0; i < count; i++) {
      const at = (places[i] as number) * width
      for (let j = 0; j < width; j++) values[to++] = from[at + j] as number
    }
    return { values, offsets: null, count }
  }
  const starts = dictionary.offsets
  const offsets = new Int32Array(count + 1)
  let size = 0
  for (let i = 0; i < count; i++) {
    const place = places[i] as number
    size += (starts[place + 1] as number) - (starts[place] as number)
    offsets[i + 1] = size
  }
  const values = new Uint8Array(size)
  let to = 0
  for (let i = 0; i < count; i++) {
    const place = places[i] as number
    const end = starts[place + 1] as number
    for (let j = starts[place] as number; j < end; j++) values[to++] = from[j] as number
  }
  return { values, offsets, count }
}

function need(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length < size) throw damaged()
  return bytes.subarray(0, size)
}

function readBytes(bytes: Uint8Array, count: number): Dense {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const offsets = new Int32Array(count + 1)
  const values = new Uint8Array(Math.max(0, bytes.length - 4 * count))
  let at = 0
  let to = 0
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.length) throw damaged()
    const length = view.getUint32(at, true)
    at += 4
    if (at + length > bytes.length) throw damaged()
    if (length <= 64) for (let j = 0; j < length; j++) values[to + j] = bytes[at + j] as number
    else values.set(bytes.subarray(at, at + length), to)
    at += length
    to += length
    offsets[i + 1] = to
  }
  return { values, offsets, count }
}

function readIntegers(bytes: Uint8Array, bits: number, count: number): Uint8Array {
  if (bits >= 32) return new Uint8Array(bytes)
  const size = bits / 8
  const values = new Uint8Array(count * size)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < size; j++) values[i * size + j] = bytes[i * 4 + j] as number
  }
  return values
}

function readDecimals(bytes: Uint8Array, storage: Storage, width: number, count: number): Uint8Array {
  const isBig = storage.physical === 'fixed'
  const size =
    storage.physical === 'int32' ? 4 : storage.physical === 'int64' ? 8 : (storage.length as number)
  need(bytes, count * size)
  const held = Math.min(size, width)
  const values = new Uint8Array(count * width)
  for (let i = 0; i < count; i++) {
    const from = i * size
    const to = i * width
    for (let j = 0; j < held; j++) values[to + j] = bytes[isBig ? from + size - 1 - j : from + j] as number
    if ((values[to + held - 1] as number) & 0x80) values.fill(0xff, to + held, to + width)
  }
  return values
}

function readSeconds(bytes: Uint8Array, count: number): Uint8Array {
  const values = new Uint8Array(count * 8)
  const from = new DataView(bytes.buffer, bytes.byteOffset)
  const to = new DataView(values.buffer)
  for (let i = 0; i < count; i++) to.setBigInt64(i * 8, from.getBigInt64(i * 8, true) / 1000n, true)
  return values
}

function readClockSeconds(bytes: Uint8Array, count: number): Uint8Array {
  const values = new Uint8Array(count * 4)
  const from = new DataView(bytes.buffer, bytes.byteOffset)
  const to = new DataView(values.buffer)
  for (let i = 0; i < count; i++) to.setInt32(i * 4, from.getInt32(i * 4, true) / 1000, true)
  return values
}
