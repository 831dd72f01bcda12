import type { DataType } from '@omni/spec'
import { isExactNumber } from './exact-number.ts'

/** True for `{}` and the like: an object whose own keys are all there is to it. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  // An object of another realm (a worker's, a vm's) has an Object.prototype of its own.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}

/**
 * The values an inferred column of a type takes; null where the builder's own refusal is enough. Types that inference
 * never makes come from a declared schema, and their conversions stay allowed.
 */
export function sameKindTest(type: DataType): ((value: unknown) => boolean) | null {
  switch (type.kind) {
    case 'int':
    case 'decimal':
    case 'float':
      return isNumeric
    case 'timestamp':
      return type.unit === 'ms' && type.zone === 'UTC' ? (value) => value instanceof Date : null
    case 'struct':
      return isPlainObject
    default:
      return null
  }
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || isExactNumber(value)
}
