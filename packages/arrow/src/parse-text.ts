import { Buffer } from 'node:buffer'
import type { DataType, Field } from '@omni/spec'
import type { ColumnBuilder } from './builder.ts'
import { createColumnBuilder } from './create-builder.ts'
import { inexact, wrongKind } from './faults.ts'
import { base64, parseExactJson } from './json-text.ts'
import { floatText } from './number-text.ts'
import { valueAt } from './read-column.ts'

/**
 * The value whose canonical text this is: the inverse of `textAt`, in the form of `valueAt`. Throws the fault
 * `arrow.value.*` for text that the type cannot hold exactly. To fill columns, {@link appendText} is faster.
 */
export function parseText(type: DataType, text: string): unknown {
  const builder = createColumnBuilder(type, 1)
  appendText(builder, text)
  return valueAt(builder.finish(), 0)
}

/** Appends the value whose canonical text this is. */
export function appendText(builder: ColumnBuilder, text: string): void {
  const { type } = builder
  switch (type.kind) {
    case 'bool':
      if (text !== 'true' && text !== 'false') throw inexact(type)
      builder.append(text === 'true')
      return
    case 'binary':
    case 'fixed':
      builder.append(fromBase64(text, type))
      return
    case 'list':
    case 'struct':
    case 'map':
      builder.append(fromJson(type, parseJson(text, type)))
      return
    default:
      builder.append(text)
  }
}

/** Appends a value as `parseExactJson` gives it: the inverse of `jsonAt`. */
export function appendJson(builder: ColumnBuilder, json: unknown): void {
  builder.append(fromJson(builder.type, json))
}

function parseJson(text: string, type: DataType): unknown {
  try {
    return parseExactJson(text)
  } catch {
    throw inexact(type)
  }
}

/** A parsed JSON value in a form that the builder of a type takes. */
function fromJson(type: DataType, json: unknown): unknown {
  if (json === null || json === undefined) return null
  switch (type.kind) {
    case 'binary':
    case 'fixed':
      if (typeof json !== 'string') throw wrongKind(type, json)
      return fromBase64(json, type)
    case 'list':
      if (!Array.isArray(json)) throw wrongKind(type, json)
      return json.map((item) => fromJson(type.item.type, item))
    case 'map':
      if (!Array.isArray(json)) throw wrongKind(type, json)
      return json.map((entry) => fromEntry(type, entry))
    case 'struct':
      return fromObject(type.fields, json, type)
    case 'float':
      // The shortest text of a narrow float is another double: it must be read as text of its own width.
      return typeof json === 'number' && type.bits !== 64 ? floatText(json, 64) : json
    default:
      return json
  }
}

function fromEntry(type: DataType & { kind: 'map' }, entry: unknown): unknown {
  if (!Array.isArray(entry) || entry.length !== 2) throw wrongKind(type, entry)
  return [fromJson(type.key.type, entry[0]), fromJson(type.value.type, entry[1])]
}

function fromObject(fields: readonly Field[], json: unknown, type: DataType): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrongKind(type, json)
  const types = new Map(fields.map((field) => [field.name, field.type]))
  // A key without a field stays, so that the builder refuses it.
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      const own = types.get(key)
      return [key, own === undefined ? value : fromJson(own, value)]
    }),
  )
}

function fromBase64(text: string, type: DataType): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  // The decoder skips what is no base64; printing again shows whether it did.
  if (base64(bytes) !== text) throw inexact(type)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
