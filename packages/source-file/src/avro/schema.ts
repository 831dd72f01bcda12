import { decimalOf, types } from '@omni/arrow'
import type { DataType, Field } from '@omni/spec'
import { avroFault } from './errors.ts'

/** A type of the file's schema, resolved; https://avro.apache.org/docs/1.12.0/specification/ */
export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' }
  | { readonly kind: 'bytes' | 'string'; readonly logical?: Logical }
  | { readonly kind: 'fixed'; readonly size: number; readonly logical?: Logical }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly item: AvroType }
  | { readonly kind: 'union'; readonly variants: readonly Variant[] }
  | { readonly kind: 'record'; readonly fields: readonly AvroField[] }
  /** A date or time, stored as the number of that many bits. */
  | { readonly kind: 'time'; readonly bits: 32 | 64; readonly type: DataType }
  /** A record inside itself: no column type ends, so it becomes JSON. The record is complete once all is parsed. */
  | { readonly kind: 'recursive'; readonly name: string; readonly record: () => AvroType }

/** What bytes stand for. */
export type Logical =
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'duration' | 'uuid' | 'big-decimal' }

export interface AvroField {
  readonly name: string
  readonly type: AvroType
  /** The type as the schema says it. */
  readonly source: string
}

export interface Variant {
  /** As in Avro's JSON encoding: `string`, or the full name of a record. */
  readonly name: string
  readonly type: AvroType
}

/** Types that a schema may unfold to: a name used twice is two columns. */
const MAX_TYPES = 20_000
const MAX_DEPTH = 64
const MAX_DIGITS = 76

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
type Primitive = (typeof PRIMITIVES)[number]

/** Logical types of int and long; https://avro.apache.org/docs/1.12.0/specification/#logical-types */
const TIMES: Readonly<Record<string, readonly [base: 'int' | 'long', type: DataType]>> = {
  date: ['int', types.date],
  'time-millis': ['int', { kind: 'time', unit: 'ms' }],
  'time-micros': ['long', { kind: 'time', unit: 'us' }],
  'timestamp-millis': ['long', { kind: 'timestamp', unit: 'ms', zone: 'UTC' }],
  'timestamp-micros': ['long', { kind: 'timestamp', unit: 'us', zone: 'UTC' }],
  'timestamp-nanos': ['long', { kind: 'timestamp', unit: 'ns', zone: 'UTC' }],
  'local-timestamp-millis': ['long', { kind: 'timestamp', unit: 'ms', zone: null }],
  'local-timestamp-micros': ['long', { kind: 'timestamp', unit: 'us', zone: null }],
  'local-timestamp-nanos': ['long', { kind: 'timestamp', unit: 'ns', zone: null }],
}

interface Named {
  readonly json: object
  readonly namespace: string
}

interface State {
  readonly named: Map<string, Named>
  /** Records being resolved, so that one inside itself is seen. */
  readonly open: Set<string>
  readonly done: Map<string, AvroType>
  types: number
}

/** The resolved schema of a file. */
export function parseSchema(text: string): AvroType {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw avroFault('file.avro.schema', 'The schema of the Avro file is not JSON.', error)
  }
  return resolve(json, '', 0, { named: new Map(), open: new Set(), done: new Map(), types: 0 })
}

