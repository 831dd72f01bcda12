import {
  isDoubleToken,
  type JsonColumn,
  type JsonDecoder,
  type JsonKind,
  type JsonMode,
  type JsonNode,
  type JsonRun,
  type JsonStop,
  jsonWidth,
  listNodes,
} from './json.ts'
import { DOUBT_BYTES, type JsonLayout, type JsonRoom, layOutJson, NODE_BYTES, roomOf } from './json-layout.ts'
import { type Exports, ensureMemory } from './module.ts'

const MODES: readonly JsonMode[] = ['lines', 'items', 'objects']
const STOPS: readonly JsonStop[] = ['end', 'unusual', 'full', 'closed']
/** Rows of the runs after one that stopped at a number in doubt: what is read after such a number is read again. */
const FIRST_ROWS = 1

/** The decoder on an instance that is its own until its release. */
export function createJsonDecoderWasm(exports: Exports, release: () => void): JsonDecoder {
  let nodes: readonly JsonNode[] = []
  /** Items of lists, by id. */
  let items: ReadonlySet<number> = new Set()
  let bare = -1
  let takesAll = false
  let room: JsonRoom = roomOf([])
  let layout: JsonLayout
  let memory: Uint8Array
  let words: Uint32Array
  let input: Uint8Array = new Uint8Array()
  let ramp = Number.POSITIVE_INFINITY
  /** A run found a node full: the next reset makes more room. */
  let grown = false

  /** Lays everything out anew, which forgets all rows. */
  function prepare(): void {
    layout = layOutJson(exports.heapBase(), nodes, room)
    ensureMemory(exports.memory, layout.size)
    memory = new Uint8Array(exports.memory.buffer)
    words = new Uint32Array(exports.memory.buffer)
    layout.write(memory, words)
    const { nodes: at, doubts } = layout
    exports.jsonConfigure(at, bare < 0 ? 0xffff_ffff : bare, takesAll ? 1 : 0, doubts, room.doubts)
    memory.set(input, layout.input)
    memory.fill(0, layout.input + input.length, layout.input + input.length + 32)
    grown = false
  }

  const rowsNow = (): number => words[(layout.nodes >> 2) + 1] as number

  function runAt(mode: JsonMode, start: number, end: number, base: number, maxRows: number): JsonRun {
    const result = layout.result >> 2
    const before = rowsNow()
    // What ends the input for the kernel; what was there comes back.
    const after = memory[end] as number
    memory[end] = mode === 'lines' && memory[end - 1] !== 10 ? 10 : 0
    exports.jsonRun(MODES.indexOf(mode), start, end, Math.min(maxRows, ramp, 0x7fff_ffff), layout.result)
    memory[end] = after
    const wrong = firstInexact(words[result + 4] as number)
    if (wrong >= 0) {
      const entry = (layout.doubts + wrong * DOUBT_BYTES) >> 2
      const row = words[entry + 1] as number
      exports.jsonTruncate(row)
      ramp = FIRST_ROWS
      const consumed = (words[entry] as number) - start
      return runOf(
        row - before,
        consumed,
        'unusual',
        words[entry + 6] as number,
        words[entry + 7] as number,
        base,
      )
    }
    const rows = words[result] as number
    const why = words[result + 2] as number
    const isRamp = why === 0 && rows === ramp
    ramp *= 2
    const stop = STOPS[why] as JsonStop
    if (stop === 'full') makeRoom(words[result + 3] as number)
    const found = runOf(
      rows,
      words[result + 1] as number,
      stop,
      words[result + 5] as number,
      words[result + 6] as number,
      base,
    )
    if (!isRamp || rows >= maxRows || found.consumed >= end - start) return found
    const rest = runAt(mode, start + found.consumed, end, base, maxRows - rows)
    return {
      rows: rows + rest.rows,
      consumed: found.consumed + rest.consumed,
      stop: rest.stop,
      lines: found.lines + rest.lines,
      lineStart: rest.lines > 0 ? rest.lineStart : found.lineStart,
    }
  }

  function runOf(
    rows: number,
    consumed: number,
    stop: JsonStop,
    lines: number,
    lineStart: number,
    base: number,
  ): JsonRun {
    return { rows, consumed, stop, lines, lineStart: lines === 0 ? -1 : lineStart - base }
  }

  /** Writes the doubles of numbers in doubt; the first that is none, or -1. */
  function firstInexact(count: number): number {
    if (count === 0) return -1
    const view = new DataView(memory.buffer)
    for (let i = 0; i < count; i++) {
      const entry = (layout.doubts + i * DOUBT_BYTES) >> 2
      const text = asciiOf(words[entry + 4] as number, words[entry + 5] as number)
      if (!isDoubleToken(text)) return i
      const values = words[nodeWord(words[entry + 2] as number, 5)] as number
      view.setFloat64(values + (words[entry + 3] as number) * 8, Number(text), true)
    }
    return -1
  }

  function asciiOf(start: number, end: number): string {
    return Buffer.from(memory.buffer, start, end - start).toString('latin1')
  }

  const nodeWord = (id: number, word: number): number => ((layout.nodes + id * NODE_BYTES) >> 2) + word

  /** What was full has twice the room after the next reset. */
  function makeRoom(id: number): void {
    const kind = nodes[id]?.kind as JsonKind
    if (kind === 'text' || kind === 'empty') room.text[id] = (room.text[id] as number) * 2
    if (kind === 'float64') room.doubts *= 2
    // The record itself is full when it has as many rows as there may be.
    if (items.has(id)) room.values[id] = layout.valuesOf(id) * 2
    grown = id > 0
  }

  return {
    release,
    get rows() {
      return rowsNow()
    },
    configure(root, bareChild, isWhole = false) {
      nodes = listNodes(root)
      const listed = new Set(nodes.filter(({ kind }) => kind === 'list').flatMap(({ children }) => children))
      items = new Set([...nodes.keys()].filter((id) => listed.has(nodes[id] as JsonNode)))
      bare = bareChild
      takesAll = isWhole
      room = { ...roomOf(nodes), input: room.input, record: room.record }
      prepare()
    },
    load(bytes, from, to) {
      input = bytes.subarray(from, to)
      if (input.length > room.input) {
        room.input = Math.max(input.length, 2 * room.input)
        prepare()
        return
      }
      memory.set(input, layout.input)
      memory.fill(0, layout.input + input.length, layout.input + input.length + 32)
    },
    run(mode, from, to, maxRows) {
      while (true) {
        const found = runAt(mode, layout.input + from, layout.input + to, layout.input, maxRows)
        if (found.stop !== 'full' || rowsNow() > 0 || !grown) return found
        // Not even one record fits: there is nothing to take, so the room grows at once.
        prepare()
      }
    },
    one(record) {
      if (record.length > room.record) {
        if (rowsNow() > 0) return 'full'
        room.record = Math.max(record.length, 2 * room.record)
        prepare()
      }
      while (true) {
        memory.set(record, layout.record)
        memory.fill(0, layout.record + record.length, layout.record + record.length + 32)
        const from = layout.record
        const ramped = ramp
        const found = runAt('lines', from, from + record.length, from, 1)
        ramp = ramped
        if (found.stop !== 'full') return found.rows === 1 ? 'end' : 'unusual'
        if (rowsNow() > 0 || !grown) return 'full'
        prepare()
      }
    },
    column(id, base): JsonColumn {
      const { kind } = nodes[id] as JsonNode
      const word = (i: number): number => words[nodeWord(id, i)] as number
      const [length, used, valid, values, ends] = [word(1), word(3), word(4), word(5), word(7)]
      const bits = (length + 7) >> 3
      const present = exports.jsonPack(valid, length, layout.bits)
      let bytes = memory.subarray(values, values + length * jsonWidth(kind))
      if (kind === 'bool') {
        exports.jsonPack(values, length, layout.moreBits)
        bytes = memory.subarray(layout.moreBits, layout.moreBits + bits)
      }
      if (kind === 'text' || kind === 'empty') bytes = memory.subarray(values, values + used)
      const hasEnds = kind === 'text' || kind === 'empty' || kind === 'list'
      if (hasEnds && base > 0) exports.jsonShift(ends, length, base)
      return {
        length,
        present,
        validity: memory.subarray(layout.bits, layout.bits + bits),
        values: bytes,
        ends: hasEnds ? new Int32Array(memory.buffer, ends, length) : null,
        isWide: kind === 'int64' && exports.jsonIsWide(values, length) === 1,
      }
    },
    reset() {
      if (grown) prepare()
      else exports.jsonTruncate(0)
    },
  }
}
