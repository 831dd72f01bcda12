import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { fileFault } from '../errors.ts'

/** The page as text: by byte order mark, `<meta>`, or what the bytes can be; https://html.spec.whatwg.org/#determining-the-character-encoding */
export function decodeHtml(bytes: Uint8Array): string {
  const label = labelOf(bytes)
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch (error) {
    throw fileFault('file.html.encoding', `The page is not valid ${label}.`, error)
  }
}

function labelOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  const start = Buffer.from(bytes.subarray(0, 1024)).toString('latin1')
  const label = /<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(start)?.[1]
  if (label !== undefined && isKnown(label)) return /^utf-?16/i.test(label) ? 'utf-8' : label
  return isUtf8(bytes) ? 'utf-8' : 'windows-1252'
}

function isKnown(label: string): boolean {
  try {
    new TextDecoder(label)
    return true
  } catch {
    return false
  }
}
