import { type DataType, type Fault, type Field, fault, type TimeUnit } from '@omni/spec'

/**
 * A type as text: `int64`, `decimal(18,4)`, `decimal256(50,2)`, `fixed(16)`, `timestamp(us, UTC)`, `time(ms)`,
 * `list<utf8>`, `struct<a: int64 not null, "b c": utf8>`, `map<utf8, int64>`. {@link parseType} is its inverse;
 * only `sourceType` is left out.
 */
export function typeToString(type: DataType): string {
  switch (type.kind) {
    case 'int':
      return `${type.signed ? '' : 'u'}int${type.bits}`
    case 'float':
      return `float${type.bits}`
    case 'decimal':
      return `${type.bits === 128 ? 'decimal' : 'decimal256'}(${type.precision},${type.scale})`
    case 'fixed':
      return `fixed(${type.bytes})`
    case 'time':
    case 'duration':
      return `${type.kind}(${type.unit})`
    case 'timestamp':
      return type.zone === null
        ? `timestamp(${type.unit})`
        : `timestamp(${type.unit}, ${nameText(type.zone)})`
    case 'list':
      return `list<${innerText(type.item, 'item', true)}>`
    case 'map':
      return `map<${innerText(type.key, 'key', false)}, ${innerText(type.value, 'value', true)}>`
    case 'struct':
      return `struct<${type.fields.map((field) => fieldText(field, true)).join(', ')}>`
    default:
      return type.kind
  }
}

function innerText(field: Field, name: string, nullable: boolean): string {
  if (field.name === name) return `${typeToString(field.type)}${nullText(field.nullable, nullable)}`
  return fieldText(field, nullable)
}

function fieldText(field: Field, usually: boolean): string {
  return `${nameText(field.name)}: ${typeToString(field.type)}${nullText(field.nullable, usually)}`
}

function nullText(nullable: boolean, usually: boolean): string {
  if (nullable === usually) return ''
  return nullable ? ' nullable' : ' not null'
}

const BARE = /^[A-Za-z_+-][\w:/+-]*$/

function nameText(name: string): string {
  return BARE.test(name) && !name.endsWith(':') ? name : JSON.stringify(name)
}

const SIMPLE: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ['null', { kind: 'null' }],
  ['bool', { kind: 'bool' }],
  ['utf8', { kind: 'utf8' }],
  ['binary', { kind: 'binary' }],
  ['date', { kind: 'date' }],
  ...([8, 16, 32, 64] as const).flatMap((bits): [string, DataType][] => [
    [`int${bits}`, { kind: 'int', bits, signed: true }],
    [`uint${bits}`, { kind: 'int', bits, signed: false }],
  ]),
  ...([16, 32, 64] as const).map((bits): [string, DataType] => [`float${bits}`, { kind: 'float', bits }]),
])

/** The type that {@link typeToString} printed. Throws the fault `config` for other text. */
export function parseType(text: string): DataType {
  const cursor: Cursor = { text, at: 0 }
  const type = readType(cursor)
  skipSpace(cursor)
  if (cursor.at !== text.length) throw notAType()
  return type
}

interface Cursor {
  readonly text: string
  at: number
}

function readType(cursor: Cursor): DataType {
  const word = readWord(cursor)
  const simple = SIMPLE.get(word)
  if (simple !== undefined) return simple
  switch (word) {
    case 'decimal':
    case 'decimal256':
      return readDecimal(cursor, word === 'decimal' ? 128 : 256)
    case 'fixed': {
      expect(cursor, '(')
      const bytes = readInteger(cursor)
      expect(cursor, ')')
      return { kind: 'fixed', bytes }
    }
    case 'time':
    case 'duration': {
      expect(cursor, '(')
      const unit = readUnit(cursor)
      expect(cursor, ')')
      return { kind: word, unit }
    }
    case 'timestamp': {
      expect(cursor, '(')
      const unit = readUnit(cursor)
      const zone = accept(cursor, ',') ? readName(cursor) : null
      expect(cursor, ')')
      return { kind: 'timestamp', unit, zone }
    }
    case 'list': {
      expect(cursor, '<')
      const item = readInner(cursor, 'item', true)
      expect(cursor, '>')
      return { kind: 'list', item }
    }
    case 'map': {
      expect(cursor, '<')
      const key = readInner(cursor, 'key', false)
      expect(cursor, ',')
      const value = readInner(cursor, 'value', true)
      expect(cursor, '>')
      return { kind: 'map', key, value }
    }
    case 'struct':
      return readStruct(cursor)
    default:
      throw notAType()
  }
}

