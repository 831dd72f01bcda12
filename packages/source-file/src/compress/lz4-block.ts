/**
 * Decodes one LZ4 block behind `start` of `output`, whose bytes before it are history, and gives where its output ends;
 * -1 where the block is damaged or does not fit. https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */
export function decodeLz4Block(input: Uint8Array, output: Uint8Array, start: number): number {
  const inputEnd = input.length
  const outputEnd = output.length
  let from = 0
  let to = start
  while (from < inputEnd) {
    const token = input[from++]!
    let literals = token >> 4
    if (literals === 15) {
      let more = 255
      while (more === 255) {
        if (from >= inputEnd) return -1
        more = input[from++]!
        literals += more
      }
    }
    if (literals > inputEnd - from || literals > outputEnd - to) return -1
    if (literals > 32) {
      output.set(input.subarray(from, from + literals), to)
      to += literals
      from += literals
    } else for (const end = from + literals; from < end; ) output[to++] = input[from++]!
    // The last sequence is literals only.
    if (from === inputEnd) return to
    if (inputEnd - from < 2) return -1
    const distance = input[from]! | (input[from + 1]! << 8)
    from += 2
    let length = (token & 15) + 4
    if (length === 19) {
      let more = 255
      while (more === 255) {
        if (from >= inputEnd) return -1
        more = input[from++]!
        length += more
      }
    }
    if (distance === 0 || distance > to || length > outputEnd - to) return -1
    copyMatch(output, to, distance, length)
    to += length
  }
  // A block ends with literals, and an empty one has a token all the same.
  return -1
}

/** Copies what is `distance` back to `to`; it may overlap, and repeats then. */
export function copyMatch(output: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length && length > 48) {
    output.copyWithin(to, to - distance, to - distance + length)
    return
  }
  let from = to - distance
  for (const end = to + length; to < end; ) output[to++] = output[from++]!
}

/** One LZ4 block of at most `maxBytes` unpacked, by itself; undefined where it is damaged or larger. */
export function lz4Block(input: Uint8Array, maxBytes: number): Uint8Array | undefined {
  // A block is at most 255 times as long when unpacked.
  const output = new Uint8Array(Math.min(maxBytes, input.length * 255))
  const end = decodeLz4Block(input, output, 0)
  return end < 0 ? undefined : output.subarray(0, end)
}
