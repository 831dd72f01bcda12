import type { DataType } from '@omni/spec'
import { z } from 'zod'

/** Which version of the database was read: unchanged, it has nothing new. */
export type SqlitePosition = {
  /** ETags of the file and of its write-ahead log, and the file's change counter. */
  readonly etag: string
}

export const position: z.ZodType<SqlitePosition> = z.strictObject({ etag: z.string() })

/**
 * Storage classes of a column's values, https://www.sqlite.org/datatype3.html#storage_classes_and_datatypes; `long` is
 * an integer that no double holds.
 */
export type StorageClass = 'integer' | 'long' | 'real' | 'text' | 'blob'

const UTF8: DataType = { kind: 'utf8' }
const BINARY: DataType = { kind: 'binary' }
const INT64: DataType = { kind: 'int', bits: 64, signed: true }
const FLOAT64: DataType = { kind: 'float', bits: 64 }

/** What a column becomes that has values of these classes, so that none changes; without any, by its declared type. */
export function typeOf(classes: ReadonlySet<StorageClass>, declared: string | null): DataType {
  if (classes.size === 0) return ofAffinity(declared ?? '')
  if (classes.has('blob')) return BINARY
  if (classes.has('text')) return UTF8
  if (!classes.has('real')) return INT64
  return classes.has('long') ? UTF8 : FLOAT64
}

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity, in its order. */
function ofAffinity(declared: string): DataType {
  if (/INT/i.test(declared)) return INT64
  if (/CHAR|CLOB|TEXT/i.test(declared)) return UTF8
  if (/BLOB/i.test(declared)) return BINARY
  return /REAL|FLOA|DOUB/i.test(declared) ? FLOAT64 : UTF8
}

/** A number in a column of text: a real keeps a point, so that 5.0 is not 5. */
export function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value)
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value)
}
