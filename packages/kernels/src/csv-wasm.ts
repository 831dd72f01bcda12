import {
  type CsvDialect,
  type CsvFixed,
  type CsvRejected,
  type CsvSplitter,
  type CsvType,
  isDoubleText,
  KIND,
  MAX_REJECTED,
  MAX_ROWS,
  widthOf,
} from './csv.ts'
import { type Exports, ensureMemory } from './module.ts'

const WHY = ['ragged', 'quote', 'unclosed', 'odd'] as const
const RECORD_WORDS = 3
const REJECTED_WORDS = 6
const QUOTED = 0x8000_0000
const NULL = 0x2000_0000
/** Input that the first layout has room for; it grows only for a larger piece. */
const FIRST_CAPACITY = 256 * 1024
const SLOW = KIND.fractionSlow | KIND.exponent

/** Where everything is in the memory, in bytes. */
interface Layout {
  readonly capacity: number
  readonly result: number
  readonly nullText: number
  readonly records: number
  readonly rejected: number
  readonly validity: number
  readonly slow: number
  readonly ends: number
  readonly out: number
  readonly tail: number
  readonly input: number
  readonly table: number
  readonly size: number
}

function layOut(heapBase: number, nullBytes: number, tailBytes: number, capacity: number): Layout {
  let at = (heapBase + 63) & ~63
  const take = (bytes: number): number => {
    const start = at
    at = (at + bytes + 127) & ~63
    return start
  }
  const result = take(32)
  const nullText = take(nullBytes)
  const tail = take(tailBytes)
  const records = take(4 * RECORD_WORDS * MAX_ROWS)
  const rejected = take(4 * REJECTED_WORDS * MAX_REJECTED)
  const validity = take(MAX_ROWS / 8 + 8)
  const slow = take(4 * MAX_ROWS)
  const ends = take(4 * MAX_ROWS)
  const out = take(Math.max(capacity, 16 * MAX_ROWS))
  const input = take(capacity)
  const table = take(8 * (capacity + 1))
  return {
    capacity,
    result,
    nullText,
    tail,
    records,
    rejected,
    validity,
    slow,
    ends,
    out,
    input,
    table,
    size: at,
  }
}

