import type { DataType } from '@omni/spec'
import type { Physical } from './leaves.ts'

/** Least and greatest present value of a column chunk in PLAIN encoding, without a length. */
export interface Extremes {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** Longest text that is written as an extreme. A cut maximum would have to be raised; none is written instead. */
const MAX_TEXT_BYTES = 64

/**
 * Extremes over the PLAIN encoding of the values of a chunk, or null where a reader could be misled: no values, a
 * NaN (readers disagree where it sorts), types whose order is unsettled, and long texts.
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift (ColumnOrder)
 */
export function extremesOf(
  type: DataType,
  physical: Physical,
  plain: readonly Uint8Array[],
  present: number,
): Extremes | null {
  if (present === 0) return null
  switch (physical) {
    case 'boolean':
      return null
    case 'int32':
      return type.kind === 'null' ? null : int32Extremes(plain, isUnsigned(type))
    case 'int64':
      return int64Extremes(plain, isUnsigned(type))
    case 'float':
    case 'double':
      return floatExtremes(plain, physical === 'float' ? 4 : 8)
    case 'bytes':
      return type.kind === 'utf8' ? textExtremes(plain) : null
    case 'fixed':
      return null
  }
}

function isUnsigned(type: DataType): boolean {
  return type.kind === 'int' && !type.signed
}

function int32Extremes(plain: readonly Uint8Array[], unsigned: boolean): Extremes {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const bytes of plain) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.length; at += 4) {
      const value = unsigned ? view.getUint32(at, true) : view.getInt32(at, true)
      if (value < min) min = value
      if (value > max) max = value
    }
  }
  const out = new DataView(new ArrayBuffer(8))
  out.setUint32(0, min >>> 0, true)
  out.setUint32(4, max >>> 0, true)
  return { min: new Uint8Array(out.buffer, 0, 4), max: new Uint8Array(out.buffer, 4, 4) }
}

/** Compares high words first: a loop over 64-bit BigInt elements allocates. */
function int64Extremes(plain: readonly Uint8Array[], unsigned: boolean): Extremes {
  let minHigh = Number.POSITIVE_INFINITY
  let minLow = 0
  let maxHigh = Number.NEGATIVE_INFINITY
  let maxLow = 0
  for (const bytes of plain) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.length; at += 8) {
      const high = unsigned ? view.getUint32(at + 4, true) : view.getInt32(at + 4, true)
      const low = view.getUint32(at, true)
      if (high < minHigh || (high === minHigh && low < minLow)) {
        minHigh = high
        minLow = low
      }
      if (high > maxHigh || (high === maxHigh && low > maxLow)) {
        maxHigh = high
        maxLow = low
      }
    }
  }
  const out = new DataView(new ArrayBuffer(16))
  out.setUint32(0, minLow, true)
  out.setUint32(4, minHigh >>> 0, true)
  out.setUint32(8, maxLow, true)
  out.setUint32(12, maxHigh >>> 0, true)
  return { min: new Uint8Array(out.buffer, 0, 8), max: new Uint8Array(out.buffer, 8, 8) }
}

function floatExtremes(plain: readonly Uint8Array[], width: 4 | 8): Extremes | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const bytes of plain) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.length; at += width) {
      const value = width === 8 ? view.getFloat64(at, true) : view.getFloat32(at, true)
      if (Number.isNaN(value)) return null
      if (value < min) min = value
      if (value > max) max = value
    }
  }
  const out = new DataView(new ArrayBuffer(width * 2))
  // Zero has two signs that compare as equal: the specification asks for the wider bound.
  const low = min === 0 ? -0 : min
  const high = max === 0 ? 0 : max
  if (width === 8) {
    out.setFloat64(0, low, true)
    out.setFloat64(8, high, true)
  } else {
    out.setFloat32(0, low, true)
    out.setFloat32(4, high, true)
  }
  return { min: new Uint8Array(out.buffer, 0, width), max: new Uint8Array(out.buffer, width, width) }
}

interface Span {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

function textExtremes(plain: readonly Uint8Array[]): Extremes | null {
  let min: Span | undefined
  let max: Span | undefined
  // The first four bytes, most significant first, decide nearly always.
  let minPrefix = 0
  let maxPrefix = 0
  for (const bytes of plain) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.length; ) {
      const start = at + 4
      const end = start + view.getUint32(at, true)
      at = end
      const prefix = end - start >= 4 ? view.getUint32(start, false) : shortPrefix(bytes, start, end)
      if (min && max && prefix > minPrefix && prefix < maxPrefix) continue
      if (!min || prefix < minPrefix || (prefix === minPrefix && compare(bytes, start, end, min) < 0)) {
        min = { bytes, start, end }
        minPrefix = prefix
      }
      if (!max || prefix > maxPrefix || (prefix === maxPrefix && compare(bytes, start, end, max) > 0)) {
        max = { bytes, start, end }
        maxPrefix = prefix
      }
    }
  }
  if (!min || !max || min.end - min.start > MAX_TEXT_BYTES || max.end - max.start > MAX_TEXT_BYTES)
    return null
  return { min: min.bytes.slice(min.start, min.end), max: max.bytes.slice(max.start, max.end) }
}

function shortPrefix(bytes: Uint8Array, start: number, end: number): number {
  let prefix = 0
  for (let i = start; i < start + 4; i++) prefix = prefix * 256 + (i < end ? (bytes[i] as number) : 0)
  return prefix
}

function compare(bytes: Uint8Array, start: number, end: number, other: Span): number {
  const length = Math.min(end - start, other.end - other.start)
  for (let i = 0; i < length; i++) {
    const difference = (bytes[start + i] as number) - (other.bytes[other.start + i] as number)
    if (difference !== 0) return difference
  }
  return end - start - (other.end - other.start)
}
