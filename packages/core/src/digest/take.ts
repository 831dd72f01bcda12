import { valueWidth } from '@omni/arrow'
import type { Column } from '@omni/spec'
import { bitBytes } from './bits.ts'

type Runs = readonly (readonly [start: number, end: number])[]

/** The values of these runs, one after the other, as a column of their own. */
export function takeRanges(column: Column, runs: Runs): Column {
  const length = runs.reduce((sum, [start, end]) => sum + end - start, 0)
  const width = valueWidth(column.type)
  const validity = column.validity && takeBits(column.validity, runs, length)
  const base = { type: column.type, length, nullCount: validity ? length - countBits(validity) : 0, validity }
  switch (column.type.kind) {
    case 'null':
      return { ...column, length, nullCount: length }
    case 'bool':
      return { ...base, offsets: null, values: takeBits(column.values, runs, length), children: [] }
    case 'struct':
      return {
        ...base,
        offsets: null,
        values: column.values,
        children: column.children.map((child) => takeRanges(child, runs)),
      }
    case 'utf8':
    case 'binary':
    case 'list':
    case 'map': {
      const from = column.offsets as Int32Array
      const offsets = new Int32Array(length + 1)
      let at = 0
      for (const [start, end] of runs) {
        const shift = (offsets[at] as number) - (from[start] as number)
        for (let i = start; i < end; i++) offsets[++at] = (from[i + 1] as number) + shift
      }
      const spans = runs.map(([start, end]) => [from[start] as number, from[end] as number] as const)
      const isBytes = column.children.length === 0
      return {
        ...base,
        offsets,
        values: isBytes ? takeBytes(column.values, spans, 1) : column.values,
        children: column.children.map((child) => takeRanges(child, spans)),
      }
    }
    default:
      return { ...base, offsets: null, values: takeBytes(column.values, runs, width), children: [] }
  }
}

function takeBytes(bytes: Uint8Array, runs: Runs, width: number): Uint8Array {
  return Buffer.concat(runs.map(([start, end]) => bytes.subarray(start * width, end * width)))
}

function takeBits(bits: Uint8Array, runs: Runs, length: number): Uint8Array {
  const out = new Uint8Array(bitBytes(length))
  let at = 0
  for (const [start, end] of runs) {
    for (let i = start; i < end; i++, at++) {
      if ((bits[i >> 3] as number) & (1 << (i & 7))) out[at >> 3] = (out[at >> 3] as number) | (1 << (at & 7))
    }
  }
  return out
}

function countBits(bits: Uint8Array): number {
  let count = 0
  for (let byte of bits) for (; byte; byte &= byte - 1) count++
  return count
}
