import { readColumn } from '@omni/arrow'
import type { Batch, DataType, Field } from '@omni/spec'

/** A number of a dump, with all its digits. */
class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A line of a dump of ORC's own tools. */
export function parseLine(line: string): unknown {
  const keep = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value
  return JSON.parse(line, keep as (this: unknown, key: string, value: unknown) => unknown)
}

/** Rows of a batch compared to lines of a dump: the first difference, or undefined. */
export function differenceOf(batch: Batch, lines: readonly unknown[], isPlain: boolean): string | undefined {
  const columns = batch.columns.map(readColumn)
  for (let row = 0; row < batch.rows; row++) {
    for (const [c, field] of batch.schema.fields.entries()) {
      const line = lines[row]
      const wanted = isPlain ? line : (line as Record<string, unknown>)[field.name]
      const value = columns[c]?.value(row)
      if (!isSame(field.type, field, value, wanted)) {
        return `row ${row}, ${field.name}: ${String(value)} is not ${JSON.stringify(wanted)}`
      }
    }
    if (!isPlain && Object.keys(lines[row] as object).length !== batch.columns.length)
      return `row ${row}: names`
  }
  return undefined
}

type Struct = Readonly<Record<string, unknown>>

function isSame(type: DataType, field: Field, value: unknown, wanted: unknown): boolean {
  if (value === null || wanted === null) return value === wanted
  switch (type.kind) {
    case 'float': {
      const digits = type.bits === 32 ? 7 : 14
      return (
        wanted instanceof NumberText && Number((value as number).toPrecision(digits)) === Number(wanted.text)
      )
    }
    case 'int':
      return wanted instanceof NumberText && String(value) === wanted.text
    case 'decimal':
      return wanted instanceof NumberText && isSameDecimal(field, String(value), wanted.text)
    case 'timestamp':
      return clock(String(value)) === wanted
    case 'binary':
      return (
        Array.isArray(wanted) &&
        Buffer.from(value as Uint8Array).equals(Buffer.from(wanted.map(({ text }) => Number(text))))
      )
    case 'list':
      return isSameList(value as unknown[], wanted, (item, other) =>
        isSame(type.item.type, type.item, item, other),
      )
    case 'map':
      return isSameList(value as [unknown, unknown][], wanted, ([key, item], other) => {
        const entry = other as Struct
        return (
          isSame(type.key.type, type.key, key, entry['key']) &&
          isSame(type.value.type, type.value, item, entry['value'])
        )
      })
    case 'struct':
      return isSameStruct(type.fields, field, value as Struct, wanted as Struct)
    default:
      return value === wanted
  }
}

function isSameStruct(fields: readonly Field[], field: Field, value: Struct, wanted: Struct): boolean {
  if (field.sourceType?.startsWith('uniontype')) {
    const tag = Number(value['tag'])
    const variant = fields[tag + 1] as Field
    const others = fields.slice(1).filter((other) => other !== variant)
    return (
      String(tag) === (wanted['tag'] as NumberText).text &&
      isSame(variant.type, variant, value[variant.name], wanted['value']) &&
      others.every((other) => value[other.name] === null)
    )
  }
  return (
    Object.keys(wanted).length === fields.length &&
    fields.every((inner) => isSame(inner.type, inner, value[inner.name], wanted[inner.name]))
  )
}

function isSameList<T>(
  value: readonly T[],
  wanted: unknown,
  same: (item: T, other: unknown) => boolean,
): boolean {
  return (
    Array.isArray(wanted) && wanted.length === value.length && value.every((item, i) => same(item, wanted[i]))
  )
}

/** The tool that made the dumps cuts decimals without a scale, of Hive 0.11, to six digits; they are read whole here. */
function isSameDecimal({ sourceType }: Field, value: string, wanted: string): boolean {
  return trimmed(sourceType === 'decimal' ? value.replace(/(\.\d{6})\d+$/, '$1') : value) === trimmed(wanted)
}

/** Dumps differ in the zeros at the end of decimals. */
function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function clock(text: string): string {
  return text.replace('T', ' ').replace(/(\.\d+?)0+Z?$/, '$1')
}
