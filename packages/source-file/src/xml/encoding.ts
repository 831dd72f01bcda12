import { TextDecoder } from 'node:util'
import { xmlFault } from './errors.ts'

/** First bytes that tell the encoding; https://www.w3.org/TR/xml/#sec-guessing */
const STARTS: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0x3c, 0x00], 'utf-16le'],
  [[0x00, 0x3c], 'utf-16be'],
]

/** The encoding by byte order mark, pattern of the first characters or XML declaration; else UTF-8. */
export function findXmlEncoding(head: Uint8Array): string {
  const start = STARTS.find(([bytes]) => bytes.every((byte, i) => head[i] === byte))
  if (start) return start[1]
  const declaration = Buffer.from(head.subarray(0, 1024)).toString('latin1')
  const label = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(declaration)?.[1]
  // A declaration of one byte a character that claims UTF-16 was converted without being corrected.
  if (label === undefined || /^utf-?16/i.test(label)) return 'utf-8'
  return createXmlDecoder(label).encoding
}

/** A decoder that drops the byte order mark and refuses what is not of the encoding. */
export function createXmlDecoder(label: string): TextDecoder {
  try {
    return new TextDecoder(label, { fatal: true })
  } catch (error) {
    throw xmlFault('file.xml.encoding', 'The XML declaration names an encoding that is not known.', error)
  }
}

/** The start of a file as text; a character that the cut broke is left out. */
export function headText(head: Uint8Array): string {
  return decode(createXmlDecoder(findXmlEncoding(head)), head, true)
}

/** The pieces of a file as text. */
export async function* textOf(
  pieces: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<string, void, void> {
  const decoder = createXmlDecoder(encoding)
  for await (const piece of pieces) yield decode(decoder, piece, true)
  yield decode(decoder, new Uint8Array(), false)
}

function decode(decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream })
  } catch (error) {
    throw xmlFault('file.xml.encoding', `The file is not valid ${decoder.encoding}.`, error)
  }
}
