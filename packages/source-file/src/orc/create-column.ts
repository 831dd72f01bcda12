import type { DataType } from '@omni/spec'
import { BoolRle, readPresence } from './bytes-rle.ts'
import type { ColumnReader, StripeContext } from './context.ts'
import { createDecimalColumn } from './decimal.ts'
import { damaged } from './errors.ts'
import { createListColumn, createStructColumn, createUnionColumn } from './nested.ts'
import { createBoolColumn, createByteColumn, createFloatColumn, createIntColumn } from './numbers.ts'
import type { OrcType } from './schema.ts'
import { PRESENT } from './stripe.ts'
import { createTextColumn } from './text.ts'
import { createTimestampColumn } from './timestamp.ts'

/** The reader of a column and those below it, from the start of its stripe. */
export function createColumn(type: OrcType, dataType: DataType, context: StripeContext): ColumnReader {
  const stream = context.data.stream(type.id, PRESENT)
  const present = stream && new BoolRle(stream)
  const values = createValues(type, dataType, context)
  return {
    read: (length, parent) => {
      context.budget.take(length >> 3)
      return values.read(length, readPresence(present, length, parent))
    },
  }
}

function createValues(type: OrcType, dataType: DataType, context: StripeContext): ColumnReader {
  const create = (child: OrcType, childType: DataType): ColumnReader =>
    createColumn(child, childType, context)
  switch (type.kind) {
    case 'boolean':
      return createBoolColumn(type, context)
    case 'tinyint':
      return createByteColumn(type, context)
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'date':
      return createIntColumn(type, dataType, context)
    case 'float':
    case 'double':
      return createFloatColumn(type, dataType, context)
    case 'decimal':
      return createDecimalColumn(type, dataType, context)
    case 'timestamp':
    case 'timestamp with local time zone':
      return createTimestampColumn(type, dataType, context)
    case 'list':
    case 'map':
      return createListColumn(type, dataType, context, create)
    case 'struct':
    case 'union':
      if (dataType.kind !== 'struct') throw damaged('a struct is none')
      return type.kind === 'struct'
        ? createStructColumn(type, dataType, create)
        : createUnionColumn(type, dataType, context, create)
    default:
      return createTextColumn(type, dataType, context)
  }
}
