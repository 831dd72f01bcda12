import type { DataType, Schema, TimeUnit } from '@omni/spec'

const INT_TAGS = { 8: 0x10, 16: 0x11, 32: 0x12, 64: 0x13 } as const
const FLOAT_TAGS = { 16: 0x20, 32: 0x21, 64: 0x22 } as const
const UNITS: Readonly<Record<TimeUnit, number>> = { s: 0, ms: 1, us: 2, ns: 3 }
const PREFIX = new TextEncoder().encode('omni-sha256/1')

/** The type tag of docs/spec/digest.md, one byte. */
export function tagOf(type: DataType): number {
  switch (type.kind) {
    case 'null':
      return 0x00
    case 'bool':
      return 0x01
    case 'int':
      return INT_TAGS[type.bits] + (type.signed ? 0 : 8)
    case 'float':
      return FLOAT_TAGS[type.bits]
    case 'decimal':
      return type.bits === 128 ? 0x30 : 0x31
    case 'utf8':
      return 0x40
    case 'binary':
      return 0x41
    case 'fixed':
      return 0x42
    case 'date':
      return 0x50
    case 'time':
      return 0x51
    case 'timestamp':
      return 0x52
    case 'duration':
      return 0x53
    case 'list':
      return 0x60
    case 'struct':
      return 0x61
    case 'map':
      return 0x62
  }
}

/** Data of leaf 0: names and types of the columns. Nullability and source types are not part of it. */
export function schemaBytes(schema: Schema): Uint8Array {
  const out: Uint8Array[] = [PREFIX, u32(schema.fields.length)]
  for (const field of schema.fields) {
    out.push(...text(field.name))
    writeType(field.type, out)
  }
  return Buffer.concat(out)
}

function writeType(type: DataType, out: Uint8Array[]): void {
  out.push(Uint8Array.of(tagOf(type)))
  switch (type.kind) {
    case 'decimal':
      out.push(Uint8Array.of(type.precision, type.scale & 0xff))
      break
    case 'fixed':
      out.push(u32(type.bytes))
      break
    case 'time':
    case 'duration':
      out.push(Uint8Array.of(UNITS[type.unit]))
      break
    case 'timestamp':
      out.push(Uint8Array.of(UNITS[type.unit], type.zone === null ? 0 : 1))
      if (type.zone !== null) out.push(...text(type.zone))
      break
    case 'list':
      writeType(type.item.type, out)
      break
    case 'struct':
      out.push(u32(type.fields.length))
      for (const field of type.fields) {
        out.push(...text(field.name))
        writeType(field.type, out)
      }
      break
    case 'map':
      writeType(type.key.type, out)
      writeType(type.value.type, out)
      break
  }
}

/** A 32-bit length, little-endian. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

/** A length and that many bytes of UTF-8. */
export function text(value: string): [Uint8Array, Uint8Array] {
  const bytes = new TextEncoder().encode(value)
  return [u32(bytes.length), bytes]
}
