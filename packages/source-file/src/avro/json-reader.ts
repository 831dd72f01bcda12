import { jsonAt } from '@omni/arrow'
import { createWriter, minBytes, type Widenings } from './create-writer.ts'
import type { Cursor } from './cursor.ts'
import { Damage } from './errors.ts'
import { type AvroType, nullableOf } from './schema.ts'

/** Records inside themselves, at most. */
const MAX_DEPTH = 128

/** Reads one value as JSON text. */
export type JsonReader = (cursor: Cursor, depth: number) => string

/** A reader for values without a column type of their own: numbers keep all digits, bytes are base64. */
export function jsonReader(type: AvroType, path: string, widenings: Widenings): JsonReader {
  switch (type.kind) {
    case 'null':
      return () => 'null'
    case 'recursive': {
      let inner: JsonReader | undefined
      return (cursor, depth) => {
        if (depth > MAX_DEPTH) throw new Damage(`a record is inside itself more than ${MAX_DEPTH} times`)
        inner ??= jsonReader(type.record(), path, widenings)
        return inner(cursor, depth + 1)
      }
    }
    case 'record': {
      const fields = type.fields.map((field) => ({
        head: `${JSON.stringify(field.name)}:`,
        read: jsonReader(field.type, `${path}/${field.name}`, widenings),
      }))
      return (cursor, depth) => `{${fields.map(({ head, read }) => head + read(cursor, depth)).join(',')}}`
    }
    case 'array':
    case 'map':
      return listReader(type, path, widenings)
    case 'union':
      return unionReader(type, path, widenings)
    default: {
      const writer = createWriter(type, false, path, widenings)
      return (cursor) => {
        writer.read(cursor)
        cursor.check()
        return jsonAt(writer.finish(), 0)
      }
    }
  }
}

function listReader(
  type: AvroType & { kind: 'array' | 'map' },
  path: string,
  widenings: Widenings,
): JsonReader {
  const item = jsonReader(type.item, `${path}/item`, widenings)
  const isMap = type.kind === 'map'
  const key = jsonReader({ kind: 'string' }, `${path}/key`, widenings)
  const bytes = minBytes(type.item) + (isMap ? 1 : 0)
  return (cursor, depth) => {
    const items: string[] = []
    for (let count = cursor.items(bytes, 8); count > 0; count = cursor.items(bytes, 8)) {
      for (let i = 0; i < count; i++) {
        items.push(isMap ? `${key(cursor, depth)}:${item(cursor, depth)}` : item(cursor, depth))
      }
      cursor.check()
    }
    return isMap ? `{${items.join(',')}}` : `[${items.join(',')}]`
  }
}

/** A value beside null is itself; in other unions it is named, as in Avro's JSON encoding. */
function unionReader(type: AvroType & { kind: 'union' }, path: string, widenings: Widenings): JsonReader {
  const isPlain = nullableOf(type) !== undefined
  const branches = type.variants.map(({ name, type: variant }) => ({
    head: isPlain || variant.kind === 'null' ? undefined : `{${JSON.stringify(name)}:`,
    read: jsonReader(variant, isPlain ? path : `${path}/${name}`, widenings),
  }))
  return (cursor, depth) => {
    const branch = branches[cursor.int()]
    if (!branch) throw new Damage('a union has a branch that its type lacks')
    const text = branch.read(cursor, depth)
    return branch.head === undefined ? text : `${branch.head}${text}}`
  }
}
