import { Buffer } from 'node:buffer'
import type { Batch, Column, DataType, Row } from '@omni/spec'
import { bitAt } from './bits.ts'
import { float16ToNumber } from './float16.ts'
import { base64 } from './json-text.ts'
import { decimalText, floatText } from './number-text.ts'
import { clockText, dateText, durationText, timestampText } from './time-text.ts'

/** Reads the values of one column; make one and keep it for the column, since it prepares its views. */
export interface ColumnReader {
  /**
   * The exact JavaScript value, or null: number for up to 32 bits and floats, bigint for 64 bits, text for decimals
   * and all dates and times, Uint8Array for bytes (a view), array, object, and for maps an array of [key, value].
   */
  value(i: number): unknown
  /** The canonical text, or null; see {@link textAt}. */
  text(i: number): string | null
  /** The JSON text, `null` where it is null; see {@link jsonAt}. */
  json(i: number): string
}

/** What a kind does with a value that is present. */
interface Access {
  value(i: number): unknown
  text(i: number): string
  json(i: number): string
}

/** A {@link ColumnReader} for a column. */
export function readColumn(column: Column): ColumnReader {
  const { validity } = column
  if (column.type.kind === 'null') return { value: () => null, text: () => null, json: () => 'null' }
  const access = accessTo(column)
  if (validity === null || column.nullCount === 0) return access
  return {
    value: (i) => (bitAt(validity, i) ? access.value(i) : null),
    text: (i) => (bitAt(validity, i) ? access.text(i) : null),
    json: (i) => (bitAt(validity, i) ? access.json(i) : 'null'),
  }
}

/** The exact value at `i`; see {@link ColumnReader.value}. For many values use {@link readColumn}. */
export function valueAt(column: Column, i: number): unknown {
  return readColumn(column).value(i)
}

/**
 * The canonical text at `i`, or null: integers and decimals as digits (a decimal with all its scale), floats by the
 * shortest text that reads back, `true`/`false`, utf8 as it is, bytes as base64, ISO 8601 dates and times with
 * exactly the unit's digits, nested values as their JSON text. `parseText` is its inverse.
 */
export function textAt(column: Column, i: number): string | null {
  return readColumn(column).text(i)
}

/**
 * The JSON text at `i`: numbers of every width as JSON numbers with all their digits, `NaN` and the infinities as
 * strings, text, bytes, dates and times as strings of their canonical text, maps as an array of [key, value].
 */
export function jsonAt(column: Column, i: number): string {
  return readColumn(column).json(i)
}

/** Row `i` as an object, of the values of {@link valueAt}. */
export function rowAt(batch: Batch, i: number): Row {
  const row: Record<string, unknown> = {}
  for (const [c, field] of batch.schema.fields.entries()) {
    setOwn(row, field.name, valueAt(batch.columns[c] as Column, i))
  }
  return row
}

/** The rows of a batch as objects, one after the other. */
export function* rowsOf(batch: Batch): Generator<Row> {
  const names = batch.schema.fields.map((field) => field.name)
  const readers = batch.columns.map(readColumn)
  for (let i = 0; i < batch.rows; i++) {
    const row: Record<string, unknown> = {}
    for (let c = 0; c < names.length; c++) setOwn(row, names[c] as string, readers[c]?.value(i))
    yield row
  }
}

function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  // Plain assignment of this one name would set the prototype.
  if (name !== '__proto__') object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
}

function accessTo(column: Column): Access {
  const { type, values } = column
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength)
  switch (type.kind) {
    case 'bool': {
      const text = (i: number): string => (bitAt(values, i) ? 'true' : 'false')
      return { value: (i) => bitAt(values, i), text, json: text }
    }
    case 'int': {
      const value = integerReader(type, view)
      const text = (i: number): string => value(i).toString()
      return { value, text, json: text }
    }
    case 'float':
      return floatAccess(type, view)
    case 'decimal': {
      const text = (i: number): string => decimalText(decimalAt(view, i, type.bits), type.scale)
      return { value: text, text, json: text }
    }
    case 'utf8': {
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
      const offsets = column.offsets as Int32Array
      const text = (i: number): string => bytes.toString('utf8', offsets[i], offsets[i + 1])
      return { value: text, text, json: (i) => JSON.stringify(text(i)) }
    }
    case 'binary': {
      const offsets = column.offsets as Int32Array
      return bytesAccess((i) => values.subarray(offsets[i], offsets[i + 1]))
    }
    case 'fixed':
      return bytesAccess((i) => values.subarray(i * type.bytes, (i + 1) * type.bytes))
    case 'list':
      return listAccess(column)
    case 'map':
      return mapAccess(column)
    case 'struct':
      return structAccess(column, type)
    default:
      return timeAccess(type, view)
  }
}

