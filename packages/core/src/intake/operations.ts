import { createColumnBuilder, fieldOf } from '@omni/arrow'
import { type Batch, type Field, fault, type Source } from '@omni/spec'

/** Column that says what a change stream did to the row: `append`, `upsert` or `delete`. */
export const OPERATION: Field = { ...fieldOf('_op', { kind: 'utf8' }), nullable: false }

/** The operation to note, or undefined for a source that only appends. */
export function operationOf(source: Source, op: string): string | undefined {
  if (source.capabilities.changes) return op
  if (op === 'append') return undefined
  throw fault({
    kind: 'bug',
    code: `${source.name}.changes`,
    why: `The source ${source.name} gave the operation ${op} without saying that it can (capability changes).`,
    fix: 'Report it to the author of the source.',
  })
}

/** The batch with the operation as its first column. */
export function withOperation(batch: Batch, operation: string): Batch {
  if (batch.schema.fields.some(({ name }) => name === OPERATION.name)) {
    throw fault({
      kind: 'unsupported',
      code: 'stream.operation',
      why: 'The stream has a column "_op" of its own, which is where changes are noted.',
      fix: 'Rename the column where it comes from.',
    })
  }
  const builder = createColumnBuilder(OPERATION.type, batch.rows)
  for (let i = 0; i < batch.rows; i++) builder.append(operation)
  return {
    schema: { fields: [OPERATION, ...batch.schema.fields] },
    rows: batch.rows,
    columns: [builder.finish(), ...batch.columns],
  }
}
