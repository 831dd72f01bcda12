import type { DataType, Field } from '@omni/spec'
import { doubleSays, isExactNumber, splitDecimal } from './exact-number.ts'
import { wrongKind } from './faults.ts'
import { fieldOf } from './types.ts'
import { isPlainObject } from './value-kind.ts'

/**
 * What is known of a column's values so far. `int` are integers that a double holds, `long` may need int64, `huge`
 * decimal(38,0); `text` is the top, where values are kept as text.
 */
export type Shape =
  | { readonly kind: 'null' | 'bool' | 'int' | 'long' | 'huge' | 'float' | 'date' | 'bytes' | 'text' }
  | { readonly kind: 'list'; item: Shape }
  | { readonly kind: 'struct'; readonly fields: Map<string, Shape> }

type Leaf = Exclude<Shape['kind'], 'list' | 'struct'>

const LEAVES: Readonly<Record<Leaf, Shape>> = {
  null: { kind: 'null' },
  bool: { kind: 'bool' },
  int: { kind: 'int' },
  long: { kind: 'long' },
  huge: { kind: 'huge' },
  float: { kind: 'float' },
  date: { kind: 'date' },
  bytes: { kind: 'bytes' },
  text: { kind: 'text' },
}

/** The shape of a column without a value yet. */
export const NOTHING: Shape = LEAVES.null

/** Nesting beyond this is kept as JSON text. */
const MAX_DEPTH = 32

/** Objects with more keys than this, over all rows, are dictionaries by nature, and are kept as JSON text. */
const MAX_KEYS = 1000

/** The shape that holds `value` too. */
export function observe(shape: Shape, value: unknown, depth = 0): Shape {
  if (value === null || value === undefined || shape.kind === 'text') return shape
  if (Array.isArray(value)) return depth < MAX_DEPTH ? observeList(shape, value, depth) : LEAVES.text
  const leaf = leafOf(value)
  if (leaf !== undefined) return join(shape, leaf)
  if (!isPlainObject(value)) throw wrongKind({ kind: 'struct', fields: [] }, value)
  return depth < MAX_DEPTH ? observeObject(shape, value, depth) : LEAVES.text
}

function observeList(shape: Shape, items: readonly unknown[], depth: number): Shape {
  if (shape.kind !== 'list' && shape.kind !== 'null') return LEAVES.text
  const list: Shape = shape.kind === 'list' ? shape : { kind: 'list', item: NOTHING }
  for (const item of items) list.item = observe(list.item, item, depth + 1)
  return list
}

function observeObject(shape: Shape, value: Readonly<Record<string, unknown>>, depth: number): Shape {
  if (shape.kind !== 'struct' && shape.kind !== 'null') return LEAVES.text
  const fields = shape.kind === 'struct' ? shape.fields : new Map<string, Shape>()
  observeKeys(fields, value, depth + 1)
  return fields.size > MAX_KEYS ? LEAVES.text : shape.kind === 'struct' ? shape : { kind: 'struct', fields }
}

/** Adds an object's own keys and values to `fields`. */
export function observeKeys(
  fields: Map<string, Shape>,
  value: Readonly<Record<string, unknown>>,
  depth = 0,
): void {
  for (const key of Object.keys(value)) {
    const member = value[key]
    if (member === undefined) continue
    const before = fields.get(key)
    const after = observe(before ?? NOTHING, member, depth)
    if (after !== before) fields.set(key, after)
  }
}

function leafOf(value: unknown): Leaf | undefined {
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int' : 'float'
    case 'bigint':
      return integerLeaf(value)
    case 'object':
      if (value instanceof Date) return 'date'
      if (value instanceof Uint8Array) return 'bytes'
      return isExactNumber(value) ? exactLeaf(value.text) : undefined
    default:
      throw wrongKind({ kind: 'utf8' }, value)
  }
}

const HUGE = 10n ** 38n

