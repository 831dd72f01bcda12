import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import type { StorageClass } from './types.ts'

/** A value as the statement gives it, which is not yet what the column holds. */
export type RawValue = null | number | bigint | string | Uint8Array

/**
 * The expression that gives a column's values without loss. node:sqlite would decode text, and replace what is not valid;
 * so text comes as bytes, and a blob as hex digits, to tell the two apart.
 */
export function expressionOf(column: string): string {
  return `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) WHEN 'blob' THEN hex(${column}) ELSE ${column} END`
}

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER)

/** The storage class of a value of {@link expressionOf}; undefined for null. */
export function classOf(value: RawValue): StorageClass | undefined {
  if (value === null) return undefined
  if (typeof value === 'bigint') return value > MAX_EXACT || value < -MAX_EXACT ? 'long' : 'integer'
  if (typeof value === 'number') return 'real'
  return typeof value === 'string' ? 'blob' : 'text'
}

/** Bytes of text as UTF-8, or undefined where they are not valid; `encoding` is the database's. */
export type ToUtf8 = (bytes: Uint8Array) => Uint8Array | undefined

/** A {@link ToUtf8} for a database. */
export function createToUtf8(encoding: string): ToUtf8 {
  if (encoding === 'utf-8') return (bytes) => (isUtf8(bytes) ? bytes : undefined)
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  return (bytes) => {
    try {
      return Buffer.from(decoder.decode(bytes))
    } catch {
      return undefined
    }
  }
}
