import { TextDecoder } from 'node:util'
import type { Rejected } from '@omni/spec'
import { findEncoding, toUtf8 } from './csv/encoding.ts'
import type { Head } from './format.ts'

/** A line without its end; `text` is undefined where its bytes are not valid, or too many. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string | undefined
  readonly bytes: Uint8Array
}

/** Bytes of one line, at most. */
export const MAX_LINE_BYTES: number = 1024 * 1024

/** The lines of a file in lists, one for each piece; they end with LF, CRLF or the file. */
export async function* readLines(
  pieces: AsyncIterable<Uint8Array>,
  head: Head,
  encoding: string | undefined,
): AsyncGenerator<readonly Line[], void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest: Uint8Array = new Uint8Array(0)
  let number = 0
  let isSkipping = false
  const line = (bytes: Uint8Array): Line => {
    const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length
    const own = bytes.subarray(0, end)
    number++
    if (isSkipping || own.length > MAX_LINE_BYTES) {
      isSkipping = false
      return { number, text: undefined, bytes: own.slice(0, 1024) }
    }
    try {
      return { number, text: decoder.decode(own), bytes: own }
    } catch {
      return { number, text: undefined, bytes: own.slice() }
    }
  }
  for await (const piece of toUtf8(pieces, findEncoding(head.bytes, encoding, head.complete))) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece
    const lines: Line[] = []
    let from = 0
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      lines.push(line(bytes.subarray(from, at)))
      from = at + 1
    }
    // A copy: the memory of a piece may be used again for the next.
    rest = new Uint8Array(bytes.subarray(from))
    if (rest.length > MAX_LINE_BYTES) {
      // Its start is enough to show what it is.
      isSkipping = true
      rest = rest.slice(0, 1024)
    }
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [line(rest)]
}

/** A line that is left out. */
export function rejectLine({ number, bytes }: Line, code: string, reason: string): Rejected {
  return { locator: `line ${number}`, code, reason, raw: Uint8Array.from(bytes) }
}
