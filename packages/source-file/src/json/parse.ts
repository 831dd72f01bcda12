import { numberOfToken } from '@omni/arrow'
import { JsonProblem, MAX_DEPTH } from './problem.ts'

/**
 * Strict RFC 8259 parser that keeps what `JSON.parse` drops: numbers that a double cannot hold (see
 * numberOfToken of @omni/arrow), repeated names, and where an error is. Some five times slower, so only records that
 * need it come here. Throws {@link JsonProblem}.
 *
 * A name that is there twice with different values keeps its last value, as every JSON reader has it; the
 * earlier ones become `name_1`, `name_2`, so that nothing is lost. Equal values are one.
 */
export function parseExact(text: string): unknown {
  const cursor = { text, at: 0 }
  const value = readValue(cursor, 0)
  skipSpace(cursor)
  if (cursor.at < text.length) throw new JsonProblem(cursor.at, 'more text follows the value')
  return value
}

interface Cursor {
  readonly text: string
  at: number
}

function readValue(cursor: Cursor, depth: number): unknown {
  skipSpace(cursor)
  switch (cursor.text.charCodeAt(cursor.at)) {
    case 0x7b:
      return readObject(cursor, depth + 1)
    case 0x5b:
      return readArray(cursor, depth + 1)
    case 0x22:
      return readString(cursor)
    case 0x74:
      return readWord(cursor, 'true', true)
    case 0x66:
      return readWord(cursor, 'false', false)
    case 0x6e:
      return readWord(cursor, 'null', null)
    default:
      return readNumber(cursor)
  }
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) throw new JsonProblem(cursor.at, 'a value was expected')
  cursor.at += word.length
  return value
}

/** Texts up to this length have at most 15 digits, which a double always keeps. */
const SAFE_LENGTH = 15

/** RFC 8259, section 6. */
function readNumber(cursor: Cursor): unknown {
  const { text } = cursor
  const start = cursor.at
  if (text[cursor.at] === '-') cursor.at++
  const whole = skipDigits(cursor)
  if (whole === 0) {
    const isEnd = cursor.at >= text.length
    throw new JsonProblem(
      cursor.at,
      isEnd ? 'the text ends where a value was expected' : 'a value was expected',
    )
  }
  if (whole > 1 && text[cursor.at - whole] === '0')
    throw new JsonProblem(start, 'a number begins with a zero')
  if (text[cursor.at] === '.') {
    cursor.at++
    if (skipDigits(cursor) === 0) throw new JsonProblem(cursor.at, 'a number has no digit after its point')
  }
  let hasExponent = false
  if (text[cursor.at] === 'e' || text[cursor.at] === 'E') {
    hasExponent = true
    cursor.at++
    if (text[cursor.at] === '+' || text[cursor.at] === '-') cursor.at++
    if (skipDigits(cursor) === 0) throw new JsonProblem(cursor.at, 'a number has no digit in its exponent')
  }
  const token = text.slice(start, cursor.at)
  return !hasExponent && token.length <= SAFE_LENGTH ? Number(token) : numberOfToken(token)
}

function skipDigits(cursor: Cursor): number {
  const start = cursor.at
  for (let unit = cursor.text.charCodeAt(cursor.at); unit >= 0x30 && unit <= 0x39; ) {
    unit = cursor.text.charCodeAt(++cursor.at)
  }
  return cursor.at - start
}

function readString(cursor: Cursor): string {
  const { text } = cursor
  const start = cursor.at
  let hasEscape = false
  let at = start + 1
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x22) break
    if (unit < 0x20) throw new JsonProblem(at, 'a string holds a control character that is not escaped')
    if (unit === 0x5c) {
      hasEscape = true
      at = endOfEscape(text, at)
    }
  }
  if (at >= text.length) throw new JsonProblem(start, 'a string is not closed')
  cursor.at = at + 1
  return hasEscape ? (JSON.parse(text.slice(start, at + 1)) as string) : text.slice(start + 1, at)
}

/** Index of the escape's last unit; section 7. */
function endOfEscape(text: string, at: number): number {
  const kind = text[at + 1] ?? ''
  if (kind !== '' && '"\\/bfnrt'.includes(kind)) return at + 1
  if (kind === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) return at + 5
  throw new JsonProblem(at, 'a string holds an escape that JSON does not have')
}

function readArray(cursor: Cursor, depth: number): unknown[] {
  enter(cursor, depth)
  const items: unknown[] = []
  if (closes(cursor, ']')) return items
  while (true) {
    items.push(readValue(cursor, depth))
    if (closes(cursor, ']')) return items
    comma(cursor)
  }
}

function readObject(cursor: Cursor, depth: number): Record<string, unknown> {
  enter(cursor, depth)
  const names: string[] = []
  const values: unknown[] = []
  if (!closes(cursor, '}')) {
    while (true) {
      skipSpace(cursor)
      if (cursor.text[cursor.at] !== '"') throw new JsonProblem(cursor.at, 'a name in quotes was expected')
      names.push(readString(cursor))
      skipSpace(cursor)
      if (cursor.text[cursor.at] !== ':') throw new JsonProblem(cursor.at, 'a colon is missing')
      cursor.at++
      values.push(readValue(cursor, depth))
      if (closes(cursor, '}')) break
      comma(cursor)
    }
  }
  return toObject(names, values)
}

function enter(cursor: Cursor, depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new JsonProblem(cursor.at, `arrays and objects are nested deeper than ${MAX_DEPTH}`, 'depth')
  }
  cursor.at++
}

function closes(cursor: Cursor, close: string): boolean {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== close) return false
  cursor.at++
  return true
}

function comma(cursor: Cursor): void {
  if (cursor.text[cursor.at] !== ',') {
    const ended = cursor.at >= cursor.text.length
    throw new JsonProblem(cursor.at, ended ? 'the text ends inside an array or object' : 'a comma is missing')
  }
  cursor.at++
}

function skipSpace(cursor: Cursor): void {
  while (cursor.at < cursor.text.length) {
    const unit = cursor.text.charCodeAt(cursor.at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return
    cursor.at++
  }
}

function toObject(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  let distinct = 0
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    if (!Object.hasOwn(object, name)) distinct++
    define(object, name, values[i])
  }
  return distinct === names.length ? object : keepRepeated(names, values)
}

function keepRepeated(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  const last = new Map<string, number>()
  for (const [i, name] of names.entries()) last.set(name, i)
  const taken = new Set(last.keys())
  for (const [i, name] of names.entries()) {
    const winner = last.get(name) as number
    if (i === winner) define(object, name, values[i])
    else if (!isSame(values[i], values[winner])) define(object, freeName(name, taken), values[i])
  }
  return object
}

/** Assignment would call the setter of `__proto__`. */
function define(object: object, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
  } else (object as Record<string, unknown>)[name] = value
}

function freeName(name: string, taken: Set<string>): string {
  let number = 1
  while (taken.has(`${name}_${number}`)) number++
  taken.add(`${name}_${number}`)
  return `${name}_${number}`
}

function isSame(a: unknown, b: unknown): boolean {
  const print = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
  return typeof a === typeof b && JSON.stringify(a, print) === JSON.stringify(b, print)
}
