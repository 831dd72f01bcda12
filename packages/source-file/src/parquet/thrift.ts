import { fileFault } from '../errors.ts'

/**
 * Reads the Thrift compact protocol, as far as Parquet's metadata needs it.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export interface ThriftReader {
  /** Index of the next byte. */
  readonly at: number
  readonly bytes: Uint8Array
  /** Field by field; what `visit` does not read, by returning false, is skipped. */
  struct(visit: (field: number, type: number, headerAt: number) => boolean): void
  /** Calls `item` for each; `item` has to read it. */
  list(item: (index: number, type: number) => void): void
  /** i16, i32 and i64, zigzag. */
  integer(): bigint
  binary(): Uint8Array
  skip(type: number): void
}

/** Types of fields that callers name. */
export const BINARY = 8
export const LIST = 9
export const STRUCT = 12
export const I32 = 5
export const I64 = 6

/** Metadata of Parquet is some eight deep; more is an attack on the stack. */
const MAX_DEPTH = 32

/** A {@link ThriftReader} from `at`. Every damage is the fault `file.parquet.corrupt`. */
export function createThriftReader(bytes: Uint8Array, start = 0): ThriftReader {
  let at = start
  let depth = 0

  const byte = (): number => {
    const value = bytes[at++]
    if (value === undefined) throw damaged()
    return value
  }
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const part = byte()
      value |= BigInt(part & 0x7f) << shift
      if (part < 0x80) return value
    }
    throw damaged()
  }
  const length = (): number => {
    const value = varint()
    // Everything that has a length takes at least a byte an item, so more than is left is a lie.
    if (value > BigInt(bytes.length - at)) throw damaged()
    return Number(value)
  }
  const integer = (): bigint => {
    const value = varint()
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  }
  const nested = (work: () => void): void => {
    if (++depth > MAX_DEPTH) throw damaged()
    work()
    depth--
  }
  const struct = (visit: (field: number, type: number, headerAt: number) => boolean): void =>
    nested(() => {
      for (let field = 0; ; ) {
        const headerAt = at
        const header = byte()
        if (header === 0) return
        const type = header & 0x0f
        field = header >> 4 === 0 ? Number(integer()) : field + (header >> 4)
        if (!visit(field, type, headerAt)) skip(type)
      }
    })
  const list = (item: (index: number, type: number) => void): void =>
    nested(() => {
      const header = byte()
      const count = header >> 4 === 15 ? length() : header >> 4
      for (let i = 0; i < count; i++) item(i, header & 0x0f)
    })
  const binary = (): Uint8Array => {
    const size = length()
    at += size
    return bytes.subarray(at - size, at)
  }
  const skip = (type: number): void => {
    if (type === 1 || type === 2) return
    if (type === 3) byte()
    else if (type >= 4 && type <= 6) varint()
    else if (type === 7) at += 8
    else if (type === BINARY) binary()
    else if (type === LIST || type === 10) list((_, item) => skipItem(item))
    else if (type === 11) skipMap()
    else if (type === STRUCT) struct(() => false)
    else throw damaged()
    if (at > bytes.length) throw damaged()
  }
  // A boolean takes a byte in a list, and none as a field.
  const skipItem = (type: number): void => {
    if (type === 1 || type === 2) byte()
    else skip(type)
  }
  const skipMap = (): void =>
    nested(() => {
      const count = length()
      if (count === 0) return
      const types = byte()
      for (let i = 0; i < count; i++) {
        skipItem(types >> 4)
        skipItem(types & 0x0f)
      }
    })

  return {
    get at() {
      return at
    },
    bytes,
    struct,
    list,
    integer,
    binary,
    skip,
  }
}

function damaged(): Error {
  return fileFault('file.parquet.corrupt', 'The metadata of the Parquet file is damaged.')
}
