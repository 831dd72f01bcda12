import { type Column, fault } from '@omni/spec'
import type { ByteWriter } from '../byte-writer.ts'
import type { Storage } from './leaves.ts'
import type { LeafValues } from './levels.ts'
import { toWhole, WIDE } from './negative-scale.ts'

/** Appends the present values in PLAIN encoding, https://parquet.apache.org/docs/file-format/data-pages/encodings/. */
export function writePlain(values: LeafValues, storage: Storage, out: ByteWriter): void {
  const { column, index, present } = values
  const { type } = column
  if (present === 0) return
  switch (type.kind) {
    case 'null':
      return
    case 'bool':
    case 'struct':
      writeBools(type.kind === 'struct' ? null : column.values, index, present, out)
      return
    case 'utf8':
    case 'binary':
      writeBytes(column, index, present, out)
      return
    case 'fixed':
      if (type.bytes > 0) writeWords(column.values, index, present, type.bytes, out)
      else for (let i = 0; i < present; i++) out.u32(0)
      return
    case 'int':
      if (type.bits === 8 || type.bits === 16)
        writeNarrow(column, type.bits, type.signed, index, present, out)
      else writeWords(column.values, index, present, type.bits / 8, out)
      return
    case 'decimal':
      if (type.scale < 0) {
        const whole = toWhole(column.values, type.bits / 8, index, present, type.scale)
        writeDecimals(whole, WIDE, storage, null, present, out)
      } else writeDecimals(column.values, type.bits / 8, storage, index, present, out)
      return
    case 'timestamp':
      if (type.unit === 's') writeSeconds(column.values, index, present, out)
      else writeWords(column.values, index, present, 8, out)
      return
    case 'time':
      if (type.unit === 's') writeClockSeconds(column.values, index, present, out)
      else writeWords(column.values, index, present, type.unit === 'ms' ? 4 : 8, out)
      return
    case 'float':
      writeWords(column.values, index, present, type.bits / 8, out)
      return
    case 'date':
      writeWords(column.values, index, present, 4, out)
      return
    default:
      writeWords(column.values, index, present, 8, out)
  }
}

/** Bits, LSB first; all ones without `bits`. */
function writeBools(
  bits: Uint8Array | null,
  index: Int32Array | null,
  present: number,
  out: ByteWriter,
): void {
  const size = (present + 7) >> 3
  const bytes = out.reserve(size)
  const start = out.length
  bytes.fill(0, start, start + size)
  for (let i = 0; i < present; i++) {
    const at = index ? (index[i] as number) : i
    if (bits === null || (bits[at >> 3] as number) & (1 << (at & 7))) {
      bytes[start + (i >> 3)] = (bytes[start + (i >> 3)] as number) | (1 << (i & 7))
    }
  }
  out.length += size
}

function writeBytes(column: Column, index: Int32Array | null, present: number, out: ByteWriter): void {
  const offsets = column.offsets as Int32Array
  const from = column.values
  let size = 4 * present
  if (index === null) size += (offsets[present] as number) - (offsets[0] as number)
  else
    for (let i = 0; i < present; i++) {
      const at = index[i] as number
      size += (offsets[at + 1] as number) - (offsets[at] as number)
    }
  const bytes = out.reserve(size)
  let to = out.length
  for (let i = 0; i < present; i++) {
    const at = index ? (index[i] as number) : i
    const start = offsets[at] as number
    const end = offsets[at + 1] as number
    const length = end - start
    bytes[to] = length
    bytes[to + 1] = length >>> 8
    bytes[to + 2] = length >>> 16
    bytes[to + 3] = length >>> 24
    to += 4
    // Below this length a loop is faster than making a view.
    if (length <= 64) for (let j = start; j < end; j++) bytes[to++] = from[j] as number
    else {
      bytes.set(from.subarray(start, end), to)
      to += length
    }
  }
  out.length = to
}

/** Values of `width` bytes as they are. */
export function writeWords(
  from: Uint8Array,
  index: Int32Array | null,
  present: number,
  width: number,
  out: ByteWriter,
): void {
  const size = present * width
  const bytes = out.reserve(size)
  if (index === null) {
    bytes.set(from.subarray(0, size), out.length)
    out.length += size
    return
  }
  let to = out.length
  if (width === 8) {
    for (let i = 0; i < present; i++, to += 8) {
      const at = (index[i] as number) * 8
      bytes[to] = from[at] as number
      bytes[to + 1] = from[at + 1] as number
      bytes[to + 2] = from[at + 2] as number
      bytes[to + 3] = from[at + 3] as number
      bytes[to + 4] = from[at + 4] as number
      bytes[to + 5] = from[at + 5] as number
      bytes[to + 6] = from[at + 6] as number
      bytes[to + 7] = from[at + 7] as number
    }
  } else {
    for (let i = 0; i < present; i++) {
      const at = (index[i] as number) * width
      for (let j = 0; j < width; j++) bytes[to++] = from[at + j] as number
    }
  }
  out.length = to
}

