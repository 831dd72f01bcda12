import type { Head } from '../format.ts'

/** How surely a head is one JSON document, or one JSON value a line: 0 to 1 each. */
export interface JsonScores {
  readonly json: number
  readonly ndjson: number
}

const LINE_NAME = /\.(?:ndjson|jsonl|jsonlines|ldjson)$/i
const DOCUMENT_NAME = /\.(?:json|geojson)$/i
/** Lines that are tried, at most. */
const TRIED_LINES = 10

/** Tells NDJSON from a JSON document by what its lines are; the name decides only where both would do. */
export function scoreJson(head: Head, fileName: string): JsonScores {
  const text = Buffer.from(head.bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  const isLineName = LINE_NAME.test(fileName)
  const isDocumentName = DOCUMENT_NAME.test(fileName)
  if (!/^[ \t\r\n]*[[{]/.test(text)) {
    // Numbers, words and strings alone look like many things.
    return { json: isDocumentName ? 0.95 : 0, ndjson: isLineName ? 0.95 : 0 }
  }
  const { tried, whole, joined } = tryLines(text, head.complete)
  if (joined * 2 > tried) return { json: 0.95, ndjson: 0.3 }
  if (tried >= 2 && whole * 2 >= tried) return { json: 0.3, ndjson: 0.97 }
  if (tried === 1 && whole === 1)
    return isLineName ? { json: 0.3, ndjson: 0.97 } : { json: 0.95, ndjson: 0.5 }
  if (isLineName && !/^[ \t\r\n]*[[{]\s*\n/.test(text)) return { json: 0.5, ndjson: 0.95 }
  return { json: 0.95, ndjson: isLineName ? 0.6 : 0.1 }
}

/** Lines with something on them, how many are an array or object by themselves, and how many several objects. */
function tryLines(text: string, complete: boolean): { tried: number; whole: number; joined: number } {
  let tried = 0
  let whole = 0
  let joined = 0
  let start = 0
  while (start < text.length && tried < TRIED_LINES) {
    const found = text.indexOf('\n', start)
    if (found === -1 && !complete) break
    const end = found === -1 ? text.length : found
    const line = text.slice(start, end).trim()
    start = end + 1
    if (line === '') continue
    tried++
    if (isContainer(line)) whole++
    else if (line.startsWith('{') && isContainer(`[${line.replaceAll(/\}\s*\{/g, '},{')}]`)) joined++
  }
  return { tried, whole, joined }
}

function isContainer(line: string): boolean {
  if (!/^[[{]/.test(line)) return false
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
