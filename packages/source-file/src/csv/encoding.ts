import { TextDecoder } from 'node:util'
import { loadKernelsSync } from '@omni/kernels'
import { guessEncoding } from './charset.ts'
import { csvFault } from './errors.ts'

/** Byte order marks, https://encoding.spec.whatwg.org/#bom-sniff, and those of UTF-32 before the shorter ones. */
const MARKS: readonly (readonly [readonly number[], string])[] = [
  [[0xff, 0xfe, 0, 0], 'utf-32le'],
  [[0, 0, 0xfe, 0xff], 'utf-32be'],
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
]

/** How the bytes of a file become UTF-8. */
export interface Encoding {
  readonly name: string
  /** Bytes of the mark at the start. */
  readonly markBytes: number
  /** For a person: how it was found. */
  readonly why: string
}

/** The encoding that the option or a byte order mark names; else what the bytes look like. */
export function findEncoding(head: Uint8Array, label: string | undefined, complete: boolean): Encoding {
  const mark = MARKS.find(([bytes]) => bytes.every((byte, i) => head[i] === byte))
  if (label === undefined) {
    if (mark) return { name: mark[1], markBytes: mark[0].length, why: 'byte order mark' }
    return { ...guessEncoding(head, complete), markBytes: 0 }
  }
  const { encoding: name, release } = createDecoder(label)
  release?.()
  const marked = MARKS.find(([bytes, one]) => one === name && bytes.every((byte, i) => head[i] === byte))
  return { name, markBytes: marked?.[0].length ?? 0, why: 'as told' }
}

/** Takes pieces of bytes that end anywhere and gives UTF-8, valid until the next; throws where they are not of the encoding. */
interface Decoder {
  readonly encoding: string
  decode(bytes: Uint8Array, options: { readonly stream: boolean }): Uint8Array
  release?(): void
}

function createDecoder(label: string): Decoder {
  const wide = /^utf-?32(le|be)?$/i.exec(label.trim())
  if (wide) return createUtf32Decoder(wide[1]?.toLowerCase() !== 'be')
  try {
    const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true })
    const { encoding } = decoder
    if (encoding === 'utf-16le' || encoding === 'utf-16be') return createUtf16Decoder(encoding)
    return { encoding, decode: (bytes, options) => Buffer.from(decoder.decode(bytes, options)) }
  } catch (error) {
    throw csvFault('file.csv.encoding', 'The encoding is not a known label.', error)
  }
}

function createUtf16Decoder(encoding: 'utf-16le' | 'utf-16be'): Decoder {
  const decoder = loadKernelsSync().createUtf16Decoder(encoding === 'utf-16be')
  return {
    encoding,
    decode(piece, { stream }) {
      const text = decoder.decode(piece, !stream)
      if (text === null) throw new RangeError('Half of a pair stands alone.')
      return text
    },
    release: decoder.release,
  }
}

/** UTF-32, which no web standard has. */
function createUtf32Decoder(isLittle: boolean): Decoder {
  let rest: Uint8Array = new Uint8Array()
  return {
    encoding: isLittle ? 'utf-32le' : 'utf-32be',
    decode(piece, { stream }) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      const whole = bytes.length & ~3
      rest = new Uint8Array(bytes.subarray(whole))
      if (!stream && rest.length > 0) throw new RangeError('The last character is not whole.')
      const view = new DataView(bytes.buffer, bytes.byteOffset, whole)
      const parts: string[] = []
      for (let at = 0; at < whole; at += 4) {
        const code = view.getUint32(at, isLittle)
        if (code > 0x10_ffff || (code >= 0xd800 && code < 0xe000))
          throw new RangeError('No character has this code.')
        parts.push(String.fromCodePoint(code))
      }
      return Buffer.from(parts.join(''))
    },
  }
}

/** The start of a file as UTF-8; a character that the cut broke is left out. */
export function headToUtf8(head: Uint8Array, encoding: Encoding): Uint8Array {
  const bytes = head.subarray(encoding.markBytes)
  if (encoding.name === 'utf-8') return bytes
  const decoder = createDecoder(encoding.name)
  try {
    return Buffer.from(decode(decoder, bytes, encoding, true))
  } finally {
    decoder.release?.()
  }
}

/** Pieces as UTF-8 without byte order mark, each valid until the next. UTF-8 itself passes unchecked: its rows are judged one by one. */
export async function* toUtf8(
  pieces: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array, void, void> {
  const decoder = encoding.name === 'utf-8' ? undefined : createDecoder(encoding.name)
  let mark = encoding.markBytes
  try {
    for await (let piece of pieces) {
      if (mark > 0) {
        const cut = Math.min(mark, piece.length)
        mark -= cut
        piece = piece.subarray(cut)
      }
      if (piece.length > 0) yield decoder ? decode(decoder, piece, encoding, true) : piece
    }
    if (!decoder) return
    const rest = decode(decoder, new Uint8Array(), encoding, false)
    if (rest.length > 0) yield rest
  } finally {
    decoder?.release?.()
  }
}

function decode(decoder: Decoder, piece: Uint8Array, encoding: Encoding, stream: boolean): Uint8Array {
  try {
    return decoder.decode(piece, { stream })
  } catch (error) {
    throw brokenEncoding(encoding, error)
  }
}

function brokenEncoding(encoding: Encoding, error: unknown): unknown {
  return csvFault('file.csv.encoding.broken', `The file is not valid ${encoding.name}.`, error)
}
