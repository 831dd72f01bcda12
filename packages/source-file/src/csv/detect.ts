import { isUtf8 } from 'node:buffer'
import type { Head } from '../format.ts'
import { findEncoding, headToUtf8 } from './encoding.ts'
import { sniffHead } from './plan.ts'

const CSV_NAME = /\.(?:csv|tsv|tab|psv)$/i
const TEXT_NAME = /\.(?:txt|dat|text)$/i
const SPACE = 32
const COLON = 58
/** Bytes that a cut may have taken from the last character. */
const CUT_BYTES = 3

/** How surely a head is delimited text: records of one width say so, and the name. */
export function detectCsv(head: Head, fileName: string): number {
  const isNamed = CSV_NAME.test(fileName)
  if (isNamed) return 0.9
  const utf8 = textOf(head)
  if (utf8 === undefined || utf8.length === 0) return 0
  const { columns, records, fitting, delimiter } = sniffHead(utf8, head.complete, fileName, { format: 'csv' })
  const share = records === 0 ? 0 : fitting / records
  // Log lines and columns of fixed width have spaces and colons too.
  const isWeak = delimiter === SPACE || delimiter === COLON
  if (columns > 1 && share > 0.8) return isWeak ? 0.5 : 0.8
  if (columns > 1) return 0.4
  return TEXT_NAME.test(fileName) ? 0.3 : 0.1
}

/** The head as UTF-8, or undefined when it is no text. */
function textOf(head: Head): Uint8Array | undefined {
  try {
    const utf8 = headToUtf8(head.bytes, findEncoding(head.bytes, undefined, head.complete))
    if (utf8.includes(0)) return undefined
    const cuts = head.complete ? [0] : Array.from({ length: CUT_BYTES + 1 }, (_, cut) => cut)
    return cuts.some((cut) => isUtf8(utf8.subarray(0, utf8.length - cut))) ? utf8 : undefined
  } catch {
    return undefined
  }
}
