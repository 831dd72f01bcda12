import { type CsvKinds, type CsvType, KIND } from '@omni/kernels'
import type { DataType, Field } from '@omni/spec'

/** A column's type: how it is parsed (null: text, as it is) and what it becomes. */
export interface ColumnType {
  readonly parse: CsvType | null
  readonly type: DataType
  /** How the text is spelled, where the type alone would print it otherwise. */
  readonly sourceType?: string
}

/** Every value as it is. */
export const TEXT: ColumnType = { parse: null, type: { kind: 'utf8' } }

const WHOLE = KIND.intSmall | KIND.intBig
const FRACTION = KIND.fractionFast | KIND.fractionDecimal | KIND.fractionSlow | KIND.inexact
const DOUBLE = KIND.intSmall | KIND.fractionFast | KIND.fractionSlow | KIND.exponent
const UNITS = ['s', 'ms', 'us', 'ns'] as const
const SPELLINGS = ['true', 'True', 'TRUE']

/** The narrowest type that prints every value of these kinds as the text it came as; else text. */
export function typeOf({ kinds, scales }: CsvKinds): ColumnType {
  const isOnly = (mask: number): boolean => (kinds & ~mask) === 0
  if (kinds === 0) return TEXT
  if (isOnly(WHOLE)) return { parse: { kind: 'int64' }, type: { kind: 'int', bits: 64, signed: true } }
  if (isOnly(WHOLE | KIND.intHuge)) return decimal(0)
  if (isOnly(FRACTION)) {
    const scale = scales.toString(2).length - 1
    if (scales === 1n << BigInt(scale)) return decimal(scale)
  }
  if (isOnly(DOUBLE)) return { parse: { kind: 'float64' }, type: { kind: 'float', bits: 64 } }
  if (isOnly(KIND.date)) return { parse: { kind: 'date' }, type: { kind: 'date' } }
  for (const [spelling, text] of SPELLINGS.entries()) {
    if (isOnly(KIND.bool << spelling)) {
      const type: ColumnType = { parse: { kind: 'bool', spelling }, type: { kind: 'bool' } }
      return spelling === 0 ? type : { ...type, sourceType: text }
    }
  }
  for (let i = 0; i < 16; i++) if (isOnly(KIND.stamp << i)) return timestamp(i)
  return TEXT
}

function decimal(scale: number): ColumnType {
  return { parse: { kind: 'decimal', scale }, type: { kind: 'decimal', bits: 128, precision: 38, scale } }
}

/** `i` as {@link KIND} orders stamps: separator, unit, zone. */
function timestamp(i: number): ColumnType {
  const unit = UNITS[(i >> 1) & 3] ?? 's'
  const type: ColumnType = {
    parse: { kind: 'timestamp', stamp: KIND.stamp << i },
    type: { kind: 'timestamp', unit, zone: (i & 1) === 1 ? 'UTC' : null },
  }
  return i < 8 ? type : { ...type, sourceType: 'YYYY-MM-DD hh:mm:ss' }
}

/** Kinds of two parts of a column. */
export function joinKinds(a: CsvKinds, b: CsvKinds): CsvKinds {
  return { kinds: a.kinds | b.kinds, scales: a.scales | b.scales }
}

/** {@link CsvKinds} that a `learned` map holds, whoever put it in. */
export function isKinds(value: unknown): value is CsvKinds {
  return typeof value === 'object' && value !== null && 'kinds' in value && 'scales' in value
}

/** No value seen. */
export const NO_KINDS: CsvKinds = { kinds: 0, scales: 0n }

/** The field of a column; CSV cannot promise that nothing is null. */
export function fieldOf(name: string, column: ColumnType): Field {
  const field: Field = { name, type: column.type, nullable: true }
  return column.sourceType === undefined ? field : { ...field, sourceType: column.sourceType }
}
