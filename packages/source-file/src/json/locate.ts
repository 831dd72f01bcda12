import type { Fault } from '@omni/spec'
import { type FileCode, fileFault } from '../errors.ts'
import type { Captured, Place } from './capture.ts'

/** The fault at a place of the document, as `line 3, column 14 (byte 118)`; columns count bytes. */
export function faultAt(code: FileCode, place: Place, reason: string): Fault {
  const column = place.offset - place.lineStart + 1
  return fileFault(
    code,
    `The JSON document is not valid at line ${place.line}, column ${column} (byte ${place.offset}): ${reason}.`,
  )
}

/** The place `units` UTF-16 units into a captured value, whose decoded text is `text`. */
export function placeIn(captured: Captured, text: string, units: number): Place {
  const before = Buffer.from(text.slice(0, units), 'utf8')
  let { line, lineStart } = captured.at
  for (let at = before.indexOf(0x0a); at !== -1; at = before.indexOf(0x0a, at + 1)) {
    line++
    lineStart = captured.at.offset + at + 1
  }
  return { offset: captured.at.offset + before.length, line, lineStart }
}
