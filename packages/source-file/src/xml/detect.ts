import { isFault } from '@omni/spec'
import type { Head } from '../format.ts'
import { headText } from './encoding.ts'

const NAMES = /\.(?:xml|rss|atom|gpx|kml|xhtml|svg|xbrl|wsdl|xsd)$/i

/** How surely a head is XML: by its declaration, or by its first element and the name. */
export function detectXml({ bytes }: Head, fileName: string): number {
  const text = startText(bytes)
  if (/^<\?xml[\s?]/.test(text)) return 0.96
  if (!/^<(?:[\p{L}_][^<]*[\s/>]|!--|!DOCTYPE\s)/u.test(text)) return 0
  return NAMES.test(fileName) ? 0.96 : 0.8
}

/** Markup is ASCII in all encodings but UTF-16, and a wrong one is told when the file is read. */
function startText(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 1024)
  try {
    return headText(start).trimStart()
  } catch (error) {
    if (isFault(error)) return Buffer.from(start).toString('latin1').trimStart()
    throw error
  }
}
