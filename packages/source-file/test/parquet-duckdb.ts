import {
  DuckDBBitValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBUUIDValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { rowsOf } from '@omni/arrow'
import type { Batch, DataType } from '@omni/spec'

/** Rows of a Parquet file as DuckDB reads them, each value as comparable text. */
export async function readWithDuckdb(path: string): Promise<{ names: string[]; rows: string[][] }> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const result = await connection.runAndReadAll(
      `SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`,
    )
    return {
      names: result.columnNames(),
      rows: result.getRows().map((row) => row.map((value) => ofDuckdb(value))),
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

const scaled = (value: bigint, unit: number): string => `ns:${value * 10n ** BigInt(unit)}`

function ofDuckdb(value: DuckDBValue): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return ofNumber(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof DuckDBDecimalValue) return decimal(value.value, value.scale)
  if (value instanceof DuckDBBlobValue) return `hex:${Buffer.from(value.bytes).toString('hex')}`
  if (value instanceof DuckDBDateValue) return `date:${value.days}`
  if (value instanceof DuckDBTimeValue) return scaled(value.micros, 3)
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return scaled(value.micros, 3)
  if (value instanceof DuckDBTimestampNanosecondsValue) return scaled(value.nanos, 0)
  if (value instanceof DuckDBTimestampMillisecondsValue) return scaled(value.millis, 6)
  if (value instanceof DuckDBTimestampSecondsValue) return scaled(value.seconds, 9)
  if (value instanceof DuckDBUUIDValue) return `hex:${value.toString().replaceAll('-', '')}`
  if (value instanceof DuckDBListValue) return `[${value.items.map(ofDuckdb).join()}]`
  if (value instanceof DuckDBMapValue) {
    return `[${value.entries.map((entry) => `[${ofDuckdb(entry.key)},${ofDuckdb(entry.value)}]`).join()}]`
  }
  if (value instanceof DuckDBStructValue) {
    return `{${Object.entries(value.entries)
      .map(([name, inner]) => `${JSON.stringify(name)}:${ofDuckdb(inner)}`)
      .join()}}`
  }
  if (value instanceof DuckDBIntervalValue || value instanceof DuckDBBitValue) return value.toString()
  throw new Error(`DuckDB gave a value of a kind that the comparison does not know: ${String(value)}`)
}

/** Rows of our batches in the same text. */
export function ofBatch(batch: Batch): string[][] {
  const { fields } = batch.schema
  return [...rowsOf(batch)].map((row) => fields.map((field) => ofOurs(field.type, row[field.name])))
}

function ofOurs(type: DataType, value: unknown): string {
  if (value === null || value === undefined) return 'null'
  switch (type.kind) {
    case 'float':
      return ofNumber(value as number)
    case 'decimal': {
      const [whole = '', fraction = ''] = (value as string).split('.')
      return decimal(BigInt(whole + fraction), fraction.length)
    }
    case 'utf8':
      return JSON.stringify(value)
    case 'binary':
    case 'fixed':
      return `hex:${Buffer.from(value as Uint8Array).toString('hex')}`
    case 'date':
      return `date:${daysOf(value as string)}`
    case 'timestamp':
    case 'time':
      return `ns:${nanosOf(value as string, type.kind === 'time')}`
    case 'list':
      return `[${(value as unknown[]).map((item) => ofOurs(type.item.type, item)).join()}]`
    case 'map':
      return `[${(value as [unknown, unknown][])
        .map(([key, inner]) => `[${ofOurs(type.key.type, key)},${ofOurs(type.value.type, inner)}]`)
        .join()}]`
    case 'struct':
      return `{${type.fields
        .map(
          (field) =>
            `${JSON.stringify(field.name)}:${ofOurs(field.type, (value as Record<string, unknown>)[field.name])}`,
        )
        .join()}}`
    default:
      return String(value)
  }
}

function ofNumber(value: number): string {
  return Number.isNaN(value) ? 'NaN' : Object.is(value, -0) ? '-0' : String(value)
}

/** Without the zeros that only the scale asks for. */
function decimal(value: bigint, scale: number): string {
  let left = scale
  let digits = value
  while (left > 0 && digits % 10n === 0n) {
    digits /= 10n
    left--
  }
  return `dec:${digits}e-${left}`
}

function daysOf(text: string): bigint {
  return BigInt(Date.parse(`${text.length === 10 ? text : expanded(text)}T00:00:00Z`)) / 86_400_000n
}

function nanosOf(text: string, isTime: boolean): bigint {
  const [date = '', clock = ''] = isTime
    ? ['1970-01-01', text]
    : text.replace(/Z$/, '').split(/[T ](?=\d\d:)/)
  const [hms = '', fraction = ''] = clock.split('.')
  const day = BigInt(Date.parse(`${date.length === 10 ? date : expanded(date)}T00:00:00Z`)) * 1_000_000n
  const [hours = '0', minutes = '0', seconds = '0'] = hms.split(':')
  const seconds_ = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)
  return day + seconds_ * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** ISO 8601 years beyond four digits have a sign and six digits. */
function expanded(date: string): string {
  const [, sign = '+', year = '', rest = ''] = /^([+-]?)(\d+)(-\d\d-\d\d)$/.exec(date) ?? []
  return `${sign || '+'}${year.padStart(6, '0')}${rest}`
}
