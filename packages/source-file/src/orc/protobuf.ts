import { damaged } from './errors.ts'

/** Takes one field: a number for a varint, bytes for anything with a length; others are passed over. */
export type FieldVisitor = (field: number, value: number | Uint8Array) => void

/**
 * Walks one Protocol Buffers message; https://protobuf.dev/programming-guides/encoding/ . A varint beyond 2^53 comes as
 * the nearest double, which is no safe integer.
 */
export function readMessage(bytes: Uint8Array, visit: FieldVisitor): void {
  let at = 0
  const varint = (): number => {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++]
      if (byte === undefined) throw damaged('its metadata ends in the middle of a number')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw damaged('its metadata holds a number that does not end')
  }
  while (at < bytes.length) {
    const key = varint()
    const field = Math.floor(key / 8)
    const wire = key % 8
    if (wire === 0) visit(field, varint())
    else if (wire === 2) {
      const length = varint()
      if (length > bytes.length - at) throw damaged('its metadata ends in the middle of a field')
      visit(field, bytes.subarray(at, at + length))
      at += length
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4
      if (at > bytes.length) throw damaged('its metadata ends in the middle of a field')
    } else throw damaged('its metadata holds a field of a kind that is not known')
  }
}

/** The numbers of a repeated field, packed or one. */
export function numbersOf(value: number | Uint8Array): readonly number[] {
  if (typeof value === 'number') return [value]
  const numbers: number[] = []
  for (let at = 0; at < value.length; ) {
    let number = 0
    let scale = 1
    for (let byte = 0x80; byte >= 0x80; scale *= 128) {
      byte = value[at++] ?? 0
      number += (byte & 0x7f) * scale
    }
    numbers.push(number)
  }
  return numbers
}

/** A whole number that the metadata must hold exactly. */
export function countOf(value: number | Uint8Array, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw damaged(`${what} is out of range`)
  return value
}

/** An embedded message or text. */
export function bytesOf(value: number | Uint8Array, what: string): Uint8Array {
  if (typeof value === 'number') throw damaged(`${what} is a number`)
  return value
}
