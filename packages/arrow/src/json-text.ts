import { Buffer } from 'node:buffer'
import { isExactNumber, numberOfToken } from './exact-number.ts'
import { tooDeep, wrongKind } from './faults.ts'
import { floatText } from './number-text.ts'
import { isPlainObject } from './value-kind.ts'

/**
 * The text of a value in a column of mixed kinds: strings as they are, other kinds as their JSON text. Numbers keep
 * every digit (bigint and {@link ExactNumber} too), dates are ISO 8601 in UTC, bytes are base64.
 */
export function textOfValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Date) return dateIso(value)
  if (value instanceof Uint8Array) return base64(value)
  if (typeof value === 'number') return floatText(value, 64)
  return jsonOfValue(value)
}

/** Deeper values are refused: every reader of JSON has such a bound, and a value may contain itself. */
const MAX_DEPTH = 500

/**
 * JSON text of a row value, exact where `JSON.stringify` is not: bigint and {@link ExactNumber} as digits, `-0` as
 * `-0`, and `NaN` and the infinities, which JSON lacks, as strings of these names.
 */
export function jsonOfValue(value: unknown): string {
  return jsonBelow(value, 0)
}

function jsonBelow(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? floatText(value, 64) : `"${String(value)}"`
    case 'bigint':
      return value.toString()
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return 'null'
    case 'object':
      return jsonOfObject(value, depth + 1)
    default:
      throw wrongKind({ kind: 'utf8' }, value)
  }
}

function jsonOfObject(value: object | null, depth: number): string {
  if (value === null) return 'null'
  if (value instanceof Date) return JSON.stringify(dateIso(value))
  if (value instanceof Uint8Array) return JSON.stringify(base64(value))
  if (isExactNumber(value)) return value.text
  if (depth > MAX_DEPTH) throw tooDeep()
  if (Array.isArray(value)) return `[${Array.from(value, (item) => jsonBelow(item, depth)).join(',')}]`
  if (!isPlainObject(value)) throw wrongKind({ kind: 'utf8' }, value)
  const members: string[] = []
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${jsonBelow(member, depth)}`)
  }
  return `{${members.join(',')}}`
}

function dateIso(date: Date): string {
  if (Number.isNaN(date.getTime())) throw wrongKind({ kind: 'utf8' }, date)
  return date.toISOString()
}

/** RFC 4648 base64 with padding. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

/** `JSON.parse` whose numbers stay exact: a double where its shortest text says the same, else an {@link ExactNumber}. */
export function parseExactJson(text: string): unknown {
  const exact: Reviver = (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined ? numberOfToken(context.source) : value
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown) as unknown
}
