import type { Column } from '@omni/spec'
import { bitAt, bitBytes, setBit } from './bits.ts'
import { tooLarge } from './faults.ts'
import { valueWidth } from './types.ts'

/** The values at `indices` (-1: null) as a new column in canonical form; nulls are empty and zero. */
export function takeValues(column: Column, indices: Int32Array): Column {
  const { type } = column
  const length = indices.length
  const present = resolveNulls(column, indices)
  const base = { type, length, ...validityOf(present) }
  const none = new Uint8Array(0)
  switch (type.kind) {
    case 'null':
      return { ...base, nullCount: length, validity: null, offsets: null, values: none, children: [] }
    case 'bool':
      return { ...base, offsets: null, values: takeBits(column.values, present), children: [] }
    case 'utf8':
    case 'binary': {
      const offsets = takeOffsets(column, present)
      return { ...base, offsets, values: takeBytes(column, present, offsets), children: [] }
    }
    case 'list':
    case 'map': {
      const offsets = takeOffsets(column, present)
      const items = itemIndices(column, present, offsets)
      return {
        ...base,
        offsets,
        values: none,
        children: column.children.map((child) => takeValues(child, items)),
      }
    }
    case 'struct': {
      const children = column.children.map((child) => takeValues(child, present))
      return { ...base, offsets: null, values: none, children }
    }
    default:
      return { ...base, offsets: null, values: takeFixed(column, present, valueWidth(type)), children: [] }
  }
}

function resolveNulls(column: Column, indices: Int32Array): Int32Array {
  const { validity } = column
  return validity === null ? indices : indices.map((i) => (i >= 0 && bitAt(validity, i) ? i : -1))
}

function validityOf(present: Int32Array): Pick<Column, 'nullCount' | 'validity'> {
  const validity = new Uint8Array(bitBytes(present.length))
  let nullCount = 0
  for (let i = 0; i < present.length; i++) {
    if ((present[i] as number) >= 0) setBit(validity, i)
    else nullCount++
  }
  return { nullCount, validity: nullCount === 0 ? null : validity }
}

function takeBits(bits: Uint8Array, present: Int32Array): Uint8Array {
  const taken = new Uint8Array(bitBytes(present.length))
  for (let i = 0; i < present.length; i++) {
    const from = present[i] as number
    if (from >= 0 && bitAt(bits, from)) setBit(taken, i)
  }
  return taken
}

function takeFixed(column: Column, present: Int32Array, width: number): Uint8Array {
  const taken = new Uint8Array(present.length * width)
  for (let i = 0; i < present.length; i++) {
    const from = present[i] as number
    if (from >= 0)
      for (let b = 0; b < width; b++) taken[i * width + b] = column.values[from * width + b] as number
  }
  return taken
}

function takeOffsets(column: Column, present: Int32Array): Int32Array {
  const from = column.offsets as Int32Array
  const offsets = new Int32Array(present.length + 1)
  let end = 0
  for (let i = 0; i < present.length; i++) {
    const at = present[i] as number
    if (at >= 0) end += (from[at + 1] as number) - (from[at] as number)
    if (end > 0x7fff_ffff) throw tooLarge(column.type)
    offsets[i + 1] = end
  }
  return offsets
}

function takeBytes(column: Column, present: Int32Array, offsets: Int32Array): Uint8Array {
  const from = column.offsets as Int32Array
  const taken = new Uint8Array(offsets[present.length] as number)
  for (let i = 0; i < present.length; i++) {
    const at = present[i] as number
    if (at >= 0) taken.set(column.values.subarray(from[at], from[at + 1]), offsets[i])
  }
  return taken
}

function itemIndices(column: Column, present: Int32Array, offsets: Int32Array): Int32Array {
  const from = column.offsets as Int32Array
  const items = new Int32Array(offsets[present.length] as number)
  for (let i = 0; i < present.length; i++) {
    const at = present[i] as number
    if (at < 0) continue
    const start = from[at] as number
    const to = offsets[i] as number
    const count = (offsets[i + 1] as number) - to
    for (let j = 0; j < count; j++) items[to + j] = start + j
  }
  return items
}