function readDecimal(cursor: Cursor, bits: 128 | 256): DataType {
  expect(cursor, '(')
  const precision = readInteger(cursor)
  expect(cursor, ',')
  const scale = readInteger(cursor)
  expect(cursor, ')')
  return { kind: 'decimal', bits, precision, scale }
}

function readStruct(cursor: Cursor): DataType {
  expect(cursor, '<')
  const fields: Field[] = []
  if (accept(cursor, '>')) return { kind: 'struct', fields }
  do {
    const name = readName(cursor)
    expect(cursor, ':')
    fields.push(readField(cursor, name, true))
  } while (accept(cursor, ','))
  expect(cursor, '>')
  return { kind: 'struct', fields }
}

function readInner(cursor: Cursor, name: string, usually: boolean): Field {
  const start = cursor.at
  const named = tryName(cursor)
  if (named !== undefined && accept(cursor, ':')) return readField(cursor, named, usually)
  cursor.at = start
  return readField(cursor, name, usually)
}

function readField(cursor: Cursor, name: string, usually: boolean): Field {
  const type = readType(cursor)
  if (acceptWord(cursor, 'not null')) return { name, type, nullable: false }
  if (acceptWord(cursor, 'nullable')) return { name, type, nullable: true }
  return { name, type, nullable: usually }
}

function readName(cursor: Cursor): string {
  const name = tryName(cursor)
  if (name === undefined) throw notAType()
  return name
}

// The last character is never a colon, so that `a: int64` ends the name before it.
const NAME = /[A-Za-z_+-](?:[\w:/+-]*[\w/+-])?/y
const QUOTED = /"(?:[^"\\]|\\.)*"/y

function tryName(cursor: Cursor): string | undefined {
  skipSpace(cursor)
  const quoted = match(cursor, QUOTED)
  if (quoted === undefined) return match(cursor, NAME)
  try {
    return JSON.parse(quoted) as string
  } catch {
    throw notAType()
  }
}

function readWord(cursor: Cursor): string {
  skipSpace(cursor)
  return match(cursor, /[a-z]+\d*/y) ?? ''
}

function readInteger(cursor: Cursor): number {
  skipSpace(cursor)
  const digits = match(cursor, /-?\d{1,9}/y)
  if (digits === undefined) throw notAType()
  return Number(digits)
}

function readUnit(cursor: Cursor): TimeUnit {
  const unit = readWord(cursor)
  if (unit === 's' || unit === 'ms' || unit === 'us' || unit === 'ns') return unit
  throw notAType()
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0]
  if (found !== undefined) cursor.at += found.length
  return found
}

function skipSpace(cursor: Cursor): void {
  while (cursor.text[cursor.at] === ' ') cursor.at++
}

function accept(cursor: Cursor, mark: string): boolean {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== mark) return false
  cursor.at++
  return true
}

function acceptWord(cursor: Cursor, word: string): boolean {
  skipSpace(cursor)
  if (!cursor.text.startsWith(word, cursor.at)) return false
  cursor.at += word.length
  return true
}

function expect(cursor: Cursor, mark: string): void {
  if (!accept(cursor, mark)) throw notAType()
}

function notAType(): Fault {
  return fault({
    kind: 'config',
    code: 'arrow.type.text',
    why: 'The text is not a column type.',
    fix: 'Write it as in `decimal(18,4)`, `timestamp(us, UTC)` or `list<utf8>`.',
  })
}