function integerReader(type: DataType & { kind: 'int' }, view: DataView): (i: number) => number | bigint {
  const { signed } = type
  switch (type.bits) {
    case 8:
      return signed ? (i) => view.getInt8(i) : (i) => view.getUint8(i)
    case 16:
      return signed ? (i) => view.getInt16(i * 2, true) : (i) => view.getUint16(i * 2, true)
    case 32:
      return signed ? (i) => view.getInt32(i * 4, true) : (i) => view.getUint32(i * 4, true)
    default:
      return signed ? (i) => view.getBigInt64(i * 8, true) : (i) => view.getBigUint64(i * 8, true)
  }
}

function floatAccess(type: DataType & { kind: 'float' }, view: DataView): Access {
  const value = floatReader(type.bits, view)
  const text = (i: number): string => floatText(value(i), type.bits)
  const json = (i: number): string => {
    const float = value(i)
    return Number.isFinite(float) ? floatText(float, type.bits) : `"${String(float)}"`
  }
  return { value, text, json }
}

function floatReader(bits: 16 | 32 | 64, view: DataView): (i: number) => number {
  if (bits === 64) return (i) => view.getFloat64(i * 8, true)
  if (bits === 32) return (i) => view.getFloat32(i * 4, true)
  return (i) => float16ToNumber(view.getUint16(i * 2, true))
}

function decimalAt(view: DataView, i: number, bits: 128 | 256): bigint {
  const words = bits / 64
  const at = i * (bits / 8)
  let value = view.getBigInt64(at + (words - 1) * 8, true)
  for (let w = words - 2; w >= 0; w--) value = (value << 64n) | view.getBigUint64(at + w * 8, true)
  return value
}

function timeAccess(type: DataType, view: DataView): Access {
  const text = timeReader(type, view)
  return { value: text, text, json: (i) => `"${text(i)}"` }
}

function timeReader(type: DataType, view: DataView): (i: number) => string {
  switch (type.kind) {
    case 'date':
      return (i) => dateText(view.getInt32(i * 4, true))
    case 'time': {
      const { unit } = type
      if (unit === 's' || unit === 'ms') return (i) => clockText(BigInt(view.getInt32(i * 4, true)), unit)
      return (i) => clockText(view.getBigInt64(i * 8, true), unit)
    }
    case 'timestamp': {
      const { unit } = type
      const zoned = type.zone !== null
      return (i) => timestampText(view.getBigInt64(i * 8, true), unit, zoned)
    }
    case 'duration':
      return (i) => durationText(view.getBigInt64(i * 8, true), type.unit)
    default:
      return () => ''
  }
}

function bytesAccess(value: (i: number) => Uint8Array): Access {
  const text = (i: number): string => base64(value(i))
  return { value, text, json: (i) => `"${text(i)}"` }
}

function listAccess(column: Column): Access {
  const offsets = column.offsets as Int32Array
  const items = readColumn(column.children[0] as Column)
  const each = <T>(i: number, get: (j: number) => T): T[] => {
    const found: T[] = []
    for (let j = offsets[i] as number; j < (offsets[i + 1] as number); j++) found.push(get(j))
    return found
  }
  const json = (i: number): string => `[${each(i, (j) => items.json(j)).join(',')}]`
  return { value: (i) => each(i, (j) => items.value(j)), text: json, json }
}

function mapAccess(column: Column): Access {
  const offsets = column.offsets as Int32Array
  const [keys, values] = column.children.map(readColumn) as [ColumnReader, ColumnReader]
  const each = <T>(i: number, get: (j: number) => T): T[] => {
    const found: T[] = []
    for (let j = offsets[i] as number; j < (offsets[i + 1] as number); j++) found.push(get(j))
    return found
  }
  const json = (i: number): string => `[${each(i, (j) => `[${keys.json(j)},${values.json(j)}]`).join(',')}]`
  return { value: (i) => each(i, (j) => [keys.value(j), values.value(j)]), text: json, json }
}

function structAccess(column: Column, type: DataType & { kind: 'struct' }): Access {
  const readers = column.children.map(readColumn)
  const names = type.fields.map((field) => field.name)
  const heads = names.map((name) => `${JSON.stringify(name)}:`)
  const value = (i: number): unknown => {
    const object: Record<string, unknown> = {}
    for (let c = 0; c < names.length; c++) setOwn(object, names[c] as string, readers[c]?.value(i))
    return object
  }
  const json = (i: number): string =>
    `{${readers.map((reader, c) => (heads[c] as string) + reader.json(i)).join(',')}}`
  return { value, text: json, json }
}