/** The splitter on an instance that is its own until its release. */
export function createCsvSplitterWasm(
  exports: Exports,
  dialect: CsvDialect,
  release: () => void,
): CsvSplitter {
  const { delimiter, quote, columns } = dialect
  const nullText = dialect.nullText ?? new Uint8Array()
  const tail = dialect.delimiterTail ?? new Uint8Array()
  const stride = columns * 8
  let layout: Layout
  let memory: Uint8Array
  let words: Uint32Array
  let rows = 0
  let copiedTo = 0
  let copiedAt = 0
  let inputAt = 0
  // Where the fields of inserted records end: behind the table, which grows no more after them.
  let patchEnd = 0
  prepare(FIRST_CAPACITY)

  function prepare(capacity: number): void {
    layout = layOut(exports.heapBase(), nullText.length, tail.length, capacity)
    ensureMemory(exports.memory, layout.size)
    refresh()
    memory.set(nullText, layout.nullText)
    memory.set(tail, layout.tail)
    exports.configure(
      layout.table,
      layout.records,
      layout.rejected,
      columns,
      layout.nullText,
      nullText.length,
      dialect.skipSpace ? 1 : 0,
      layout.tail,
      tail.length,
      dialect.escape ?? -1,
    )
  }

  function refresh(): void {
    memory = new Uint8Array(exports.memory.buffer)
    words = new Uint32Array(exports.memory.buffer)
  }

  function textOf(column: number, row: number): string {
    const field = (layout.table >> 2) + (row * columns + column) * 2
    const start = inputAt + words[field]!
    const end = inputAt + (words[field + 1]! & 0x1fff_ffff)
    return String.fromCharCode(...memory.subarray(start, end))
  }

  /** The first row that was left for a comparison and is no double, or -1; `found` sees the others. */
  function firstInexact(column: number, found: (row: number, value: number) => void): number {
    const slow = layout.slow >> 2
    for (let i = 0; i < exports.slowCount(); i++) {
      const row = words[slow + i]!
      const text = textOf(column, row)
      if (!isDoubleText(text)) return row
      found(row, Number(text))
    }
    return -1
  }

  function parse(field: number, type: CsvType, bit: number): number {
    const { out, validity, slow } = layout
    const input = inputAt
    switch (type.kind) {
      case 'int64':
        return exports.int64(input, field, stride, rows, out, validity, bit)
      case 'decimal':
        return exports.decimal(input, field, stride, rows, out, validity, bit, type.scale)
      case 'float64':
        return exports.float64(input, field, stride, rows, out, validity, bit, slow)
      case 'date':
        return exports.time(input, field, stride, rows, out, validity, bit, KIND.date)
      case 'timestamp':
        return exports.time(input, field, stride, rows, out, validity, bit, type.stamp)
      case 'bool':
        return exports.bool(input, field, stride, rows, out, validity, bit, KIND.bool << type.spelling)
    }
  }

  const validityOf = (bit: number): Uint8Array =>
    memory.subarray(layout.validity, layout.validity + ((bit + rows + 7) >> 3))

  return {
    release,

    split(bytes, from, to, { final, maxRows, line, again = false }) {
      const length = to - from
      if (again && to === copiedTo && from >= copiedAt) inputAt = layout.input + from - copiedAt
      else {
        if (length > layout.capacity) prepare(Math.max(length, 2 * layout.capacity))
        memory.set(bytes.subarray(from, to), layout.input)
        inputAt = layout.input
        copiedAt = from
        copiedTo = to
      }
      patchEnd = 0
      const most = Math.min(maxRows, MAX_ROWS)
      const { result } = layout
      exports.split(inputAt, length, final ? 1 : 0, delimiter, quote, most, MAX_REJECTED, line, result)
      const at = result >> 2
      rows = words[at]!
      const rejected: CsvRejected[] = []
      for (let i = 0; i < words[at + 3]!; i++) {
        const entry = (layout.rejected >> 2) + i * REJECTED_WORDS
        rejected.push({
          start: words[entry]!,
          end: words[entry + 1]!,
          line: words[entry + 2]!,
          fields: words[entry + 3]!,
          why: WHY[words[entry + 4]!]!,
          before: words[entry + 5]!,
        })
      }
      return {
        rows,
        consumed: words[at + 1]!,
        line: words[at + 2]!,
        rejected,
        halted: words[at + 4] === 1,
      }
    },

    record(row) {
      const at = (layout.records >> 2) + row * RECORD_WORDS
      return { start: words[at]!, end: words[at + 1]!, line: words[at + 2]! }
    },

    starting(prefix) {
      const { result, records, slow } = layout
      memory.fill(0, result, result + 8)
      memory.set(prefix.subarray(0, 8), result)
      const { length } = prefix
      const count = exports.rowsStarting(inputAt, records, RECORD_WORDS * 4, rows, result, length, slow)
      const found = Array.from(words.subarray(slow >> 2, (slow >> 2) + count))
      if (length <= 8) return found
      return found.filter((row) => {
        const start = inputAt + words[(records >> 2) + row * RECORD_WORDS]!
        return Buffer.compare(memory.subarray(start, start + length), prefix) === 0
      })
    },

    alone() {
      const { table, slow } = layout
      const count = exports.rowsAlone(table, columns, rows, slow)
      return Array.from(words.subarray(slow >> 2, (slow >> 2) + count))
    },

    drop(gone) {
      const records = layout.records >> 2
      let kept = gone[0] ?? rows
      gone.forEach((row, i) => {
        const from = row + 1
        const to = gone[i + 1] ?? rows
        const target = layout.table + kept * stride
        memory.copyWithin(target, layout.table + from * stride, layout.table + to * stride)
        words.copyWithin(
          records + kept * RECORD_WORDS,
          records + from * RECORD_WORDS,
          records + to * RECORD_WORDS,
        )
        kept += to - from
      })
      rows = kept
    },

    insert(records) {
      const size = records.reduce(
        (sum, { fields }) => fields.reduce((total, field) => total + (field?.length ?? 0), sum),
        0,
      )
      let patch = Math.max(layout.table + (rows + records.length) * stride, patchEnd)
      patchEnd = patch + size
      if (ensureMemory(exports.memory, patchEnd + 64)) refresh()
      const first = layout.records >> 2
      // From the last to the first, so that each kept record moves once.
      let kept = rows
      rows += records.length
      for (let i = records.length - 1; i >= 0; i--) {
        const { before, start, end, line, fields } = records[i]!
        const by = i + 1
        memory.copyWithin(
          layout.table + (before + by) * stride,
          layout.table + before * stride,
          layout.table + kept * stride,
        )
        words.copyWithin(
          first + (before + by) * RECORD_WORDS,
          first + before * RECORD_WORDS,
          first + kept * RECORD_WORDS,
        )
        kept = before
        words.set([start, end, line], first + (before + i) * RECORD_WORDS)
        for (let column = 0; column < columns; column++) {
          const bytes = fields[column] ?? null
          const field = ((layout.table + (before + i) * stride) >> 2) + 2 * column
          const flag = bytes === null ? NULL : bytes.length === 0 ? QUOTED : 0
          if (bytes) memory.set(bytes, patch)
          words[field] = patch - inputAt
          patch += bytes?.length ?? 0
          words[field + 1] = (patch - inputAt + flag) >>> 0
        }
      }
    },

    text(column, base, bit) {
      const { table, out, ends, validity } = layout
      const field = table + column * 8
      const length = exports.text(inputAt, field, stride, rows, quote, out, base, ends, validity, bit)
      return {
        values: memory.subarray(out, out + length),
        ends: new Int32Array(memory.buffer, ends, rows),
        validity: validityOf(bit),
        nulls: exports.nullCount(),
      }
    },

    fixed(column, type, bit): CsvFixed {
      const { out } = layout
      const width = widthOf(type)
      let failed = parse(layout.table + column * 8, type, bit)
      if (type.kind === 'float64') {
        const view = new DataView(memory.buffer, out)
        const inexact = firstInexact(column, (row, value) => view.setFloat64(row * 8, value, true))
        if (inexact >= 0) failed = inexact
      }
      return {
        values: memory.subarray(out, out + (width === 0 ? (bit + rows + 7) >> 3 : width * rows)),
        validity: validityOf(bit),
        nulls: exports.nullCount(),
        failed,
      }
    },

    kinds(column) {
      const { table, result, slow } = layout
      exports.kinds(inputAt, table + column * 8, stride, rows, result, slow)
      let kinds = words[result >> 2]!
      const scales = new DataView(memory.buffer, result).getBigUint64(8, true)
      if ((kinds & SLOW) !== 0 && (kinds & KIND.text) === 0 && firstInexact(column, () => {}) >= 0) {
        kinds |= KIND.inexact
      }
      return { kinds, scales }
    },
  }
}
