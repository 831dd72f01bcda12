import type { DataType } from '@omni/spec'
import { fileFault } from '../errors.ts'
import { parseIsoTime, parseLocalTime } from './time.ts'

/** How a line becomes values. */
export interface LogPattern {
  readonly name: string
  readonly columns: readonly LogColumn[]
  /** One text for each column, in order; undefined where the line is not of the pattern. In linear time. */
  match(line: string): readonly string[] | undefined
}

interface LogColumn {
  readonly name: string
  readonly type: DataType
  /** The value, null for none, undefined where the text is none of the type. */
  parse(text: string): string | bigint | null | undefined
}

/** https://httpd.apache.org/docs/2.4/logs.html#accesslog, in nginx's words. */
const COMMON = '$remote_addr $remote_ident $remote_user [$time_local] "$request" $status $body_bytes_sent'
const COMBINED = `${COMMON} "$http_referer" "$http_user_agent"`

/** Names as `common`, formats with `$`, else a regular expression. */
export function compilePattern(text: string): LogPattern {
  if (text === 'common') return fromFormat(COMMON, 'common')
  if (text === 'combined') return fromFormat(COMBINED, 'combined')
  if (/\(\?<[A-Za-z_]/.test(text)) return fromExpression(text)
  if (/\$\{?\w/.test(text)) return fromFormat(text, 'custom')
  throw fileFault('file.log.pattern', 'The pattern has neither $variables nor named groups.')
}

const UTF8: DataType = { kind: 'utf8' }
const INT64: DataType = { kind: 'int', bits: 64, signed: true }
const SECONDS: DataType = { kind: 'timestamp', unit: 's', zone: 'UTC' }

const asText = (text: string): string | null => (text === '-' ? null : text)
const asInteger = (text: string): bigint | null | undefined =>
  text === '-' ? null : /^-?\d{1,18}$/.test(text) ? BigInt(text) : undefined

/** Variables that are no text; https://nginx.org/en/docs/varindex.html */
const TYPES: ReadonlyMap<string, Omit<LogColumn, 'name'>> = new Map([
  ['time_local', { type: SECONDS, parse: parseLocalTime }],
  ['time_iso8601', { type: SECONDS, parse: parseIsoTime }],
  ...[
    'status',
    'body_bytes_sent',
    'bytes_sent',
    'request_length',
    'connection',
    'connection_requests',
    'remote_port',
    'server_port',
  ].map((name): [string, Omit<LogColumn, 'name'>] => [name, { type: INT64, parse: asInteger }]),
])

function columnOf(name: string): LogColumn {
  return { name, ...(TYPES.get(name) ?? { type: UTF8, parse: asText }) }
}

function fromFormat(format: string, name: string): LogPattern {
  const parts = format.split(/\$(?:\{(\w+)\}|(\w+))/)
  const literals: string[] = [parts[0] as string]
  const names: string[] = []
  for (let i = 1; i < parts.length; i += 3) {
    names.push((parts[i] ?? parts[i + 1]) as string)
    literals.push(parts[i + 2] as string)
  }
  if (literals.slice(1, -1).some((literal) => literal === '')) {
    throw fileFault('file.log.pattern', 'Two variables of the pattern have nothing between them.')
  }
  expectUnique(names)
  return {
    name,
    columns: names.map(columnOf),
    match(line) {
      if (!line.startsWith(literals[0] as string)) return undefined
      const values: string[] = []
      let at = (literals[0] as string).length
      for (let i = 0; i < names.length; i++) {
        const next = literals[i + 1] as string
        const isQuoted = (literals[i] as string).endsWith('"') && next.startsWith('"')
        const end =
          next === '' ? line.length : isQuoted ? endOfQuoted(line, at, next) : line.indexOf(next, at)
        if (end < 0) return undefined
        values.push(line.slice(at, end))
        at = end + next.length
      }
      return at === line.length ? values : undefined
    },
  }
}

/** Where the quote ends: servers write one inside as `\"`. */
function endOfQuoted(line: string, from: number, next: string): number {
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x22) return line.startsWith(next, at) ? at : -1
  }
  return -1
}

function fromExpression(source: string): LogPattern {
  expectLinear(source)
  let expression: RegExp
  try {
    expression = new RegExp(`^(?:${source})$`, 'u')
  } catch (error) {
    throw fileFault('file.log.pattern', 'The pattern is no valid regular expression.', error)
  }
  const names = [...source.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map((match) => match[1] as string)
  expectUnique(names)
  return {
    name: 'custom',
    columns: names.map((name) => ({ name, type: UTF8, parse: (text) => text })),
    match(line) {
      const groups = expression.exec(line)?.groups
      return groups && names.map((name) => groups[name] ?? '')
    },
  }
}

/** Unlimited repetitions that a pattern may have: each one may multiply the work. */
const MAX_REPEATS = 30

/** Refuses what lets a regular expression take exponential time: repetition of what repeats, and looking back. */
function expectLinear(source: string): void {
  const stack: { repeats: boolean; choices: boolean }[] = [{ repeats: false, choices: false }]
  let closed: { repeats: boolean; choices: boolean } | undefined
  let repeats = 0
  const refuse = (what: string): never => {
    throw fileFault('file.log.pattern', `The pattern ${what}, which may take forever.`)
  }
  for (let at = 0; at < source.length; at++) {
    const character = source[at] as string
    const group = stack.at(-1) as { repeats: boolean; choices: boolean }
    if (character === '\\') {
      if (/[1-9k]/.test(source[at + 1] ?? '')) refuse('refers back to a group')
      at++
      closed = undefined
    } else if (character === '[') {
      while (at < source.length && source[at] !== ']') at += source[at] === '\\' ? 2 : 1
      closed = undefined
    } else if (character === '(') {
      if (/^\(\?(?:[=!]|<[=!])/.test(source.slice(at, at + 4))) refuse('looks ahead or back')
      stack.push({ repeats: false, choices: false })
      if (source[at + 1] === '?') at++
      closed = undefined
    } else if (character === ')') {
      closed = stack.length > 1 ? stack.pop() : undefined
      const outer = stack.at(-1)
      if (outer && closed?.repeats) outer.repeats = true
      if (outer && closed?.choices) outer.choices = true
    } else if (/[*+{]/.test(character)) {
      if (closed?.repeats || closed?.choices) refuse('repeats a group that repeats or chooses')
      group.repeats = true
      if (++repeats > MAX_REPEATS) refuse('has too many repetitions')
      if (character === '{') while (at < source.length && source[at] !== '}') at++
      closed = undefined
    } else {
      if (character === '|') group.choices = true
      closed = undefined
    }
  }
}

function expectUnique(names: readonly string[]): void {
  if (new Set(names).size < names.length) throw fileFault('file.log.pattern', 'The pattern has a name twice.')
  if (names.length === 0) throw fileFault('file.log.pattern', 'The pattern has no names.')
}
