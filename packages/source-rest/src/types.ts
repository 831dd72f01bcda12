import { type ExactNumber, parseExactJson } from '@omni/arrow'
import type { Row } from '@omni/spec'

/** A JSON value; a number that a double would change is an {@link ExactNumber}. */
export type Json = null | boolean | number | ExactNumber | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

// A number of fewer than 16 characters has at most 15 digits, and a double holds every such number (IEEE 754,
// DBL_DIG); with an exponent it may not. The plain parser is about four times as fast as one with a reviver.
const MAY_BE_INEXACT = /(?:^|[:,[\s])-?(?:\d[\d.]{15}|[\d.]+[eE])/

/** `JSON.parse` without losing a digit. Throws its SyntaxError. */
export function parseJson(text: string): Json {
  if (!MAY_BE_INEXACT.test(text)) return JSON.parse(text) as Json
  return parseExactJson(text) as Json
}

/** True for an object of the document, which an exact number is not. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** True for an array of the document. */
export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** An object is a row; anything else becomes the column `value`. */
export function rowOf(value: Json): Row {
  return isJsonObject(value) ? value : { value }
}
