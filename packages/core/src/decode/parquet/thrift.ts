import { damaged } from '../damaged.ts'

// Thrift compact protocol, reading only: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

/** A struct by field id; integers as numbers, text and bytes as a view. */
export type ThriftStruct = ReadonlyMap<number, ThriftData>
export type ThriftData = boolean | number | Uint8Array | ThriftStruct | readonly ThriftData[]

/** Deeper than any metadata of Parquet goes. */
const MAX_DEPTH = 32

/** Reads one struct at `start`; returns it and where it ends. */
export function decodeThrift(bytes: Uint8Array, start: number): { value: ThriftStruct; end: number } {
  let at = start
  const byte = (): number => {
    const value = bytes[at++]
    if (value === undefined) throw damaged()
    return value
  }
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const next = byte()
      value += (next & 0x7f) * scale
      if (next < 0x80) break
    }
    if (!Number.isSafeInteger(value)) throw damaged()
    return value
  }
  const integer = (): number => {
    const value = varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  const read = (type: number, depth: number): ThriftData => {
    if (depth > MAX_DEPTH) throw damaged()
    switch (type) {
      case 1:
      case 2:
        return byte() === 1
      case 3:
        return (byte() << 24) >> 24
      case 4:
      case 5:
      case 6:
        return integer()
      case 7: {
        const value = bytes.subarray(at, at + 8)
        at += 8
        return value
      }
      case 8: {
        const length = varint()
        if (at + length > bytes.length) throw damaged()
        at += length
        return bytes.subarray(at - length, at)
      }
      case 9:
      case 10: {
        const head = byte()
        const size = head >> 4 === 15 ? varint() : head >> 4
        if (size > bytes.length - at) throw damaged()
        return Array.from({ length: size }, () => read(head & 15, depth + 1))
      }
      case 12:
        return readStruct(depth + 1)
      default:
        throw damaged()
    }
  }
  const readStruct = (depth: number): ThriftStruct => {
    const fields = new Map<number, ThriftData>()
    for (let id = 0; ; ) {
      const head = byte()
      if (head === 0) return fields
      id = head >> 4 === 0 ? integer() : id + (head >> 4)
      const type = head & 15
      fields.set(id, type === 1 || type === 2 ? type === 1 : read(type, depth))
    }
  }
  const value = readStruct(0)
  return { value, end: at }
}

/** Field `id` as a number. */
export function numberAt(struct: ThriftStruct, id: number): number {
  const value = struct.get(id)
  if (typeof value !== 'number') throw damaged()
  return value
}

/** Field `id` as a struct. */
export function structAt(struct: ThriftStruct, id: number): ThriftStruct {
  const value = struct.get(id)
  if (!(value instanceof Map)) throw damaged()
  return value as ThriftStruct
}

/** Field `id` as a list of structs. */
export function structsAt(struct: ThriftStruct, id: number): readonly ThriftStruct[] {
  const value = struct.get(id)
  if (!Array.isArray(value) || !value.every((item) => item instanceof Map)) throw damaged()
  return value as readonly ThriftStruct[]
}
