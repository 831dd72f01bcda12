/** How a column takes JSON values; every kind takes `null` too. */
export type JsonKind =
  | 'null'
  | 'bool'
  /** Integers of 64 bits, also written as `1.0`; not `-0`, which is a double. */
  | 'int64'
  /** Integers of at most 38 digits, as 128 bits. */
  | 'decimal'
  /** Numbers that a double holds: its shortest text says the same. */
  | 'float64'
  /** Strings; and other values as their JSON text, where that is surely what parsing and printing them gives. */
  | 'text'
  /** Only `{}`, as that text. */
  | 'empty'
  | 'list'
  | 'struct'

/** A column, with the columns inside it. The root is the record: a struct. */
export interface JsonNode {
  readonly kind: JsonKind
  /** Of a struct's child: its name. */
  readonly name?: string
  /** Of a list: its item. Of a struct: its fields. */
  readonly children: readonly JsonNode[]
}

/** `lines`: one record a line · `items`: of an array, from one's first byte up to the bracket · `objects`: one after another. */
export type JsonMode = 'lines' | 'items' | 'objects'

/**
 * Why a run ended. `unusual`: the next record is none that the columns take as it is (another kind, a new or repeated
 * name, no JSON, not whole); it is left to the caller. `full`: take the columns, reset, and go on. `closed`: what
 * follows the last record is no other.
 */
export type JsonStop = 'end' | 'unusual' | 'full' | 'closed'

/** What one run has read. */
export interface JsonRun {
  readonly rows: number
  /** Bytes done: of whole records and what separates them. */
  readonly consumed: number
  readonly stop: JsonStop
  /** Line feeds in those bytes, and the first byte after the last, relative to what was loaded; -1 for none. */
  readonly lines: number
  readonly lineStart: number
}

/** The values of one column since the reset; views, valid until the next call but `column`. */
export interface JsonColumn {
  readonly length: number
  /** Values that are no null. */
  readonly present: number
  /** Bit i (LSB first): value i is there. */
  readonly validity: Uint8Array
  /** Little-endian values, 0 for null; bits for `bool`; the bytes of `text` and `empty`; nothing for nested kinds. */
  readonly values: Uint8Array
  /** Of `text`, `empty` and `list`: the end of each value, plus `base`. */
  readonly ends: Int32Array | null
  /** An `int64` that is not between -(2^53 - 1) and 2^53 - 1 is among them. */
  readonly isWide: boolean
}

/**
 * Reads records into columns. It takes a record only where the strict grammar (RFC 8259) does and every value is
 * held exactly; everything else it leaves where it is. Input must be UTF-8. Whoever made it releases it.
 */
export interface JsonDecoder {
  /**
   * Forgets all rows and takes another tree of columns; `bare` is the child that takes records that are no object, or
   * every record when `isWhole`.
   */
  configure(root: JsonNode, bare: number, isWhole?: boolean): void
  /** Makes `bytes[from, to)` the input of {@link run}. The columns must have been reset. */
  load(bytes: Uint8Array, from: number, to: number): void
  /** Reads on from `from` up to `to`, relative to what was loaded; for lines, `to` is after a line feed or the end. */
  run(mode: JsonMode, from: number, to: number, maxRows: number): JsonRun
  /** Reads one record given by itself, besides what is loaded; `full` needs a reset first, unless there is no row. */
  one(record: Uint8Array): JsonStop
  readonly rows: number
  /** Column `id` in the order of {@link listNodes}. Once for each column and reset. */
  column(id: number, base: number): JsonColumn
  /** Forgets all rows; the input stays. */
  reset(): void
  release(): void
}

/** The nodes of a tree breadth-first, which numbers them. */
export function listNodes(root: JsonNode): JsonNode[] {
  const nodes = [root]
  for (let i = 0; i < nodes.length; i++) nodes.push(...(nodes[i]?.children ?? []))
  return nodes
}

/** Whether a JSON number is surely what a double holds: the double prints as this text (ECMA-262 `Number`). */
export function isDoubleToken(text: string): boolean {
  const value = Number(text)
  if (String(value) !== text) return value.toExponential() === text
  // A large plain integer may have neighbours in its column that a double does not hold.
  return Number.isSafeInteger(value) || !Number.isInteger(value) || text.includes('e')
}

/** Bytes of one value, 0 where they are none or vary. */
export function jsonWidth(kind: JsonKind): number {
  if (kind === 'decimal') return 16
  return kind === 'int64' || kind === 'float64' ? 8 : 0
}

/** The spellings of a name that are looked for, as JSON text without quotes: as it is, and with all but ASCII escaped. */
export function namesOf(name: string): string[] {
  const plain = JSON.stringify(name).slice(1, -1)
  const escaped = plain.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return plain === escaped ? [plain] : [plain, escaped]
}