function resolve(json: unknown, namespace: string, depth: number, state: State): AvroType {
  if (depth > MAX_DEPTH)
    throw avroFault('file.avro.unsupported', `More than ${MAX_DEPTH} types are inside each other.`)
  if (++state.types > MAX_TYPES)
    throw avroFault('file.avro.unsupported', `The schema has more than ${MAX_TYPES} types.`)
  if (typeof json === 'string') return resolveName(json, namespace, depth, state)
  if (Array.isArray(json)) {
    return {
      kind: 'union',
      variants: json.map((variant: unknown) => ({
        name: variantName(variant, namespace),
        type: resolve(variant, namespace, depth + 1, state),
      })),
    }
  }
  if (typeof json !== 'object' || json === null) throw invalid('a type is neither a name nor an object')
  const type = 'type' in json ? json.type : undefined
  if (typeof type !== 'string') return resolve(type, namespace, depth + 1, state)
  const logical = 'logicalType' in json && typeof json.logicalType === 'string' ? json.logicalType : undefined
  switch (type) {
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return resolveNamed(json, type, namespace, depth, state)
    case 'array':
      return {
        kind: 'array',
        item: resolve('items' in json ? json.items : undefined, namespace, depth + 1, state),
      }
    case 'map':
      return {
        kind: 'map',
        item: resolve('values' in json ? json.values : undefined, namespace, depth + 1, state),
      }
    default:
      return logical === undefined
        ? resolveName(type, namespace, depth, state)
        : resolveLogical(type, logical, json, () => resolveName(type, namespace, depth, state))
  }
}

/** A logical type that does not fit its base is passed over, as the specification says. */
function resolveLogical(base: string, logical: string, json: object, plain: () => AvroType): AvroType {
  const time = TIMES[logical]
  if (time && time[0] === base) return { kind: 'time', bits: base === 'int' ? 32 : 64, type: time[1] }
  if (base === 'bytes' && logical === 'decimal') return { kind: 'bytes', ...decimalIn(json) }
  if (base === 'bytes' && logical === 'big-decimal')
    return { kind: 'bytes', logical: { kind: 'big-decimal' } }
  return plain()
}

function decimalIn(json: object, size = Number.POSITIVE_INFINITY): { readonly logical?: Logical } {
  const precision = 'precision' in json ? Number(json.precision) : Number.NaN
  const scale = 'scale' in json ? Number(json.scale) : 0
  const isValid =
    Number.isInteger(precision) &&
    precision > 0 &&
    Number.isInteger(scale) &&
    scale >= 0 &&
    scale <= precision
  const fits = Math.floor((8 * size - 1) * Math.log10(2)) >= precision
  return isValid && fits ? { logical: { kind: 'decimal', precision, scale } } : {}
}

function resolveNamed(json: object, type: string, namespace: string, depth: number, state: State): AvroType {
  const { full, space } = nameOf(json, namespace)
  if (!state.named.has(full)) state.named.set(full, { json, namespace })
  switch (type) {
    case 'enum': {
      const symbols: unknown[] = 'symbols' in json && Array.isArray(json.symbols) ? json.symbols : []
      return { kind: 'enum', symbols: symbols.map(String) }
    }
    case 'fixed': {
      const size = 'size' in json ? Number(json.size) : Number.NaN
      if (!Number.isInteger(size) || size < 0 || size > 0x7fff_ffff) throw invalid('a fixed type has no size')
      const logical = 'logicalType' in json ? json.logicalType : undefined
      if (logical === 'decimal') return { kind: 'fixed', size, ...decimalIn(json, size) }
      if (logical === 'duration' && size === 12) return { kind: 'fixed', size, logical: { kind: 'duration' } }
      if (logical === 'uuid' && size === 16) return { kind: 'fixed', size, logical: { kind: 'uuid' } }
      return { kind: 'fixed', size }
    }
    default: {
      if (state.open.has(full)) {
        const { done } = state
        return { kind: 'recursive', name: full, record: () => done.get(full) ?? { kind: 'null' } }
      }
      state.open.add(full)
      const fields: unknown[] = 'fields' in json && Array.isArray(json.fields) ? json.fields : []
      const record: AvroType = {
        kind: 'record',
        fields: fields.map((field) => resolveField(field, space, depth, state)),
      }
      state.open.delete(full)
      state.done.set(full, record)
      return record
    }
  }
}

