import { isUtf8 } from 'node:buffer'
import type { KindName } from './kinds.ts'

// The second look at what is not plain ASCII. Strings and regular expressions only, and no code of the detectors.

const UNICODE_ADDRESS = /[\p{L}\d][\p{L}\d._+-]{0,40}@(?:[\p{L}\d-]{1,63}\.){1,8}\p{L}{2}/u
const UNICODE_INTERNATIONAL = /(?<![\p{L}\p{N}_+)\]\\%;])\+[1-9][0-9]{7,14}(?![\p{L}\p{N}])/u
const ESCAPE = /\\+u([0-9A-Fa-f]{4})/g
const PERCENT_RUN = /(?:%(?:25)*(?:[89A-Fa-f][0-9A-Fa-f]|40|2[Bb]))+/g
const ZEROS = [0x660, 0x6f0, 0x966, 0xff10]

/** The class of what still stands in a cell once its JSON escapes and percent codes are written out. */
export function decodedKind(bytes: Buffer, start: number, end: number): KindName | undefined {
  const cell = bytes.subarray(start, end)
  if (!isUtf8(cell)) return undefined
  const text = toPlain(
    cell
      .toString()
      .replaceAll(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replaceAll(PERCENT_RUN, (run) => Buffer.from(run.replaceAll(/%(?:25)*/g, ''), 'hex').toString()),
  )
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (isAddress(text.slice(Math.max(0, at - 42), at + 96))) return 'email'
  }
  for (let at = text.indexOf('+'); at >= 0; at = text.indexOf('+', at + 1)) {
    const first = Math.max(0, at - 1)
    // A window that ends inside a longer run of digits must not count for a plus further on.
    const hit = UNICODE_INTERNATIONAL.exec(text.slice(first, at + 18))
    if (hit !== null && first + hit.index === at) return 'phone'
  }
  return undefined
}

/** True when UTF-8 bytes around one at sign hold an address in letters of any script. */
export function isAddressOfAnyScript(window: Buffer): boolean {
  return isAddress(toPlain(window.toString()))
}

function isAddress(text: string): boolean {
  const hit = UNICODE_ADDRESS.exec(text)
  if (hit === null) return false
  // In `\n@x.org` and `%20@x.org` what stands before the at sign is the end of a code.
  const before = text[hit.index - 1]
  return before !== '\\' && before !== '%'
}

/** Fullwidth signs and digits of other scripts as ASCII. */
function toPlain(text: string): string {
  return text.replaceAll(/[＠＋．\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\uff10-\uff19]/g, (c) => {
    const code = c.charCodeAt(0)
    const zero = ZEROS.find((first) => code >= first && code < first + 10)
    return zero === undefined ? String.fromCharCode(code - 0xfee0) : String(code - zero)
  })
}
