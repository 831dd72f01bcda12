import { KIND } from '@omni/kernels'
import type { DataType } from '@omni/spec'
import { z } from 'zod'
import { csvFault } from './errors.ts'
import { type ColumnType, TEXT } from './typing.ts'

/** Types that a person gave to columns, by name; the others are inferred. */
export type Declared = ReadonlyMap<string, ColumnType>

const schema = z.strictObject({ columns: z.record(z.string(), z.string()) })

const UNITS = ['s', 'ms', 'us', 'ns'] as const
const PLAIN: Readonly<Record<string, ColumnType>> = {
  text: TEXT,
  utf8: TEXT,
  string: TEXT,
  int64: { parse: { kind: 'int64' }, type: { kind: 'int', bits: 64, signed: true } },
  float64: { parse: { kind: 'float64' }, type: { kind: 'float', bits: 64 } },
  date: { parse: { kind: 'date' }, type: { kind: 'date' } },
  bool: { parse: { kind: 'bool', spelling: 0 }, type: { kind: 'bool' } },
}

/** The types of a schema file: its text, as `types` holds it. */
export function parseDeclared(text: string): Declared {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw csvFault('file.csv.types', 'The types are neither infer, exact, text, nor JSON.', error)
  }
  const found = schema.safeParse(json)
  if (!found.success)
    throw csvFault('file.csv.types', 'The schema of types is not {"columns": {name: type}}.')
  return new Map(Object.entries(found.data.columns).map(([name, type]) => [name, typeNamed(name, type)]))
}

function typeNamed(column: string, text: string): ColumnType {
  const name = text.toLowerCase().replace(/\s+/g, '')
  const plain = PLAIN[name]
  if (plain) return plain
  const decimal = /^decimal\((\d{1,2}),(\d{1,2})\)$/.exec(name)
  if (decimal) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])]
    if (precision >= 1 && precision <= 38 && scale <= precision) {
      const type: DataType = { kind: 'decimal', bits: 128, precision, scale }
      return { parse: { kind: 'decimal', scale }, type }
    }
  }
  const stamp = /^timestamp(?:\((s|ms|us|ns)(?:,(utc))?\))?$/.exec(name)
  if (stamp) {
    const unit = UNITS.findIndex((one) => one === (stamp[1] ?? 'us'))
    const zone = stamp[2] === undefined ? 0 : 1
    const type: DataType = { kind: 'timestamp', unit: UNITS[unit] ?? 'us', zone: zone === 1 ? 'UTC' : null }
    return { parse: { kind: 'timestamp', stamp: KIND.stamp << (unit * 2 + zone) }, type }
  }
  const why = `Column ${JSON.stringify(column)} has an unknown type; there are text, int64, float64, bool, date, decimal(p,s) and timestamp(unit[,utc]).`
  throw csvFault('file.csv.types', why)
}

/**
 * A text as the kernel takes it for the type, when it means one value of it and no digit is lost: `1.5` as
 * `decimal(9,2)` is `1.50`. Undefined where it contradicts the type.
 */
export function conform(text: string, { type }: ColumnType): string | undefined {
  switch (type.kind) {
    case 'decimal':
      return decimalText(text, type.precision, type.scale)
    case 'float': {
      const match = /^-?(?:0|[1-9]\d*)\.\d*?(0+)$/.exec(text)
      const short = match ? text.slice(0, -match[1]!.length).replace(/\.$/, '') : text
      return String(Number(short)) === short ? short : undefined
    }
    case 'bool':
      return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : undefined
    case 'timestamp':
      return stampText(text, UNITS.indexOf(type.unit) * 3, type.zone !== null)
    default:
      return undefined
  }
}

function decimalText(text: string, precision: number, scale: number): string | undefined {
  const match = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text)
  if (!match) return undefined
  const [, sign = '', whole = '', given = ''] = match
  const fraction = given.replace(/0+$/, '')
  if (fraction.length > scale || (whole === '0' ? 0 : whole.length) + scale > precision) return undefined
  const padded = scale === 0 ? whole : `${whole}.${fraction.padEnd(scale, '0')}`
  return /[1-9]/.test(padded) ? sign + padded : padded
}

function stampText(text: string, digits: number, isZoned: boolean): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?)?(Z?)$/.exec(text)
  if (!match || (match[4] === 'Z') !== isZoned) return undefined
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  if (fraction.length > digits) return undefined
  const tail = digits === 0 ? '' : `.${fraction.padEnd(digits, '0')}`
  return `${match[1]}T${match[2] ?? '00:00:00'}${tail}${match[4]}`
}
