import { TextDecoder } from 'node:util'
import { csvFault } from './errors.ts'

/** Byte order marks, https://encoding.spec.whatwg.org/#bom-sniff. */
const MARKS: readonly (readonly [readonly number[], string])[] = [
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

/** The encoding that the option or a byte order mark names; else UTF-8. */
export function findEncoding(head: Uint8Array, label: string | undefined, complete: boolean): Encoding {
  const mark = MARKS.find(([bytes]) => bytes.every((byte, i) => head[i] === byte))
  if (label === undefined) {
    void complete
    return {
      name: mark?.[1] ?? 'utf-8',
      markBytes: mark?.[0].length ?? 0,
      why: mark ? 'byte order mark' : 'valid',
    }
  }
  const name = createDecoder(label).encoding
  return { name, markBytes: mark && mark[1] === name ? mark[0].length : 0, why: 'as told' }
}

function createDecoder(label: string): TextDecoder {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true })
  } catch (error) {
    throw csvFault('file.csv.encoding', 'The encoding is not a known label.', error)
  }
}

/** The start of a file as UTF-8; a character that the cut broke is left out. */
export function headToUtf8(head: Uint8Array, encoding: Encoding): Uint8Array {
  const bytes = head.subarray(encoding.markBytes)
  if (encoding.name === 'utf-8') return bytes
  try {
    return Buffer.from(createDecoder(encoding.name).decode(bytes, { stream: true }))
  } catch (error) {
    throw brokenEncoding(encoding, error)
  }
}

/** Pieces as UTF-8 without byte order mark. UTF-8 itself passes unchecked: its rows are judged one by one. */
export async function* toUtf8(
  pieces: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array, void, void> {
  const decoder = encoding.name === 'utf-8' ? undefined : createDecoder(encoding.name)
  let mark = encoding.markBytes
  for await (let piece of pieces) {
    if (mark > 0) {
      const cut = Math.min(mark, piece.length)
      mark -= cut
      piece = piece.subarray(cut)
    }
    if (piece.length > 0) yield decoder ? decode(decoder, piece, encoding, true) : piece
  }
  if (decoder) {
    const rest = decode(decoder, new Uint8Array(), encoding, false)
    if (rest.length > 0) yield rest
  }
}

function decode(decoder: TextDecoder, piece: Uint8Array, encoding: Encoding, stream: boolean): Uint8Array {
  try {
    return Buffer.from(decoder.decode(piece, { stream }))
  } catch (error) {
    throw brokenEncoding(encoding, error)
  }
}

function brokenEncoding(encoding: Encoding, error: unknown): unknown {
  return csvFault('file.csv.encoding.broken', `The file is not valid ${encoding.name}.`, error)
}
