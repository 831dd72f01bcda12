import { createColumnBuilder, readColumn, sameSchema, sameType, widenFields } from '@omni/arrow'
import { type Batch, type Column, type DataType, type Field, fault, type Schema } from '@omni/spec'

/** The schema that holds the rows of both; the same object as `target` when it does already. */
export function widenSchema(target: Schema, other: Schema): Schema {
  if (target === other || sameSchema(target, other)) return target
  const fields = widenFields(target.fields, other.fields)
  return sameSchema({ fields }, target) ? target : { fields }
}

/**
 * The batch with the columns of `target`, which is as wide or wider: missing columns are null, narrower values
 * are converted exactly. Only integers become text; for others the text of the source is gone, so it is a fault.
 */
export function conform(batch: Batch, target: Schema): Batch {
  if (batch.schema === target || sameSchema(batch.schema, target)) return { ...batch, schema: target }
  const byName = new Map(batch.schema.fields.map((field, i) => [field.name, batch.columns[i] as Column]))
  const columns = target.fields.map((field) => conformColumn(byName.get(field.name), field, batch.rows))
  return { schema: target, rows: batch.rows, columns }
}

function conformColumn(column: Column | undefined, field: Field, rows: number): Column {
  if (column !== undefined && sameType(column.type, field.type)) return column
  if (column !== undefined && !isExact(column.type, field.type)) throw conflict(field, column.type)
  const builder = createColumnBuilder(field.type, rows)
  if (column === undefined || column.type.kind === 'null') {
    for (let i = 0; i < rows; i++) builder.appendNull()
    return builder.finish()
  }
  const reader = readColumn(column)
  const asText = field.type.kind === 'utf8'
  for (let i = 0; i < rows; i++) {
    const value = asText ? reader.text(i) : reader.value(i)
    if (value === null) builder.appendNull()
    else builder.append(value)
  }
  return builder.finish()
}

function isExact(from: DataType, to: DataType): boolean {
  return to.kind !== 'utf8' || from.kind === 'int' || from.kind === 'null'
}

function conflict(field: Field, other: DataType): Error {
  return fault({
    kind: 'data',
    code: 'stream.types',
    why: `Column ${JSON.stringify(field.name)} is ${field.type.kind} in one part of the stream and ${other.kind} in another.`,
    fix: 'Collect the parts as datasets of their own, or give the column a type.',
  })
}
