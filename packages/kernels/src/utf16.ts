import { type Exports, ensureMemory } from './module.ts'

/** Turns UTF-16 (RFC 2781, without byte order mark) into UTF-8, piece by piece. */
export interface Utf16Decoder {
  /**
   * The next piece, which may end anywhere, even inside a character; `final`: nothing follows. Null where it is no UTF-16.
   * Valid until the next call.
   */
  decode(piece: Uint8Array, final: boolean): Uint8Array | null
  /** Gives its memory to the next decoder. Call it once, last. */
  release(): void
}

/** The specification of `createUtf16Decoder`. */
export function createUtf16DecoderTwin(isBig: boolean): Utf16Decoder {
  const decoder = new TextDecoder(isBig ? 'utf-16be' : 'utf-16le', { fatal: true, ignoreBOM: true })
  return {
    decode(piece, final) {
      try {
        return Buffer.from(decoder.decode(piece, { stream: !final }))
      } catch {
        return null
      }
    },
    release() {},
  }
}

/** A decoder on an instance that is its own until its release. */
export function createUtf16DecoderWasm(exports: Exports, isBig: boolean, release: () => void): Utf16Decoder {
  const input = (exports.heapBase() + 15) & ~15
  // Bytes at the end of the piece before that are no whole character: at most three.
  let rest: Uint8Array = new Uint8Array(0)
  return {
    release,
    decode(piece, final) {
      const size = rest.length + piece.length
      const units = size >> 1
      const out = (input + size + 31) & ~15
      ensureMemory(exports.memory, out + 3 * units + 32)
      const memory = new Uint8Array(exports.memory.buffer)
      memory.set(rest, input)
      memory.set(piece, input + rest.length)
      const written = exports.utf16ToUtf8(input, units, isBig ? 1 : 0, out)
      if (written < 0) return null
      rest = memory.slice(input + 2 * exports.utf16Read(), input + size)
      if (final && rest.length > 0) return null
      return memory.subarray(out, out + written)
    },
  }
}
