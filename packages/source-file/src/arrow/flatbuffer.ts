import { corrupt } from './errors.ts'

/**
 * A table of a FlatBuffer, read by the numbers of its fields; all places are checked to lie inside the bytes.
 * https://flatbuffers.dev/internals/
 */
export interface FlatTable {
  /** A scalar; `fallback` where it is left out. */
  int8(field: number, fallback?: number): number
  int16(field: number, fallback?: number): number
  int32(field: number, fallback?: number): number
  int64(field: number, fallback?: bigint): bigint
  flag(field: number): boolean
  text(field: number): string | undefined
  table(field: number): FlatTable | undefined
  tables(field: number): readonly FlatTable[]
  /** Structs of `width` bytes in a row. */
  structs(field: number, width: number): { readonly count: number; readonly view: DataView }
}

/** Tables that one FlatBuffer may have: as many as a schema of a hundred thousand fields needs. */
const MAX_TABLES = 1_000_000

/** The root table. */
export function readFlatRoot(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let tables = 0

  const check = (at: number, length: number): number => {
    if (at < 0 || length < 0 || at + length > bytes.length)
      throw corrupt('its metadata points outside of itself')
    return at
  }
  const reference = (at: number): number => at + view.getUint32(check(at, 4), true)
  const vector = (at: number, width: number): { readonly first: number; readonly count: number } => {
    const start = reference(at)
    const count = view.getUint32(check(start, 4), true)
    check(start + 4, count * width)
    return { first: start + 4, count }
  }

  const tableAt = (at: number): FlatTable => {
    // Tables may be shared, so a few bytes could stand for a tree without end.
    if (++tables > MAX_TABLES) throw corrupt('its metadata has too many parts')
    const vtable = at - view.getInt32(check(at, 4), true)
    const vtableBytes = view.getUint16(check(vtable, 4), true)
    check(vtable, vtableBytes)
    const place = (field: number): number | undefined => {
      const slot = 4 + field * 2
      if (slot + 2 > vtableBytes) return undefined
      const offset = view.getUint16(vtable + slot, true)
      return offset === 0 ? undefined : at + offset
    }
    const scalar = <T>(field: number, width: number, fallback: T, read: (at: number) => T): T => {
      const found = place(field)
      return found === undefined ? fallback : read(check(found, width))
    }
    return {
      int8: (field, fallback = 0) => scalar(field, 1, fallback, (found) => view.getUint8(found)),
      int16: (field, fallback = 0) => scalar(field, 2, fallback, (found) => view.getInt16(found, true)),
      int32: (field, fallback = 0) => scalar(field, 4, fallback, (found) => view.getInt32(found, true)),
      int64: (field, fallback = 0n) => scalar(field, 8, fallback, (found) => view.getBigInt64(found, true)),
      flag: (field) => scalar(field, 1, false, (found) => view.getUint8(found) !== 0),
      text(field) {
        const found = place(field)
        if (found === undefined) return undefined
        const { first, count } = vector(found, 1)
        return Buffer.from(bytes.subarray(first, first + count)).toString('utf8')
      },
      table(field) {
        const found = place(field)
        return found === undefined ? undefined : tableAt(reference(found))
      },
      tables(field) {
        const found = place(field)
        if (found === undefined) return []
        const { first, count } = vector(found, 4)
        return Array.from({ length: count }, (_, i) => tableAt(reference(first + i * 4)))
      },
      structs(field, width) {
        const found = place(field)
        if (found === undefined) return { count: 0, view: new DataView(new ArrayBuffer(0)) }
        const { first, count } = vector(found, width)
        return { count, view: new DataView(bytes.buffer, bytes.byteOffset + first, count * width) }
      },
    }
  }
  return tableAt(reference(0))
}
