import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { excelFault } from '../errors.ts'

/**
 * The bytes of an XML part as valid UTF-8, whatever it is written in (XML 1.0, appendix F): pieces end between
 * characters, and a byte order mark is gone.
 */
export async function* utf8Pieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let decoder: TextDecoder | undefined
  let isFirst = true
  let rest: Uint8Array = new Uint8Array(0)
  for await (const next of source) {
    let piece = rest.length > 0 ? Buffer.concat([rest, next]) : next
    if (isFirst) {
      if (piece.length < 4) {
        rest = piece
        continue
      }
      const label = encodingOf(piece)
      if (label !== 'utf-8') decoder = createDecoder(label)
      else if (piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf) piece = piece.subarray(3)
      isFirst = false
    }
    rest = piece.subarray(0, 0)
    if (decoder) {
      yield encode(decoder, piece)
      continue
    }
    const cut = piece.length - tailLength(piece)
    rest = piece.subarray(cut)
    yield validated(piece.subarray(0, cut))
  }
  if (decoder) yield encode(decoder)
  else if (rest.length > 0) yield validated(rest)
}

function validated(bytes: Uint8Array): Uint8Array {
  if (!isUtf8(bytes)) throw excelFault('file.excel.xml', 'An XML part is not in the encoding that it names.')
  return bytes
}

function encode(decoder: TextDecoder, piece?: Uint8Array): Uint8Array {
  try {
    return Buffer.from(piece ? decoder.decode(piece, { stream: true }) : decoder.decode(), 'utf8')
  } catch (error) {
    throw excelFault('file.excel.xml', 'An XML part is not in the encoding that it names.', error)
  }
}

/** Bytes at the end that begin a character and do not end it. */
function tailLength(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0
  }
  return 0
}

function encodingOf(head: Uint8Array): string {
  const [a, b] = head
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return 'utf-16le'
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return 'utf-16be'
  const start = Buffer.from(head.subarray(0, 200)).toString('latin1')
  const label = /^[^<]{0,3}<\?xml[^>]{0,150}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(start)?.[1]
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
  return label === undefined || /^(?:utf-?8|us-ascii|ascii|utf-?16.*|ucs-?2)$/i.test(label)
    ? 'utf-8'
    : label.toLowerCase()
}

function createDecoder(label: string): TextDecoder {
  try {
    return new TextDecoder(label, { fatal: true })
  } catch (error) {
    throw excelFault('file.excel.xml', 'An XML part names an encoding that is not known.', error)
  }
}
