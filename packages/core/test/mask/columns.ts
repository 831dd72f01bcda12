import type { Column, DataType } from '@omni/spec'

// Columns by hand, in the layout of @omni/spec, so that these tests depend on no builder.

function bits(present: readonly boolean[]): { validity: Uint8Array | null; nullCount: number } {
  const nullCount = present.filter((is) => !is).length
  if (nullCount === 0) return { validity: null, nullCount }
  const validity = new Uint8Array((present.length + 7) >> 3)
  for (const [i, is] of present.entries()) if (is) validity[i >> 3]! |= 1 << (i & 7)
  return { validity, nullCount }
}

function offsetsOf(sizes: readonly number[]): Int32Array {
  const offsets = new Int32Array(sizes.length + 1)
  for (const [i, size] of sizes.entries()) offsets[i + 1] = offsets[i]! + size
  return offsets
}

/** A column of text or bytes. */
export function text(
  values: readonly (string | Uint8Array | null)[],
  kind: 'utf8' | 'binary' = 'utf8',
): Column {
  const bytes = values.map((value) => (value === null ? new Uint8Array(0) : Buffer.from(value as string)))
  return {
    type: { kind },
    length: values.length,
    ...bits(values.map((value) => value !== null)),
    offsets: offsetsOf(bytes.map((b) => b.length)),
    values: new Uint8Array(Buffer.concat(bytes)),
    children: [],
  }
}

/** A column of fixed width from its bytes. */
export function fixed(type: DataType, values: readonly (Uint8Array | null)[], width: number): Column {
  const out = new Uint8Array(values.length * width)
  for (const [i, value] of values.entries()) if (value !== null) out.set(value.subarray(0, width), i * width)
  return {
    type,
    length: values.length,
    ...bits(values.map((v) => v !== null)),
    offsets: null,
    values: out,
    children: [],
  }
}

export const INT64: DataType = { kind: 'int', bits: 64, signed: true }

/** A column of int64. */
export function int64(values: readonly (bigint | null)[]): Column {
  const bytes = (value: bigint): Uint8Array => new Uint8Array(BigInt64Array.of(value).buffer)
  return fixed(
    INT64,
    values.map((value) => (value === null ? null : bytes(value))),
    8,
  )
}

export function struct(names: readonly string[], children: readonly Column[]): Column {
  const fields = names.map((name, i) => ({ name, type: children[i]!.type, nullable: true }))
  const length = children[0]!.length
  return {
    type: { kind: 'struct', fields },
    length,
    nullCount: 0,
    validity: null,
    offsets: null,
    values: new Uint8Array(0),
    children,
  }
}

export function list(item: Column, sizes: readonly number[], name = 'item'): Column {
  const type: DataType = { kind: 'list', item: { name, type: item.type, nullable: true } }
  return {
    type,
    length: sizes.length,
    nullCount: 0,
    validity: null,
    offsets: offsetsOf(sizes),
    values: new Uint8Array(0),
    children: [item],
  }
}

export function map(keys: Column, values: Column, sizes: readonly number[]): Column {
  const type: DataType = {
    kind: 'map',
    key: { name: 'key', type: keys.type, nullable: false },
    value: { name: 'value', type: values.type, nullable: true },
  }
  return {
    type,
    length: sizes.length,
    nullCount: 0,
    validity: null,
    offsets: offsetsOf(sizes),
    values: new Uint8Array(0),
    children: [keys, values],
  }
}

/** The values of a text column; null where absent. */
export function texts(column: Column): (string | null)[] {
  return Array.from({ length: column.length }, (_, i) => {
    if (column.validity !== null && ((column.validity[i >> 3]! >> (i & 7)) & 1) === 0) return null
    return Buffer.from(column.values.subarray(column.offsets![i]!, column.offsets![i + 1]!)).toString()
  })
}

/** Every buffer below a column. */
export function buffersOf(column: Column): Uint8Array[] {
  return [column.values, ...column.children.flatMap(buffersOf)]
}
