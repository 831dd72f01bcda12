// White space (RFC 8259, section 2), and the lines that it ends.

/** Line feeds passed, and the first byte after the last. */
export let lines: u32 = 0
export let lineStart: usize = 0
/** Line feeds are white space, as they are in a document, and not where each line is a record. */
let isSpace: bool = true

/** Begins to count anew. */
export function beginLines(lineFeedIsSpace: bool): void {
  isSpace = lineFeedIsSpace
  lines = 0
  lineStart = 0
}

/** Goes back to an earlier count. */
export function restoreLines(count: u32, start: usize): void {
  lines = count
  lineStart = start
}

/** Counts a line that ends before `at`. */
export function passLine(at: usize): void {
  lines++
  lineStart = at
}

/** The first byte from `at` on that is no white space. */
export function skip(at: usize): usize {
  return load<u8>(at) > 32 ? at : skipSpace(at)
}

function skipSpace(at: usize): usize {
  while (true) {
    const byte = <u32>load<u8>(at)
    if (byte === 10) {
      if (!isSpace) return at
      passLine(++at)
      while (load<u32>(at) === 0x20202020) at += 4
      continue
    }
    if (byte !== 32 && byte !== 13 && byte !== 9) return at
    at++
  }
}
