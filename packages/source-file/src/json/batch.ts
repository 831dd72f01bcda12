import { copyBits, fillBits } from '@omni/arrow'
import type { JsonColumn, JsonDecoder } from '@omni/kernels'
import type { Batch, Column } from '@omni/spec'
import { type BatchMemory, createBatchMemory } from '../batch-memory.ts'
import type { JsonTree, TreeNode } from './tree.ts'

/** Columns of a batch as it grows. */
export interface BatchGrower {
  readonly rows: number
  /** Bytes of values, about. */
  readonly bytes: number
  /** Moves what the decoder has read here. */
  add(decoder: JsonDecoder): void
  /** Takes from what the decoder has read only what it tells of the types, and drops it. */
  drop(decoder: JsonDecoder): void
  /** The batch, which the caller owns; then it begins anew. */
  finish(): Batch
}

/** Batches of these columns. */
export function createBatchGrower(tree: JsonTree, memory: BatchMemory = createBatchMemory()): BatchGrower {
  const columns = tree.nodes.map((node) => createColumnGrower(node, memory))
  let rows = 0
  return {
    get rows() {
      return rows
    },
    get bytes() {
      return columns.reduce((sum, column) => sum + column.bytes, 0)
    },
    add(decoder) {
      if (decoder.rows === 0) return
      rows += decoder.rows
      for (const [id, column] of columns.entries()) {
        const part = decoder.column(id, column.base)
        if (part.isWide) tree.nodes[id]?.noteWide()
        column.add(part)
      }
      decoder.reset()
    },
    drop(decoder) {
      if (decoder.rows === 0) return
      for (const [id, { node, noteWide }] of tree.nodes.entries()) {
        if (node.kind === 'int64' && decoder.column(id, 0).isWide) noteWide()
      }
      decoder.reset()
    },
    finish() {
      const finished: Column[] = []
      // Children come after their parents.
      for (let id = tree.nodes.length - 1; id >= 0; id--) {
        const children = tree.nodes[id]?.children.map((child) => finished[child] as Column) ?? []
        finished[id] = (columns[id] as ColumnGrower).finish(children)
      }
      const batch = { schema: tree.schema, rows, columns: finished[0]?.children ?? [] }
      rows = 0
      return batch
    },
  }
}

interface ColumnGrower {
  readonly bytes: number
  /** What the ends of the next part begin from. */
  readonly base: number
  add(part: JsonColumn): void
  finish(children: readonly Column[]): Column
}

function createColumnGrower({ node, type }: TreeNode, memory: BatchMemory): ColumnGrower {
  const isBits = node.kind === 'bool'
  const hasEnds = node.kind === 'text' || node.kind === 'empty' || node.kind === 'list'
  let validity = new Uint8Array(0)
  let values = new Uint8Array(0)
  let offsets = new Int32Array(hasEnds ? 17 : 1)
  let length = 0
  let present = 0
  let used = 0
  let base = 0

  function addValidity(part: JsonColumn): void {
    if (present === length && part.present === part.length) return
    const size = (length + part.length + 7) >> 3
    if (validity.length === 0 || present === length) {
      validity = new Uint8Array(2 * size + 64)
      fillBits(validity, 0, length)
    } else validity = grow(validity, size, (length + 7) >> 3)
    copyBits(part.validity, 0, validity, length, part.length)
  }

  function addValues(part: JsonColumn): void {
    if (isBits) {
      values = grow(values, (length + part.length + 7) >> 3, (length + 7) >> 3)
      copyBits(part.values, 0, values, length, part.length)
      used = (length + part.length + 7) >> 3
    } else if (part.values.length > 0) {
      values = grow(values, used + part.values.length, used)
      values.set(part.values, used)
      used += part.values.length
    }
  }

  return {
    get bytes() {
      return used + length
    },
    get base() {
      return base
    },
    add(part) {
      if (part.length === 0) return
      addValidity(part)
      addValues(part)
      if (part.ends !== null) {
        if (length + part.length + 1 > offsets.length) {
          const larger = new Int32Array(Math.max(length + part.length + 1, 2 * offsets.length))
          larger.set(offsets.subarray(0, length + 1))
          offsets = larger
        }
        offsets.set(part.ends, length + 1)
        base = part.ends[part.length - 1] as number
      }
      length += part.length
      present += part.present
    },
    finish(children) {
      const column: Column = {
        type,
        length,
        nullCount: length - present,
        validity: present < length && node.kind !== 'null' ? validity.subarray(0, (length + 7) >> 3) : null,
        offsets: hasEnds ? offsets.subarray(0, length + 1) : null,
        values: values.subarray(0, used),
        children,
      }
      // The next batch is about as large; what was given away comes back when its reader is done with it.
      values = isBits ? new Uint8Array(values.length) : new Uint8Array(memory.take(values.length))
      if (hasEnds) {
        offsets = new Int32Array(memory.take(4 * offsets.length), 0, offsets.length)
        offsets[0] = 0
      }
      validity = new Uint8Array(0)
      length = present = used = base = 0
      return column
    },
  }
}

/** Room for `size` bytes, keeping the first `used`; what follows them in new memory is zero. */
function grow(buffer: Uint8Array<ArrayBuffer>, size: number, used: number): Uint8Array<ArrayBuffer> {
  if (size <= buffer.length) return buffer
  const larger = new Uint8Array(Math.max(size, 2 * buffer.length, 1024))
  larger.set(buffer.subarray(0, used))
  return larger
}
