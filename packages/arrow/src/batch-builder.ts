import { type Batch, type Field, fault, isFault, type Row, type Schema } from '@omni/spec'
import { appendField } from './build-nested.ts'
import type { ColumnBuilder } from './builder.ts'
import { createColumnBuilder } from './create-builder.ts'
import { unknownKey } from './faults.ts'
import { checkRow, keysOf } from './row-keys.ts'
import { BLOCK_ROWS } from './types.ts'

/** Builds batches of a known schema, row by row. */
export interface BatchBuilder {
  readonly schema: Schema
  /** Rows appended since the last `finish`. */
  readonly rows: number
  /** One builder a field, for sources that append column by column. They must be of one length at `finish`. */
  readonly columns: readonly ColumnBuilder[]
  /**
   * Appends a row. A missing key is null. A value that its type cannot hold exactly, or a key that the schema lacks,
   * is a fault of kind `data` that names the column, and the row is as if it had never been appended.
   */
  append(row: Row): void
  /** The batch so far; then the builder is empty. */
  finish(): Batch
}

/** A {@link BatchBuilder}; `capacity` is the number of rows to make room for at first. */
export function createBatchBuilder(schema: Schema, capacity: number = BLOCK_ROWS): BatchBuilder {
  const columns = schema.fields.map((field) => createColumnBuilder(field.type, capacity))
  const keys = keysOf(schema.fields)
  const rows = (): number => columns[0]?.length ?? emptyRows
  // A schema without columns still counts its rows.
  let emptyRows = 0
  return {
    schema,
    columns,
    get rows() {
      return rows()
    },
    append(row) {
      checkRow(row)
      if (keys.hasOther(row)) throw unknownKey()
      const before = rows()
      for (let i = 0; i < columns.length; i++) {
        const field = schema.fields[i] as Field
        try {
          appendField(columns[i] as ColumnBuilder, field, keys.get(row, i))
        } catch (error) {
          for (const column of columns) column.truncate(before)
          throw inColumn(error, field.name)
        }
      }
      emptyRows++
    },
    finish() {
      const count = rows()
      emptyRows = 0
      const finished = columns.map((column) => column.finish())
      if (finished.some((column) => column.length !== count)) {
        throw fault({
          kind: 'bug',
          code: 'arrow.batch.ragged',
          why: 'The columns of a batch are not of one length.',
          fix: 'Append to every column for every row.',
        })
      }
      return { schema, rows: count, columns: finished }
    },
  }
}

/** Rows as a batch of a schema that the source declared; see {@link BatchBuilder.append}. */
export function encodeRows(rows: readonly Row[], schema: Schema): Batch {
  const builder = createBatchBuilder(schema, Math.max(8, rows.length))
  for (const row of rows) builder.append(row)
  return builder.finish()
}

/** The same fault with the column's name; other errors as they are. */
export function inColumn(error: unknown, name: string): unknown {
  if (!isFault(error) || !error.code.startsWith('arrow.value.')) return error
  return fault({
    kind: error.kind,
    code: error.code,
    why: `Column ${JSON.stringify(name)}: ${error.why}`,
    fix: error.fix,
  })
}
