import { type DataType, type Fault, fault } from '@omni/spec'
import { typeToString } from './type-text.ts'

/** The fault for a value that a type cannot hold without change. Never names the value. */
export function inexact(type: DataType): Fault {
  return fault({
    kind: 'data',
    code: 'arrow.value.inexact',
    why: `A value cannot be held by ${typeToString(type)} without changing it.`,
    fix: 'Give the column a wider type.',
  })
}

/** The fault for a value of a kind that a type does not take. */
export function wrongKind(type: DataType, value: unknown): Fault {
  return fault({
    kind: 'data',
    code: 'arrow.value.type',
    why: `A value of kind ${kindOf(value)} does not belong in a column of ${typeToString(type)}.`,
    fix: 'Give the column another type, or convert the value.',
  })
}

/** The fault for a null where the field allows none. */
export function unexpectedNull(name: string): Fault {
  return fault({
    kind: 'data',
    code: 'arrow.value.null',
    why: `The field ${JSON.stringify(name)} is null, and was declared not to be.`,
    fix: 'Declare the field nullable.',
  })
}

/** The fault for a key that the schema does not have. Keys may be data, so it is not named. */
export function unknownKey(): Fault {
  return fault({
    kind: 'data',
    code: 'arrow.value.key',
    why: 'An object has a key that its type does not have.',
    fix: 'Add the field to the schema.',
  })
}

/** The fault for a value nested without end, or nearly. */
export function tooDeep(): Fault {
  return fault({
    kind: 'data',
    code: 'arrow.value.depth',
    why: 'A value is nested deeper than 500 levels, or contains itself.',
    fix: 'Flatten it before.',
  })
}

/** The fault for a row that is no object of columns. */
export function notARow(row: unknown): Fault {
  return fault({
    kind: 'data',
    code: 'arrow.row.type',
    why: `A row is not an object with a key for each column, but of kind ${kindOf(row)}.`,
    fix: 'Make each row an object, as in `{ id: 1, name: "x" }`.',
  })
}

/** The fault for more bytes or items than 32-bit offsets can address. */
export function tooLarge(type: DataType): Fault {
  return fault({
    kind: 'data',
    code: 'arrow.column.large',
    why: `A column of ${typeToString(type)} grew past 2 GiB in one batch.`,
    fix: 'Use smaller chunks.',
  })
}

/** The fault for a batch whose buffers do not go together; `name` is the column, or empty for the batch. */
export function damaged(name: string, why: string): Fault {
  return fault({
    kind: 'data',
    code: 'arrow.batch.damaged',
    why:
      name === ''
        ? `A batch is not well-formed: ${why}.`
        : `Column ${JSON.stringify(name)} is not well-formed: ${why}.`,
    fix: 'This is a defect of the source; please report it.',
  })
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value !== 'object') return typeof value
  if (value instanceof Date) return 'date'
  return value instanceof Uint8Array ? 'binary' : 'object'
}
