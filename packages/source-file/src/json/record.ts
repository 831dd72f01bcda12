import { isAscii, isUtf8 } from 'node:buffer'
import { isExactNumber, numberOfToken } from '@omni/arrow'
import type { Row } from '@omni/spec'
import { parseExact } from './parse.ts'
import { JsonProblem, MAX_DEPTH } from './problem.ts'

/** What the records before say of the next: where numbers were too long, they will be again. */
export interface RecordMemory {
  /** Records to parse exactly without asking first. */
  exactLeft: number
}

/** Records parsed exactly before it is tried again whether they need it. */
const EXACT_RUN = 256

/** Parses one record fast, and exactly where the fast way could lose something. Throws {@link JsonProblem}. */
export function parseRecord(text: string, names: number, exact: boolean, memory: RecordMemory): unknown {
  const value = exact && needsExact(text, memory) ? parseExact(text) : parseFast(text, names)
  // Only an escape can make half of a surrogate pair; the text itself came from valid UTF-8.
  if (SURROGATE_ESCAPE.test(text)) expectWellFormed(value)
  return value
}

function needsExact(text: string, memory: RecordMemory): boolean {
  if (memory.exactLeft > 0) {
    memory.exactLeft--
    return true
  }
  if (keepsNumbers(text)) return false
  memory.exactLeft = EXACT_RUN
  return true
}

/** Numbers of 16 characters and more, or with an exponent. Linear: a run that the second part tries is short. */
const LONG_NUMBER = /-?\d[\d.]{14,}(?:[eE][+-]?\d+)?|-?\d[\d.]{0,13}[eE][+-]?\d+/g
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** True when every such number in the text is what a double holds. */
function keepsNumbers(text: string): boolean {
  for (const [token] of text.matchAll(LONG_NUMBER)) {
    const value = Number(token)
    if (String(value) === token && (Number.isSafeInteger(value) || !Number.isInteger(value))) continue
    // What is no number is inside a string, and what only looks like one there does no harm.
    if (!JSON_NUMBER.test(token)) continue
    if (typeof numberOfToken(token) !== 'number') return false
  }
  return true
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/

function expectWellFormed(value: unknown): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) {
      throw new JsonProblem(0, 'a string holds half of a surrogate pair, which UTF-8 cannot', 'surrogate')
    }
  } else if (typeof value === 'object' && value !== null && !isExactNumber(value)) {
    for (const [name, inner] of Object.entries(value)) {
      expectWellFormed(name)
      expectWellFormed(inner)
    }
  }
}

function parseFast(text: string, names: number): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Only to learn where; the error of JSON.parse quotes the data.
    parseExact(text)
    throw new JsonProblem(0, 'it is not valid JSON')
  }
  if (typeof value !== 'object' || value === null) return value
  // `names` counts names before parsing, or more; fewer after it means that some were there twice.
  return countNames(value, 1) === names ? value : parseExact(text)
}

function countNames(value: object, depth: number): number {
  if (depth > MAX_DEPTH) {
    throw new JsonProblem(0, `arrays and objects are nested deeper than ${MAX_DEPTH}`, 'depth')
  }
  let names = 0
  if (Array.isArray(value)) {
    for (const item of value)
      if (typeof item === 'object' && item !== null) names += countNames(item, depth + 1)
    return names
  }
  for (const name in value) {
    names++
    const inner = (value as Record<string, unknown>)[name]
    if (typeof inner === 'object' && inner !== null) names += countNames(inner, depth + 1)
  }
  return names
}

/** A row as it is; anything else as the column `value`. */
export function toRow(value: unknown): Row {
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)
  return isRow ? (value as Row) : { value }
}

/** The text of `bytes[from, to)`, or undefined where it is not UTF-8. */
export function decodeUtf8(bytes: Buffer, from: number, to: number): string | undefined {
  const part = bytes.subarray(from, to)
  if (isAscii(part)) return part.toString('latin1')
  return isUtf8(part) ? part.toString('utf8') : undefined
}
