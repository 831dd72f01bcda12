/** One line of a block, by the bytes. */
export interface Line {
  readonly start: number
  /** Exclusive; the line end is not part of it. */
  readonly end: number
  /** Colons after a quote: names of objects in the line, or more where strings hold such a colon. */
  readonly names: number
  /** True when a number may be one that a double cannot hold. */
  readonly exact: boolean
  readonly blank: boolean
}

const OTHER = 0
const SPACE = 1
const DIGIT = 2
const QUOTE = 3
const COLON = 4
const EXPONENT = 5
const OPENER = 6
const NEWLINE = 7

/** Class of each byte, for {@link scanLines}. */
const CLASSES: Uint8Array = classify()

function classify(): Uint8Array {
  const classes = new Uint8Array(256)
  const put = (text: string, kind: number): void => {
    for (const char of text) classes[char.charCodeAt(0)] = kind
  }
  put(' \t\r', SPACE)
  put('0123456789.', DIGIT)
  put('"', QUOTE)
  put(':', COLON)
  put('eE', EXPONENT)
  put(',[-', OPENER)
  put('\n', NEWLINE)
  return classes
}

/** Digits that a double always holds: IEEE 754 binary64 keeps any 15. */
const SAFE_DIGITS = 15

/**
 * Calls `visit` for each line of `bytes[0, to)`, in one pass. The last line needs no line end. `visit`
 * returns false to stop.
 */
export function scanLines(bytes: Uint8Array, to: number, visit: (line: Line) => boolean): void {
  let start = 0
  while (start < to) {
    let names = 0
    let exact = false
    let blank = true
    let before = OPENER // class of the last byte that is no white space
    let last = OPENER // class of the last byte
    let run = 0 // digits of a number so far; 0 outside of one
    let at = start
    for (; at < to; at++) {
      const kind = CLASSES[bytes[at] as number] as number
      if (kind === OTHER) {
        run = 0
        before = last = OTHER
        continue
      }
      if (kind === NEWLINE) break
      if (kind === DIGIT) {
        if (run > 0) {
          if (++run > SAFE_DIGITS) exact = true
        } else if (last === OPENER || last === COLON || last === SPACE) run = 1
      } else {
        if (kind === EXPONENT && run > 0) exact = true
        run = 0
        if (kind === COLON && before === QUOTE) names++
      }
      last = kind
      if (kind !== SPACE) {
        before = kind
        blank = false
      }
    }
    if (blank && at > start) blank = isBlank(bytes, start, at)
    const end = at > start && bytes[at - 1] === 0x0d ? at - 1 : at
    if (!visit({ start, end, names, exact, blank })) return
    start = at + 1
  }
}

/** The loop above does not unset `blank` on plain bytes, to be fast; lines of those alone are rare. */
function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (CLASSES[bytes[at] as number] !== SPACE) return false
  return true
}
