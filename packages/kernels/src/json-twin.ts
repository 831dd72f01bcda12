import {
  isDoubleToken,
  type JsonColumn,
  type JsonDecoder,
  type JsonKind,
  type JsonMode,
  type JsonNode,
  type JsonStop,
  jsonWidth,
  listNodes,
  namesOf,
} from './json.ts'

/** A value of a column: null, an integer, a double, a truth, text, or how many items a list has. */
type Value = null | bigint | number | boolean | string

interface TwinColumn {
  readonly node: JsonNode
  readonly children: TwinColumn[]
  values: Value[]
}

/** The grammar of RFC 8259, section 6, with the groups whole, fraction and exponent. */
const NUMBER = /-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: section 7 forbids just these.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

/** The specification of `createJsonDecoder`: one value after the other, with patterns and `JSON.parse` of strings. */
export function createJsonDecoderTwin(): JsonDecoder {
  let columns: TwinColumn[] = []
  let bare = -1
  let takesAll = false
  let input = ''
  const root = (): TwinColumn => columns[0] as TwinColumn

  function truncate(column: TwinColumn, count: number): void {
    const items = column.node.kind === 'list' ? itemsOf(column, count) : count
    column.values.length = count
    for (const child of column.children) truncate(child, items)
  }

  function readAll(
    text: string,
    mode: JsonMode,
    maxRows: number,
  ): { rows: number; consumed: number; stop: JsonStop } {
    const cursor = { text, at: 0, space: mode === 'lines' ? ' \t\r' : ' \t\r\n' }
    const before = root().values.length
    let rows = 0
    while (rows < maxRows && cursor.at < text.length) {
      const start = cursor.at
      if (mode === 'lines') {
        skip(cursor)
        if (cursor.at === text.length || text[cursor.at] === '\n') {
          cursor.at = Math.min(cursor.at + 1, text.length)
          continue
        }
      }
      const isWhole = readRecord(cursor, root(), bare, takesAll)
      if (isWhole) skip(cursor)
      const next = text[cursor.at]
      const fits = {
        lines: next === '\n' || next === undefined,
        items: next === ',' || next === ']',
        objects: true,
      }[mode]
      if (!isWhole || !fits) {
        truncate(root(), before + rows)
        return { rows, consumed: start, stop: 'unusual' }
      }
      rows++
      if (mode === 'lines') cursor.at = Math.min(cursor.at + 1, text.length)
      else if (mode === 'items' && next === ',') {
        cursor.at++
        skip(cursor)
      } else if (mode === 'items' || next !== '{') return { rows, consumed: cursor.at, stop: 'closed' }
    }
    return { rows, consumed: cursor.at, stop: 'end' }
  }

  return {
    configure(node, bareChild, isWhole = false) {
      const all = listNodes(node).map((each): TwinColumn => ({ node: each, children: [], values: [] }))
      let next = 1
      for (const { node: each, children } of all)
        for (const _ of each.children) children.push(all[next++] as TwinColumn)
      columns = all
      bare = bareChild
      takesAll = isWhole
    },
    load(bytes, from, to) {
      // One unit a byte, so that positions are those of bytes.
      input = Buffer.from(bytes.subarray(from, to)).toString('latin1')
    },
    run(mode, from, to, maxRows) {
      const found = readAll(input.slice(from, to), mode, maxRows)
      const done = input.slice(from, from + found.consumed)
      const lines = done.split('\n').length - 1
      return { ...found, lines, lineStart: lines === 0 ? -1 : from + done.lastIndexOf('\n') + 1 }
    },
    one: (record) =>
      readAll(Buffer.from(record).toString('latin1'), 'lines', 1).rows === 1 ? 'end' : 'unusual',
    get rows() {
      return root().values.length
    },
    column: (id, base) => columnOf(columns[id] as TwinColumn, base),
    reset: () => truncate(root(), 0),
    release() {
      columns = []
    },
  }
}

interface Cursor {
  readonly text: string
  readonly space: string
  at: number
}

function itemsOf(column: TwinColumn, count: number): number {
  return column.values.slice(0, count).reduce<number>((sum, items) => sum + Number(items ?? 0), 0)
}

function skip(cursor: Cursor): void {
  while (cursor.at < cursor.text.length && cursor.space.includes(cursor.text[cursor.at] as string))
    cursor.at++
}

function accept(cursor: Cursor, text: string): boolean {
  if (!cursor.text.startsWith(text, cursor.at)) return false
  cursor.at += text.length
  return true
}

function match(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text) ?? undefined
  if (found) cursor.at += found[0].length
  return found
}

