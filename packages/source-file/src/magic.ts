import type { Head } from './format.ts'

/** Detection by the first bytes alone, given as Latin-1 text. */
export function byMagic(...magics: readonly string[]): (head: Head) => number {
  return ({ bytes }) => {
    const start = Buffer.from(bytes.subarray(0, 32)).toString('latin1')
    return magics.some((magic) => start.startsWith(magic)) ? 1 : 0
  }
}
