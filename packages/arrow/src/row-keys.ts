import type { Field } from '@omni/spec'
import { notARow } from './faults.ts'
import { isPlainObject } from './value-kind.ts'

type AnyRow = Readonly<Record<string, unknown>>

/** How the values of a row are found by field: own keys only, so that `constructor` or `__proto__` is never invented. */
export interface Keys {
  get(row: AnyRow, i: number): unknown
  /** True where the row has an own key, with a value, that is no field. */
  hasOther(row: AnyRow): boolean
}

/** The {@link Keys} of some fields. */
export function keysOf(fields: readonly Field[]): Keys {
  const names = fields.map((field) => field.name)
  const known = new Set(names)
  // Names that every object inherits need the slow question.
  const inherited = names.map((name) => name in Object.prototype)
  return {
    get(row, i) {
      const name = names[i] as string
      return inherited[i] === true && !Object.hasOwn(row, name) ? undefined : row[name]
    },
    hasOther(row) {
      let i = 0
      for (const key in row) {
        // Rows of one source have their keys in one order: comparing is cheaper than a look-up.
        if (key !== names[i++] && !known.has(key) && row[key] !== undefined && Object.hasOwn(row, key))
          return true
      }
      return false
    },
  }
}

/** Refuses what has no columns, or hides them: its values would be lost without a word. */
export function checkRow(row: unknown): asserts row is AnyRow {
  if (isPlainObject(row)) return
  const isInstance =
    typeof row === 'object' && row !== null && !Array.isArray(row) && !ArrayBuffer.isView(row)
  if (!isInstance || Object.keys(row).length === 0) throw notARow(row)
}