function integerLeaf(value: bigint): Leaf {
  if (BigInt.asIntN(53, value) === value) return 'int'
  if (BigInt.asIntN(64, value) === value) return 'long'
  return value < HUGE && value > -HUGE ? 'huge' : 'text'
}

function exactLeaf(text: string): Leaf {
  const parts = splitDecimal(text)
  if (parts === undefined) return 'text'
  const whole = parts.exponent >= 0 && !(parts.negative && parts.digits === '')
  if (!whole) return doubleSays(Number(text), text) ? 'float' : 'text'
  if (parts.digits.length + parts.exponent > 38) return 'text'
  return integerLeaf(BigInt(`${parts.negative ? '-' : ''}${parts.digits}${'0'.repeat(parts.exponent)}`))
}

const INTEGERS: readonly Shape['kind'][] = ['int', 'long', 'huge']

function join(shape: Shape, leaf: Leaf): Shape {
  if (shape.kind === leaf) return shape
  if (shape.kind === 'null') return LEAVES[leaf]
  const a = INTEGERS.indexOf(shape.kind)
  const b = INTEGERS.indexOf(leaf)
  if (a >= 0 && b >= 0) return a > b ? shape : LEAVES[leaf]
  // A double holds every `int`; the others it may not hold.
  if ((shape.kind === 'float' && leaf === 'int') || (shape.kind === 'int' && leaf === 'float'))
    return LEAVES.float
  return LEAVES.text
}

/** The shape that holds the values of both. */
export function joinShapes(a: Shape, b: Shape): Shape {
  if (a.kind === 'null') return copyShape(b)
  if (b.kind === 'null') return copyShape(a)
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', item: joinShapes(a.item, b.item) }
  if (a.kind === 'struct' && b.kind === 'struct') {
    const fields = new Map([...a.fields].map(([name, shape]) => [name, copyShape(shape)]))
    for (const [name, shape] of b.fields) fields.set(name, joinShapes(fields.get(name) ?? NOTHING, shape))
    return fields.size > MAX_KEYS ? LEAVES.text : { kind: 'struct', fields }
  }
  if (a.kind === 'list' || b.kind === 'list' || a.kind === 'struct' || b.kind === 'struct') return LEAVES.text
  return join(a, b.kind)
}

/** A copy that shares nothing that changes. */
function copyShape(shape: Shape): Shape {
  if (shape.kind === 'list') return { kind: 'list', item: copyShape(shape.item) }
  if (shape.kind !== 'struct') return shape
  return {
    kind: 'struct',
    fields: new Map([...shape.fields].map(([name, field]) => [name, copyShape(field)])),
  }
}

/** An `int` that turned out to hold 64-bit values. */
export function asLong(shape: Shape): Shape {
  return shape.kind === 'int' ? LEAVES.long : shape
}

/** The column type of a shape. */
export function typeOfShape(shape: Shape): DataType {
  switch (shape.kind) {
    case 'null':
    case 'bool':
      return { kind: shape.kind }
    case 'int':
    case 'long':
      return { kind: 'int', bits: 64, signed: true }
    case 'huge':
      return { kind: 'decimal', bits: 128, precision: 38, scale: 0 }
    case 'float':
      return { kind: 'float', bits: 64 }
    case 'date':
      return { kind: 'timestamp', unit: 'ms', zone: 'UTC' }
    case 'bytes':
      return { kind: 'binary' }
    case 'text':
      return { kind: 'utf8' }
    case 'list':
      return { kind: 'list', item: fieldOf('item', typeOfShape(shape.item)) }
    default:
      // Formats such as Parquet have no struct without fields; `{}` is its JSON text.
      return shape.fields.size === 0
        ? { kind: 'utf8' }
        : { kind: 'struct', fields: fieldsOfShapes(shape.fields) }
  }
}

/** Nullable fields for shapes by name. */
export function fieldsOfShapes(shapes: ReadonlyMap<string, Shape>): readonly Field[] {
  return [...shapes].map(([name, shape]) => fieldOf(name, typeOfShape(shape)))
}
