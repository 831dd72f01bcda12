import { type JsonKind, type JsonNode, jsonWidth, namesOf } from './json.ts'

/** Bytes of a node in the memory; the words are described in assembly/json-column.ts. */
export const NODE_BYTES = 64
/** Bytes of a number in doubt. */
export const DOUBT_BYTES = 32

const KINDS: readonly JsonKind[] = [
  'null',
  'bool',
  'int64',
  'decimal',
  'float64',
  'text',
  'empty',
  'list',
  'struct',
]

/** How much fits. Entries of 0 in `values` mean the default. */
export interface JsonRoom {
  /** Bytes of text, by node. */
  readonly text: number[]
  /** Values of a list's items, by node. */
  readonly values: number[]
  doubts: number
  /** Bytes of input, and of a record given by itself. */
  input: number
  record: number
}

/** Memory for the values of all columns, about: it fits the second-level cache while columns are few. */
const VALUES_BYTES = 8 * 1024 * 1024
const MOST_ROWS = 8192
const LEAST_ROWS = 512
const FIRST_INPUT = 256 * 1024

/** The room to begin with. */
export function roomOf(nodes: readonly JsonNode[]): JsonRoom {
  const texts = nodes.filter(({ kind }) => kind === 'text').length
  const share = Math.max(256, Math.min(64 * 1024, 2 ** Math.floor(Math.log2(VALUES_BYTES / (texts + 1)))))
  return {
    text: nodes.map(({ kind }) => (kind === 'text' ? share : 256)),
    values: nodes.map(() => 0),
    doubts: 8192,
    input: FIRST_INPUT,
    record: 4096,
  }
}

/** Where everything is in the memory, in bytes. */
export interface JsonLayout {
  readonly nodes: number
  readonly result: number
  readonly doubts: number
  readonly bits: number
  readonly moreBits: number
  readonly record: number
  readonly input: number
  readonly size: number
  /** Values that fit into a node. */
  valuesOf(id: number): number
  /** Writes the nodes, their names and their tables. */
  write(memory: Uint8Array, words: Uint32Array): void
}

interface Name {
  readonly child: number
  readonly at: number
  readonly bytes: Uint8Array
}

interface Place {
  readonly fits: number
  readonly valid: number
  readonly values: number
  readonly ends: number
  readonly first: number
  readonly table: number
  readonly slots: number
  readonly names: readonly Name[]
}

/** Lays out the columns and the input after `heapBase`. */
export function layOutJson(heapBase: number, nodes: readonly JsonNode[], room: JsonRoom): JsonLayout {
  let at = (heapBase + 63) & ~63
  const take = (bytes: number): number => {
    const start = at
    // 16 bytes past the end may be read and written.
    at = (at + bytes + 16 + 15) & ~15
    return start
  }
  const result = take(64)
  const nodesAt = take(NODE_BYTES * nodes.length)
  const firstChild = firstChildren(nodes)
  const fits = fittingValues(nodes, firstChild, room)
  const places = nodes.map((node, id): Place => {
    const most = fits[id] as number
    const hasText = node.kind === 'text' || node.kind === 'empty'
    const names: Name[] = []
    if (node.kind === 'struct') {
      for (const [child, { name = '' }] of node.children.entries()) {
        for (const spelling of namesOf(name)) {
          const bytes = Buffer.from(`${spelling}"`)
          names.push({ child, at: take(bytes.length), bytes })
        }
      }
    }
    const slots = 2 ** Math.ceil(Math.log2(2 * names.length + 2))
    return {
      fits: most,
      valid: take(most),
      values: take(
        hasText ? (room.text[id] as number) : node.kind === 'bool' ? most : most * jsonWidth(node.kind),
      ),
      ends: hasText || node.kind === 'list' ? take(4 * most) : 0,
      first: firstChild[id] as number,
      table: take(12 * slots),
      slots,
      names,
    }
  })
  const widest = Math.max(1, ...fits)
  const bits = take(widest / 8 + 8)
  const moreBits = take(widest / 8 + 8)
  const doubts = take(DOUBT_BYTES * room.doubts)
  const record = take(room.record + 32)
  const input = take(room.input + 32)
  return {
    nodes: nodesAt,
    result,
    doubts,
    bits,
    moreBits,
    record,
    input,
    size: at,
    valuesOf: (id) => fits[id] as number,
    write(memory, words) {
      for (const [id, place] of places.entries()) {
        const node = nodes[id] as JsonNode
        const word = (nodesAt + id * NODE_BYTES) >> 2
        const text = room.text[id] as number
        words.set(
          [KINDS.indexOf(node.kind), 0, place.fits, 0, place.valid, place.values, text, place.ends],
          word,
        )
        words.set([place.first, node.children.length, place.table, place.slots - 1, 0, 1], word + 8)
        writeNames(memory, words, place)
      }
      // A child knows its own name, as it is usually written.
      for (const [id, { first, names }] of places.entries()) {
        if (nodes[id]?.kind !== 'struct') continue
        for (const name of [...names].reverse()) {
          words.set([name.at, name.bytes.length], ((nodesAt + (first + name.child) * NODE_BYTES) >> 2) + 12)
        }
      }
    },
  }
}

function firstChildren(nodes: readonly JsonNode[]): number[] {
  let next = 1
  return nodes.map((node) => {
    const first = next
    next += node.children.length
    return first
  })
}

/** All nodes that have a value for each record have the same room, and so all of a list's items. */
function fittingValues(nodes: readonly JsonNode[], first: readonly number[], room: JsonRoom): number[] {
  const bytesARow = nodes.reduce((sum, { kind }) => sum + 1 + Math.max(4, jsonWidth(kind)), 0)
  const rows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(VALUES_BYTES / bytesARow)))
  const fits: number[] = [rows]
  for (const [id, node] of nodes.entries()) {
    for (let i = 0; i < node.children.length; i++) {
      const child = (first[id] as number) + i
      fits[child] = node.kind === 'list' ? room.values[child] || 2 * rows : (fits[id] as number)
    }
  }
  return fits
}

function writeNames(memory: Uint8Array, words: Uint32Array, { table, slots, names }: Place): void {
  words.fill(0, table >> 2, (table >> 2) + 3 * slots)
  for (const { child, at, bytes } of names) {
    memory.set(bytes, at)
    let slot = hashOf(bytes.subarray(0, -1)) & (slots - 1)
    while (words[(table >> 2) + 3 * slot] !== 0) slot = (slot + 1) & (slots - 1)
    words.set([child + 1, at, bytes.length], (table >> 2) + 3 * slot)
  }
}

/** FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
