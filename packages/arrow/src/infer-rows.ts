import { type Batch, type Field, isFault, type Row, type Schema } from '@omni/spec'
import { inColumn } from './batch-builder.ts'
import { FixedBuilder } from './build-fixed.ts'
import { appendField, ListBuilder, StructBuilder } from './build-nested.ts'
import type { BuilderMode, ColumnBuilder } from './builder.ts'
import { builderFor } from './create-builder.ts'
import { checkRow, keysOf } from './row-keys.ts'
import { asLong, fieldsOfShapes, NOTHING, observe, observeKeys, type Shape } from './shape.ts'
import { sameSchema } from './types.ts'
import { widenFields } from './widen.ts'

/** What {@link RowInferrer.encode} makes of rows: a batch, or the reason why the schema is too narrow for them. */
export type RowInference =
  | { readonly batch: Batch; readonly contradiction?: undefined }
  | { readonly batch?: undefined; readonly contradiction: Contradiction }

/** A row that the schema cannot hold, and a schema that can. */
export interface Contradiction {
  /** The first column that does not fit, or that is new. */
  readonly column: string
  /** One sentence, without a value. */
  readonly why: string
  /** Holds all rows that this inferrer has seen, these too. Start again with it. */
  readonly wider: Schema
}

/**
 * Rows to columns, where typing never changes a value: a JavaScript integer is int64, another number float64, a
 * bigint or `ExactNumber` int64 or else decimal(38,0) or else text, text is always utf8 (`"007"` stays), Date is
 * timestamp(ms, UTC), bytes are binary, arrays lists, plain objects structs with the union of their keys. Integers
 * and floats meet in float64 only while a double holds every one of the integers. Other mixtures are utf8, in which
 * strings stay as they are and other values are their JSON text, number for number and digit for digit.
 */
export interface RowInferrer {
  /** The schema for all rows seen so far, with these. */
  infer(rows: readonly Row[]): Schema
  /**
   * The rows as a batch of `schema`. One that is not from here was declared by the source: then values are converted
   * where that is exact, as in `createBatchBuilder`. Throws a fault of kind `data` only for a value that no column can hold (a
   * function, an invalid date, a lone surrogate).
   */
  encode(rows: readonly Row[], schema: Schema): RowInference
}

/** A {@link RowInferrer} for one stream. */
export function createRowInferrer(): RowInferrer {
  const shapes = new Map<string, Shape>()
  const issued = new WeakSet<Schema>()
  let current: Encoder | undefined

  const infer = (rows: readonly Row[]): Schema => {
    for (const row of rows) observeRow(shapes, row)
    const schema: Schema = { fields: fieldsOfShapes(shapes) }
    issued.add(schema)
    return schema
  }

  return {
    infer,
    encode(rows, schema) {
      if (current?.schema !== schema)
        current = createEncoder(schema, issued.has(schema) ? 'inferred' : 'declared')
      const result = current.encode(rows)
      if ('batch' in result) {
        current.report(shapes)
        return result
      }
      current = undefined
      const seen = infer(rows)
      // A schema from elsewhere may hold what this inferrer has not seen.
      const wider: Schema = issued.has(schema) ? seen : { fields: widenFields(schema.fields, seen.fields) }
      if (sameSchema(wider, schema)) throw result.error
      issued.add(wider)
      return { contradiction: { column: result.column, why: result.why, wider } }
    },
  }
}

/** Names the column when a value has no shape. */
function observeRow(shapes: Map<string, Shape>, row: Row): void {
  checkRow(row)
  try {
    observeKeys(shapes, row)
  } catch (error) {
    const column = Object.keys(row).find((key) => !canObserve(row[key]))
    throw column === undefined ? error : inColumn(error, column)
  }
}

function canObserve(value: unknown): boolean {
  try {
    observe(NOTHING, value)
    return true
  } catch {
    return false
  }
}

interface Misfit {
  readonly column: string
  readonly why: string
  readonly error: unknown
}

interface Encoder {
  readonly schema: Schema
  encode(rows: readonly Row[]): { readonly batch: Batch } | Misfit
  /** Tells the shapes which integers turned out to need 64 bits. */
  report(shapes: Map<string, Shape>): void
}

function createEncoder(schema: Schema, mode: BuilderMode): Encoder {
  const { fields } = schema
  const keys = keysOf(fields)
  let builders: ColumnBuilder[] | undefined
  return {
    schema,
    encode(rows) {
      for (const row of rows) {
        checkRow(row)
        if (keys.hasOther(row)) {
          const column = Object.keys(row).find((key) => !fields.some((field) => field.name === key)) ?? ''
          return { column, why: 'A later row has a key that was not there before.', error: undefined }
        }
      }
      builders ??= fields.map((field) => builderFor(field.type, rows.length, mode))
      for (const [c, builder] of builders.entries()) {
        const field = fields[c] as Field
        try {
          for (let r = 0; r < rows.length; r++) appendField(builder, field, keys.get(rows[r] as Row, c))
        } catch (error) {
          if (!isFault(error) || !error.code.startsWith('arrow.value.')) throw error
          return {
            column: field.name,
            why: 'A later value is of a wider kind.',
            error: inColumn(error, field.name),
          }
        }
      }
      return { batch: { schema, rows: rows.length, columns: builders.map((builder) => builder.finish()) } }
    },
    report(shapes) {
      for (const [c, field] of fields.entries()) {
        const shape = shapes.get(field.name)
        const builder = builders?.[c]
        if (shape !== undefined && builder !== undefined) shapes.set(field.name, reported(shape, builder))
      }
    },
  }
}

function reported(shape: Shape, builder: ColumnBuilder): Shape {
  if (builder instanceof FixedBuilder) return builder.sawWide ? asLong(shape) : shape
  if (builder instanceof ListBuilder && shape.kind === 'list') shape.item = reported(shape.item, builder.item)
  if (builder instanceof StructBuilder && shape.kind === 'struct') {
    const names = [...shape.fields.keys()]
    for (const [i, name] of names.entries()) {
      const child = builder.children[i]
      if (child !== undefined) shape.fields.set(name, reported(shape.fields.get(name) as Shape, child))
    }
  }
  return shape
}
