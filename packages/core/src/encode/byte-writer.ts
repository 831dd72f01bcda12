/** Bytes that grow; the memory is kept across `reset`, so that a worker stays at one size. */
export interface ByteWriter {
  /** Room for at least `count` more bytes; afterwards write into `bytes` from `length` on, then set `length`. */
  reserve(count: number): Uint8Array
  append(bytes: Uint8Array): void
  u32(value: number): void
  reset(): void
  /** What was written, valid until the next call. */
  view(): Uint8Array
  length: number
}

/** Starts with room for `capacity` bytes. */
export function createByteWriter(capacity: number = 1 << 16): ByteWriter {
  let bytes = new Uint8Array(capacity)
  const writer: ByteWriter = {
    length: 0,
    reserve(count) {
      const needed = writer.length + count
      if (needed > bytes.length) {
        const grown = new Uint8Array(Math.max(needed, bytes.length * 2))
        grown.set(bytes.subarray(0, writer.length))
        bytes = grown
      }
      return bytes
    },
    append(more) {
      writer.reserve(more.length).set(more, writer.length)
      writer.length += more.length
    },
    u32(value) {
      const out = writer.reserve(4)
      const at = writer.length
      out[at] = value
      out[at + 1] = value >>> 8
      out[at + 2] = value >>> 16
      out[at + 3] = value >>> 24
      writer.length += 4
    },
    reset() {
      writer.length = 0
    },
    view: () => bytes.subarray(0, writer.length),
  }
  return writer
}