function readRecord(cursor: Cursor, root: TwinColumn, bare: number, takesAll: boolean): boolean {
  const count = root.values.length
  if (cursor.text[cursor.at] === '{' && !takesAll) return readValue(cursor, root)
  const child = root.children[bare]
  if (!child || !readValue(cursor, child)) return false
  endStruct(root, count)
  return true
}

function endStruct(column: TwinColumn, count: number): void {
  for (const child of column.children) if (child.values.length === count) putNull(child)
  column.values.push(true)
}

function putNull(column: TwinColumn): void {
  column.values.push(null)
  if (column.node.kind === 'struct') for (const child of column.children) putNull(child)
}

/** Reads a value into its column; false leaves the columns to be truncated. */
function readValue(cursor: Cursor, column: TwinColumn): boolean {
  if (accept(cursor, 'null')) {
    putNull(column)
    return true
  }
  if (column.node.kind === 'struct') return readObject(cursor, column)
  if (column.node.kind === 'list') return readList(cursor, column)
  const value = readLeaf(cursor, column.node.kind)
  if (value === undefined) return false
  column.values.push(value)
  return true
}

function readObject(cursor: Cursor, column: TwinColumn): boolean {
  const count = column.values.length
  if (!accept(cursor, '{')) return false
  skip(cursor)
  while (!accept(cursor, '}')) {
    const name = match(cursor, STRING)?.[0].slice(1, -1)
    const child = column.children.find(
      ({ node }) =>
        name !== undefined && namesOf(node.name ?? '').includes(Buffer.from(name, 'latin1').toString('utf8')),
    )
    if (child?.values.length !== count) return false
    skip(cursor)
    if (!accept(cursor, ':')) return false
    skip(cursor)
    if (!readValue(cursor, child)) return false
    skip(cursor)
    if (accept(cursor, '}')) break
    if (!accept(cursor, ',')) return false
    skip(cursor)
    if (cursor.text[cursor.at] !== '"') return false
  }
  endStruct(column, count)
  return true
}

function readList(cursor: Cursor, column: TwinColumn): boolean {
  const item = column.children[0] as TwinColumn
  const count = item.values.length
  if (!accept(cursor, '[')) return false
  skip(cursor)
  if (!accept(cursor, ']')) {
    do {
      skip(cursor)
      if (!readValue(cursor, item)) return false
      skip(cursor)
    } while (accept(cursor, ','))
    if (!accept(cursor, ']')) return false
  }
  column.values.push(item.values.length - count)
  return true
}

function readLeaf(cursor: Cursor, kind: JsonKind): Value | undefined {
  switch (kind) {
    case 'bool':
      return accept(cursor, 'true') ? true : accept(cursor, 'false') ? false : undefined
    case 'int64':
    case 'decimal':
      return readInteger(cursor, kind)
    case 'float64':
      return readDouble(cursor)
    case 'text':
      return readText(cursor)
    case 'empty':
      return readEmpty(cursor)
    default:
      return undefined
  }
}

function readInteger(cursor: Cursor, kind: JsonKind): bigint | undefined {
  const [token, whole = '', fraction, exponent] = match(cursor, NUMBER) ?? []
  if (token === undefined || exponent !== undefined) return undefined
  if (fraction !== undefined && (/[^0]/.test(fraction) || whole.length + fraction.length > 15))
    return undefined
  const value = BigInt(token.replace(/\..*/, ''))
  if (value === 0n && token.startsWith('-')) return undefined
  if (kind === 'int64') return BigInt.asIntN(64, value) === value ? value : undefined
  return whole.length <= 38 ? value : undefined
}

function readDouble(cursor: Cursor): number | undefined {
  const [token, whole = '', fraction = '', exponent = '0'] = match(cursor, NUMBER) ?? []
  if (token === undefined) return undefined
  const significant = `${whole}${fraction}`.replace(/^0+/, '').length
  const power = Number(exponent) - fraction.length
  // Fifteen digits always survive (IEEE 754); the range is that of exact powers of ten.
  const isNear = Math.abs(Number(exponent)) < 100_000
  if (isNear && (significant === 0 || (significant <= 15 && Math.abs(power) <= 22))) return Number(token)
  return isDoubleToken(token) ? Number(token) : undefined
}