function resolveField(field: unknown, namespace: string, depth: number, state: State): AvroField {
  if (typeof field !== 'object' || field === null || !('name' in field) || typeof field.name !== 'string') {
    throw invalid('a field has no name')
  }
  const json = 'type' in field ? field.type : undefined
  // Some writers put the logical type beside the type of a field instead of into it.
  const isOutside = typeof json === 'string' && 'logicalType' in field
  const type = resolve(isOutside ? field : json, namespace, depth + 1, state)
  return { name: field.name, type, source: sourceText(json, isOutside ? field : undefined) }
}

function resolveName(name: string, namespace: string, depth: number, state: State): AvroType {
  const primitive = PRIMITIVES.find((known) => known === name)
  if (primitive) return { kind: primitive } satisfies { kind: Primitive } as AvroType
  const full = name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
  const known = state.named.get(full) ?? state.named.get(name)
  if (!known) throw invalid(`the type ${JSON.stringify(name)} is not defined`)
  const { json } = known
  return resolveNamed(json, 'type' in json ? String(json.type) : '', known.namespace, depth, state)
}

function nameOf(json: object, namespace: string): { readonly full: string; readonly space: string } {
  const name = 'name' in json && typeof json.name === 'string' ? json.name : ''
  if (name === '') throw invalid('a named type has no name')
  const dot = name.lastIndexOf('.')
  if (dot >= 0) return { full: name, space: name.slice(0, dot) }
  const space = 'namespace' in json && typeof json.namespace === 'string' ? json.namespace : namespace
  return { full: space === '' ? name : `${space}.${name}`, space }
}

function variantName(json: unknown, namespace: string): string {
  if (typeof json === 'string') return json
  if (typeof json === 'object' && json !== null && 'type' in json) {
    if (typeof json.type === 'string' && !['record', 'error', 'enum', 'fixed'].includes(json.type))
      return json.type
    if ('name' in json) return nameOf(json, namespace).full
    return variantName(json.type, namespace)
  }
  return 'union'
}

/** The type as the schema says it, short. */
function sourceText(json: unknown, outside: unknown): string {
  const of = outside ?? json
  if (typeof of === 'string') return of
  if (Array.isArray(of))
    return `union<${of.map((variant: unknown) => sourceText(variant, undefined)).join(',')}>`
  if (typeof of !== 'object' || of === null || !('type' in of)) return 'unknown'
  const base = typeof of.type === 'string' ? of.type : sourceText(of.type, undefined)
  return 'logicalType' in of ? `${base} ${String(of.logicalType)}` : base
}

function invalid(what: string): Error {
  return avroFault('file.avro.schema', `The schema of the Avro file is not valid: ${what}.`)
}

/** The one type beside null in a union of two, which is then simply nullable. */
export function nullableOf(
  type: AvroType,
): { readonly inner: AvroType; readonly nullAt: number } | undefined {
  if (type.kind !== 'union' || type.variants.length !== 2) return undefined
  const nullAt = type.variants.findIndex((variant) => variant.type.kind === 'null')
  const other = type.variants[1 - nullAt]
  return nullAt < 0 || !other || other.type.kind === 'null' ? undefined : { inner: other.type, nullAt }
}

/** How a column is read where the usual type does not hold its values, by path. */
export type Widening = 'binary' | 'text'

const DURATION_PARTS: readonly Field[] = ['months', 'days', 'milliseconds'].map((name) => ({
  name,
  type: types.uint32,
  nullable: false,
}))

/** Months, days and milliseconds, of which none is a fixed number of another. */
export const DURATION: DataType & { readonly kind: 'struct' } = { kind: 'struct', fields: DURATION_PARTS }

/** The type of a decimal's column; text where it has more digits than any number type, or values beyond its own. */
export function decimalType(
  { precision, scale }: { readonly precision: number; readonly scale: number },
  wide: Widening | undefined,
): DataType {
  return wide === 'text' || precision > MAX_DIGITS ? types.utf8 : decimalOf(precision, scale)
}
