// Thrift compact protocol, writing only: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

/** A value of the Thrift compact protocol. */
export type ThriftValue =
  | { readonly is: 'bool'; readonly value: boolean }
  | { readonly is: 'i8' | 'i16' | 'i32' | 'i64'; readonly value: number }
  | { readonly is: 'binary'; readonly value: Uint8Array }
  | { readonly is: 'list'; readonly of: ThriftValue['is']; readonly items: readonly ThriftValue[] }
  | { readonly is: 'struct'; readonly fields: readonly ThriftField[] }

/** Field id and value; fields of a struct are in ascending order of id, undefined ones are left out. */
export type ThriftField = readonly [id: number, value: ThriftValue | undefined]

const TYPE_CODES: Readonly<Record<ThriftValue['is'], number>> = {
  bool: 1,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  binary: 8,
  list: 9,
  struct: 12,
}

export const bool = (value: boolean): ThriftValue => ({ is: 'bool', value })
export const i8 = (value: number): ThriftValue => ({ is: 'i8', value })
export const i16 = (value: number): ThriftValue => ({ is: 'i16', value })
export const i32 = (value: number): ThriftValue => ({ is: 'i32', value })
/** A 64-bit integer within ±2^53. */
export const i64 = (value: number): ThriftValue => ({ is: 'i64', value })
export const binary = (value: Uint8Array): ThriftValue => ({ is: 'binary', value })
export const string = (value: string): ThriftValue => ({ is: 'binary', value: Buffer.from(value, 'utf8') })
export const list = (of: ThriftValue['is'], items: readonly ThriftValue[]): ThriftValue => ({
  is: 'list',
  of,
  items,
})
export const struct = (...fields: ThriftField[]): ThriftValue => ({ is: 'struct', fields })

/** The bytes of a value in the compact protocol. */
export function encodeThrift(value: ThriftValue): Uint8Array {
  const out: number[] = []
  writeValue(value, out)
  return Uint8Array.from(out)
}

function writeValue(value: ThriftValue, out: number[]): void {
  switch (value.is) {
    case 'bool':
      out.push(value.value ? 1 : 2)
      break
    case 'i8':
      out.push(value.value & 0xff)
      break
    case 'i16':
    case 'i32':
    case 'i64':
      writeVarint(value.value >= 0 ? value.value * 2 : -value.value * 2 - 1, out)
      break
    case 'binary':
      writeVarint(value.value.length, out)
      for (const byte of value.value) out.push(byte)
      break
    case 'list': {
      const size = value.items.length
      out.push((size < 15 ? size << 4 : 0xf0) | TYPE_CODES[value.of])
      if (size >= 15) writeVarint(size, out)
      for (const item of value.items) writeValue(item, out)
      break
    }
    case 'struct':
      writeStruct(value.fields, out)
      break
  }
}

function writeStruct(fields: readonly ThriftField[], out: number[]): void {
  let last = 0
  for (const [id, value] of fields) {
    if (!value) continue
    const code = value.is === 'bool' && !value.value ? 2 : TYPE_CODES[value.is]
    if (id - last <= 15) out.push(((id - last) << 4) | code)
    else {
      out.push(code)
      writeVarint(id * 2, out)
    }
    if (value.is !== 'bool') writeValue(value, out)
    last = id
  }
  out.push(0)
}

function writeVarint(value: number, out: number[]): void {
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  out.push(rest)
}