function readText(cursor: Cursor): string | undefined {
  const start = cursor.at
  const quoted = match(cursor, STRING)?.[0]
  if (quoted !== undefined) {
    const text = JSON.parse(Buffer.from(quoted, 'latin1').toString('utf8')) as string
    return text.isWellFormed() ? text : undefined
  }
  for (const word of ['true', 'false']) if (accept(cursor, word)) return word
  if (!'{['.includes(cursor.text[start] ?? ' ')) return readPlainNumber(cursor)
  const nested = readNested(cursor, 0)
  return nested && Buffer.from(nested, 'latin1').toString('utf8')
}

/** A number of at most 15 digits and 16 bytes that prints as it is. */
function readPlainNumber(cursor: Cursor): string | undefined {
  const [token = '', whole = '', fraction = '', exponent] = match(cursor, NUMBER) ?? []
  const isShort = token.length <= 16 && whole.length + fraction.length <= 15
  if (token === '' || !isShort || exponent !== undefined || token === '-0') return undefined
  return String(Number(token)) === token ? token : undefined
}

/** Arrays and objects inside each other, and names of one object, at most. */
const MOST_DEPTH = 32
const MOST_NAMES = 32

/** The JSON text of a value, where that is what parsing and printing it again gives, but for white space. */
function readNested(cursor: Cursor, depth: number): string | undefined {
  const quoted = match(cursor, STRING)?.[0]
  if (quoted !== undefined) return isUsual(quoted) ? quoted : undefined
  for (const word of ['null', 'true', 'false']) if (accept(cursor, word)) return word
  const open = cursor.text[cursor.at] ?? ''
  if (open !== '{' && open !== '[') return readPlainNumber(cursor)
  if (depth === MOST_DEPTH) return undefined
  const close = open === '{' ? '}' : ']'
  const names = new Set<string>()
  const parts: string[] = []
  cursor.at++
  skip(cursor)
  if (accept(cursor, close)) return open + close
  while (true) {
    let part = ''
    if (open === '{') {
      const name = match(cursor, STRING)?.[0] ?? ''
      if (name === '' || !isUsual(name) || /^"\d/.test(name) || names.has(name) || names.size === MOST_NAMES)
        return undefined
      names.add(name)
      skip(cursor)
      if (!accept(cursor, ':')) return undefined
      skip(cursor)
      part = `${name}:`
    }
    const value = readNested(cursor, depth + 1)
    if (value === undefined) return undefined
    parts.push(part + value)
    skip(cursor)
    if (accept(cursor, close)) return `${open}${parts.join(',')}${close}`
    if (!accept(cursor, ',')) return undefined
    skip(cursor)
  }
}

/** True for a string whose escapes are those that printing it again writes. */
function isUsual(quoted: string): boolean {
  return /^(?:[^\\]|\\["\\bfnrt])*$/.test(quoted)
}

function readEmpty(cursor: Cursor): string | undefined {
  if (!accept(cursor, '{')) return undefined
  skip(cursor)
  return accept(cursor, '}') ? '{}' : undefined
}

function columnOf({ node, values }: TwinColumn, base: number): JsonColumn {
  const { kind } = node
  const bytes = valueBytes(kind, values)
  const validity = bitsOf(values.map((value) => value !== null))
  let end = base
  const lengths = values.map((value) =>
    kind === 'list' ? Number(value ?? 0) : Buffer.byteLength(String(value ?? '')),
  )
  const hasEnds = kind === 'text' || kind === 'empty' || kind === 'list'
  return {
    length: values.length,
    present: values.filter((value) => value !== null).length,
    validity,
    values: bytes,
    ends: hasEnds
      ? Int32Array.from(lengths, (length) => {
          end += length
          return end
        })
      : null,
    isWide:
      kind === 'int64' && values.some((value) => value !== null && !Number.isSafeInteger(Number(value))),
  }
}

function bitsOf(list: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array((list.length + 7) >> 3)
  for (const [i, isSet] of list.entries()) if (isSet) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7))
  return bits
}

function valueBytes(kind: JsonKind, values: readonly Value[]): Uint8Array {
  if (kind === 'bool') return bitsOf(values.map((value) => value === true))
  if (kind === 'text' || kind === 'empty') return Buffer.from(values.map((value) => value ?? '').join(''))
  const width = jsonWidth(kind)
  const bytes = new Uint8Array(width * values.length)
  const view = new DataView(bytes.buffer)
  if (width === 0) return bytes
  for (const [i, value] of values.entries()) {
    if (kind === 'float64') view.setFloat64(i * 8, Number(value ?? 0), true)
    else {
      const integer = BigInt(value ?? 0)
      view.setBigInt64(i * width, BigInt.asIntN(64, integer), true)
      if (width === 16) view.setBigInt64(i * 16 + 8, integer >> 64n, true)
    }
  }
  return bytes
}