/** 8 and 16 bits as 32. */
function writeNarrow(
  column: Column,
  bits: 8 | 16,
  signed: boolean,
  index: Int32Array | null,
  present: number,
  out: ByteWriter,
): void {
  const { values } = column
  const shift = 32 - bits
  for (let i = 0; i < present; i++) {
    const at = index ? (index[i] as number) : i
    const raw =
      bits === 8 ? (values[at] as number) : (values[at * 2] as number) | ((values[at * 2 + 1] as number) << 8)
    out.u32(signed ? (raw << shift) >> shift : raw)
  }
}

/** Little-endian two's complement of `width` bytes to INT32, INT64 or big-endian bytes; all must hold it. */
function writeDecimals(
  from: Uint8Array,
  width: number,
  storage: Storage,
  index: Int32Array | null,
  present: number,
  out: ByteWriter,
): void {
  const size =
    storage.physical === 'int32' ? 4 : storage.physical === 'int64' ? 8 : (storage.length as number)
  const isBig = storage.physical === 'fixed'
  const held = Math.min(size, width)
  const bytes = out.reserve(present * size)
  if (!isBig && width > size) {
    writeWholeWords(from, width, size, index, present, bytes, out.length)
    out.length += present * size
    return
  }
  let to = out.length
  for (let i = 0; i < present; i++, to += size) {
    const at = (index ? (index[i] as number) : i) * width
    const sign = (from[at + held - 1] as number) & 0x80 ? 0xff : 0
    for (let j = held; j < width; j++) if (from[at + j] !== sign) throw decimalRange()
    for (let j = 0; j < size; j++) {
      bytes[isBig ? to + size - 1 - j : to + j] = j < width ? (from[at + j] as number) : sign
    }
  }
  out.length = to
}

/** Decimals as INT32 or INT64, four bytes at a time: the low words, where all above them only repeat the sign. */
function writeWholeWords(
  from: Uint8Array,
  width: number,
  size: number,
  index: Int32Array | null,
  present: number,
  bytes: Uint8Array,
  start: number,
): void {
  // Views that take any alignment: a page may begin anywhere.
  const words = new DataView(from.buffer, from.byteOffset, from.byteLength)
  const to = new DataView(bytes.buffer, bytes.byteOffset + start, present * size)
  for (let i = 0, at = 0; i < present; i++, at += size) {
    const base = (index ? (index[i] as number) : i) * width
    const sign = words.getInt32(base + size - 4, true) >> 31
    for (let j = size; j < width; j += 4) if (words.getInt32(base + j, true) !== sign) throw decimalRange()
    to.setInt32(at, words.getInt32(base, true), true)
    if (size === 8) to.setInt32(at + 4, words.getInt32(base + 4, true), true)
  }
}

function decimalRange(): Error {
  return fault({
    kind: 'data',
    code: 'parquet.decimal.range',
    why: 'A decimal has more digits than its column says.',
    fix: 'Declare the column with more digits in the source.',
  })
}

/** Parquet has no seconds; milliseconds hold them all within 292 million years. */
function writeSeconds(from: Uint8Array, index: Int32Array | null, present: number, out: ByteWriter): void {
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength)
  const bytes = out.reserve(present * 8)
  const to = new DataView(bytes.buffer, bytes.byteOffset + out.length, present * 8)
  for (let i = 0; i < present; i++) {
    const seconds = view.getBigInt64((index ? (index[i] as number) : i) * 8, true)
    const millis = seconds * 1000n
    if (BigInt.asIntN(64, millis) !== millis) throw secondsRange()
    to.setBigInt64(i * 8, millis, true)
  }
  out.length += present * 8
}

function writeClockSeconds(
  from: Uint8Array,
  index: Int32Array | null,
  present: number,
  out: ByteWriter,
): void {
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength)
  for (let i = 0; i < present; i++) {
    const millis = view.getInt32((index ? (index[i] as number) : i) * 4, true) * 1000
    if ((millis | 0) !== millis) throw secondsRange()
    out.u32(millis)
  }
}

function secondsRange(): Error {
  return fault({
    kind: 'data',
    code: 'parquet.seconds.range',
    why: 'A time in seconds is too far away for milliseconds, which is all that Parquet has.',
    fix: 'Write with --format csv or ndjson.',
  })
}
